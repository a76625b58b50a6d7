package io.loggregator.rehearsal;

import io.loggregator.benchmarks.process.Server;
import io.loggregator.rehearsal.nodes.Await;
import io.loggregator.rehearsal.nodes.Descriptors;
import io.loggregator.rehearsal.nodes.Nodes;
import io.loggregator.rehearsal.nodes.Samples;
import io.loggregator.rehearsal.traffic.Caller;
import io.loggregator.rehearsal.traffic.Squatters;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * More connections come than a server may have open. Who is there notices nothing; the server says it, without a word for
 * each, and waits without work; when descriptors are free, it takes who waits.
 */
final class DescriptorsRunOut {
    private static final int SPARE = 10;
    private static final int SQUATTERS = 40;
    private static final String COUNTER = "failed_accepts_total";
    private static final String WORDS = "cannot accept connections";
    /** Of a processor; an event loop that tries again and again would use all of one. */
    private static final double MOST_WORK = 0.8;
    /** A line of each listener of each event loop, at most. */
    private static final int MOST_LINES = 8;

    private DescriptorsRunOut() {}

    /** At the Loggregator port. */
    static void atTrafficController(Stage stage, Duration time) throws IOException, InterruptedException {
        Server server = stage.nodes().trafficController(Stage.VICTIM);
        try (Caller caller = stage.caller();
                Squatters squatters = new Squatters()) {
            stage.audience()
                    .goesOnThrough(() -> Descriptors.scarce(server, SPARE, () -> {
                        squatters.come(server.port("ws"), SQUATTERS);
                        starve(server, () -> stage.nodes().ofTrafficController(Stage.VICTIM), time);
                        CompletableFuture<Caller.Answer> late = caller.call("/firehose/caller");
                        squatters.leave();
                        Await.until(Stage.LIMIT, "a new client is taken", () -> Caller.isTaken(late));
                    }));
        }
    }

    /** At the link port, where a link breaks meanwhile. */
    static void atDoppler(Stage stage, Duration time) throws IOException, InterruptedException {
        Nodes nodes = stage.nodes();
        Server server = nodes.doppler(Stage.VICTIM);
        try (Squatters squatters = new Squatters()) {
            Descriptors.scarce(server, SPARE, () -> {
                squatters.come(server.port("link"), SQUATTERS);
                starve(server, () -> nodes.ofDoppler(Stage.VICTIM), time);
                stage.resetLink();
                squatters.leave();
                nodes.awaitLinks();
            });
        }
    }

    private interface Metrics {
        Samples now() throws IOException, InterruptedException;
    }

    private static void starve(Server server, Metrics metrics, Duration time) throws IOException, InterruptedException {
        long before = metrics.now().sum(COUNTER);
        Await.until(Stage.LIMIT, COUNTER + " tells", () -> metrics.now().sum(COUNTER) > before);
        double used = server.meter().read().work();
        Await.pass(time);
        double work = (server.meter().read().work() - used) / time.toMillis() * TimeUnit.SECONDS.toMillis(1);
        if (work > MOST_WORK) {
            throw new IOException("a server without descriptors uses " + work + " processors");
        }
        long lines = Files.readAllLines(server.output()).stream()
                .filter(line -> line.contains(WORDS))
                .count();
        if (lines == 0 || lines > MOST_LINES) {
            throw new IOException(lines + " lines about it; what the server said is in " + server.output());
        }
    }
}
