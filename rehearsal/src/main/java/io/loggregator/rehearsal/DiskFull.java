package io.loggregator.rehearsal;

import io.loggregator.benchmarks.process.Server;
import io.loggregator.rehearsal.nodes.Await;
import io.loggregator.rehearsal.nodes.Nodes;
import io.loggregator.rehearsal.traffic.Caller;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * The disk of a Traffic Controller's security event log, the only file that a server writes, is full. Clients are served as
 * ever, those who come too; the lines that do not fit are counted, and the server says so without a word for each.
 */
record DiskFull(Duration time) implements Rehearsal.Action {
    private static final String COUNTER = "security_events_lost_total";
    private static final String WORDS = "lines of the security event log";
    private static final int COMING = 50;

    @Override
    public void on(Stage stage) throws IOException, InterruptedException {
        Nodes nodes = stage.nodes();
        Server server = nodes.trafficController(Stage.VICTIM);
        try (Caller caller = stage.caller()) {
            stage.audience().goesOnThrough(() -> {
                for (int i = 0; i < COMING; i++) {
                    CompletableFuture<Caller.Answer> late = caller.call("/firehose/caller-" + i);
                    Await.until(Stage.LIMIT, "a new client is taken", () -> Caller.isTaken(late));
                }
                Await.until(
                        Stage.LIMIT,
                        COUNTER + " counts the new clients",
                        () -> nodes.ofTrafficController(Stage.VICTIM).sum(COUNTER) >= COMING);
                stage.hold(time);
            });
        }
        long lines = Files.readAllLines(server.output()).stream()
                .filter(line -> line.contains(WORDS))
                .count();
        if (lines == 0 || lines >= COMING) {
            throw new IOException(lines + " lines about it; what the server said is in " + server.output());
        }
    }
}
