package io.loggregator.cli;

import io.loggregator.cli.output.OutputClosed;
import io.loggregator.cli.report.SourcesPage;
import io.loggregator.cli.terminal.Terminal;
import io.loggregator.cli.terminal.VersionText;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code top [HOST:PORT ...]}. */
@Command(
        name = "top",
        description = {
            "Show which apps and components are loudest, in envelopes, lines and bytes a second.",
            "Asks the diagnostics ports of Dopplers, that of this machine unless others are given. They count the newest "
                    + "part of their logs when they are asked, at most 10 seconds of it and 4 MiB of each event loop's; "
                    + "the same source at several Dopplers is one row. Ctrl-C ends it."
        },
        mixinStandardHelpOptions = true,
        versionProvider = VersionText.class,
        sortOptions = false)
final class TopCommand implements Callable<Integer> {
    /** What is loud at one Doppler may be quiet at another, and counts all the same. */
    private static final int LEAST_ASKED_FOR = 500;

    private static final int MOST_ASKED_FOR = 5_000;

    /** What the loudest have most of. */
    enum Measure {
        BYTES,
        LINES,
        ENVELOPES
    }

    private final Terminal terminal;

    @Mixin
    private ReportOptions report;

    @Option(
            names = "--by",
            paramLabel = "MEASURE",
            defaultValue = "bytes",
            description = "What the loudest have most of: bytes, lines or envelopes. Default: ${DEFAULT-VALUE}")
    private Measure measure;

    TopCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws OutputClosed, InterruptedException {
        String by = measure.name().toLowerCase(Locale.ROOT);
        int rows = report.rows(terminal);
        int asked = report.json() ? rows : Math.min(MOST_ASKED_FOR, Math.max(LEAST_ASKED_FOR, 4 * rows));
        return report.show(
                terminal,
                List.of(ReportOptions.DOPPLER),
                "/sources?by=" + by + "&limit=" + asked,
                answers -> SourcesPage.of(answers, by, rows));
    }
}
