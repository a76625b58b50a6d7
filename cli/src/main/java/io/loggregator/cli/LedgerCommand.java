package io.loggregator.cli;

import io.loggregator.cli.output.OutputClosed;
import io.loggregator.cli.report.LedgerPage;
import io.loggregator.cli.terminal.Terminal;
import io.loggregator.cli.terminal.VersionText;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ledger [HOST:PORT ...]}. */
@Command(
        name = "ledger",
        description = {
            "Show who reads and what became of every envelope: accepted for them, delivered, lost and why, on its way.",
            "Asks the diagnostics ports of Dopplers and Traffic Controllers, those of this machine unless others are "
                    + "given. The same subscription at several Dopplers is one row. Ctrl-C ends it."
        },
        footer = {
            "",
            "Accepted is delivered (and confirmed) + lost + uncertain (sent, not confirmed, and no longer in the log) + "
                    + "pending. Where that does not add up it says so and exits with 1."
        },
        mixinStandardHelpOptions = true,
        versionProvider = VersionText.class,
        sortOptions = false)
final class LedgerCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin
    private ReportOptions report;

    LedgerCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws OutputClosed, InterruptedException {
        int rows = report.rows(terminal);
        return report.show(
                terminal,
                List.of(ReportOptions.DOPPLER, ReportOptions.TRAFFIC_CONTROLLER),
                // All of them: rows of several Dopplers become one.
                "/ledger?limit=10000",
                answers -> LedgerPage.of(answers, rows));
    }
}
