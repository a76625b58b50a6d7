package io.loggregator.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import io.loggregator.cli.output.EnvelopeOutput;
import io.loggregator.cli.output.OutputClosed;
import io.loggregator.cli.terminal.Terminal;
import io.loggregator.cli.terminal.VersionText;
import io.loggregator.node.process.ExitCodes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tail APP-ID}. */
@Command(
        name = "tail",
        description = "Print the logs of an app as they come, or the recent ones.",
        mixinStandardHelpOptions = true,
        versionProvider = VersionText.class,
        sortOptions = false)
final class TailCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Spec
    private CommandSpec command;

    @Parameters(index = "0", paramLabel = "APP-ID", description = "The app's id (cf app NAME --guid).")
    private String app;

    @Option(names = "--recent", description = "Print the retained logs, oldest first, and end.")
    private boolean recent;

    @Option(names = "--metrics", description = "Print the app's metrics and HTTP requests too.")
    private boolean metrics;

    @Mixin
    private StreamOptions stream;

    TailCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        EnvelopeOutput output = stream.output(terminal, false, envelope -> metrics || envelope.hasLogMessage());
        if (recent && stream.v2()) {
            throw new ParameterException(command.commandLine(), "--recent and --v2 exclude each other");
        }
        if (recent) {
            return recentLogs(output);
        }
        return stream.follow(
                terminal,
                client -> stream.v2() ? client.acknowledgedAppStream(app, terminal::say) : () -> client.appStream(app),
                output);
    }

    private int recentLogs(EnvelopeOutput output) throws IOException, InterruptedException {
        OptionalInt limit = stream.max() > Integer.MAX_VALUE ? OptionalInt.empty() : OptionalInt.of((int) stream.max());
        List<byte[]> parts = stream.ask(terminal, client -> client.recentLogs(app, limit));
        List<Envelope> envelopes = new ArrayList<>();
        for (byte[] part : parts) {
            try {
                envelopes.add(Envelope.parseFrom(part));
            } catch (InvalidProtocolBufferException notV1) {
                terminal.say("skipped a part that is no v1 envelope");
            }
        }
        // Older servers promise no order. Of more than was asked for, the newest are wanted.
        envelopes.sort(Comparator.comparingLong(Envelope::getTimestamp));
        int first = limit.isPresent() ? Math.max(0, envelopes.size() - limit.getAsInt()) : 0;
        print(envelopes.subList(first, envelopes.size()), output);
        return ExitCodes.OK;
    }

    private static void print(List<Envelope> envelopes, EnvelopeOutput output) throws OutputClosed {
        for (Envelope envelope : envelopes) {
            output.envelope(envelope);
        }
        output.idle();
    }
}
