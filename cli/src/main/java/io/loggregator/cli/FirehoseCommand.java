package io.loggregator.cli;

import io.loggregator.cli.output.EnvelopeOutput;
import io.loggregator.cli.terminal.Terminal;
import io.loggregator.cli.terminal.VersionText;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code firehose SUBSCRIPTION-ID}. */
@Command(
        name = "firehose",
        description = {
            "Print everything: logs and metrics of all apps and components.",
            "Clients with the same subscription id share the stream, each envelope going to one of them."
        },
        mixinStandardHelpOptions = true,
        versionProvider = VersionText.class,
        sortOptions = false)
final class FirehoseCommand implements Callable<Integer> {
    /** What the server can leave out. */
    enum Filter {
        LOGS,
        METRICS
    }

    private final Terminal terminal;

    @Parameters(index = "0", paramLabel = "SUBSCRIPTION-ID", description = "Any name; one per consumer.")
    private String subscription;

    @Option(names = "--filter", paramLabel = "KIND", description = "Only logs, or only metrics: logs or metrics.")
    private Filter filter;

    @Mixin
    private StreamOptions stream;

    FirehoseCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Optional<String> kind =
                Optional.ofNullable(filter).map(value -> value.name().toLowerCase(Locale.ROOT));
        EnvelopeOutput output = stream.output(terminal, true, envelope -> true);
        return stream.follow(
                terminal,
                client -> stream.v2()
                        ? client.acknowledgedFirehose(subscription, kind, terminal::say)
                        : () -> client.firehose(subscription, kind),
                output);
    }
}
