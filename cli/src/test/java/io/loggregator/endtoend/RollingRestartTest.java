package io.loggregator.endtoend;

import static io.loggregator.endtoend.Cluster.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.loggregator.cli.client.Backoff;
import io.loggregator.cli.emit.IngressSender;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.core.ConditionTimeoutException;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Every node is stopped by SIGTERM and started again, one after the other, under a steady load: what was accepted is
 * delivered, each envelope once. With {@code -Dloggregator.rolling.rate=N}, so many envelopes a second.
 */
@Timeout(300)
class RollingRestartTest {
    private static final int RATE = Integer.getInteger("loggregator.rolling.rate", 2_000);
    private static final int DOPPLERS = Integer.getInteger("loggregator.rolling.dopplers", 2);
    private static final int TRAFFIC_CONTROLLERS = 2;
    private static final int BATCH = Math.max(10, Math.min(100, RATE / 200));
    private static final Pattern TAKEN_IN = Pattern.compile("ingress has ended, ([0-9]+) envelopes were taken in");

    private final List<AutoCloseable> toClose = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final List<ServerProcess> stopped = new ArrayList<>();
    private Cluster cluster;

    @BeforeEach
    void start() throws IOException {
        cluster = new Cluster(DOPPLERS, TRAFFIC_CONTROLLERS, Map.of(), Map.of());
    }

    @AfterEach
    void stop() throws Exception {
        stopping.set(true);
        threads.shutdownNow();
        for (AutoCloseable each : toClose) {
            each.close();
        }
        cluster.close();
    }

    private <T extends AutoCloseable> T closing(T each) {
        toClose.add(each);
        return each;
    }

    private interface Sending {
        /** Sends lines from a number on; tells whether they were handed over. */
        boolean lines(int from, int to) throws Exception;
    }

    /** A batch every so often, for as long as the test lasts; waiting does not lower the rate. */
    private CompletableFuture<Void> emit(int emitters, Sending sending) {
        return CompletableFuture.runAsync(
                () -> {
                    long period = 1_000_000_000L * BATCH * emitters / RATE;
                    long due = System.nanoTime();
                    int number = 0;
                    while (!stopping.get()) {
                        try {
                            sending.lines(number, number + BATCH);
                        } catch (Exception e) {
                            throw new IllegalStateException(e);
                        }
                        number += BATCH;
                        due = Math.max(due + period, System.nanoTime() - 1_000_000_000L);
                        LockSupport.parkNanos(due - System.nanoTime());
                    }
                },
                threads);
    }

    private IngressSender sender(int doppler) throws IOException {
        return closing(new IngressSender(
                cluster.channel(doppler),
                "doppler " + doppler,
                new Backoff(Duration.ofMillis(50), Duration.ofMillis(200), new Random()),
                true,
                notice -> {}));
    }

    private static EnvelopeBatch batch(String source, int from, int to) {
        return EnvelopeBatch.newBuilder()
                .addAllBatch(Envelopes.lines(source, from, to))
                .build();
    }

    private void restart(ServerProcess server, Restart again) throws IOException {
        server.terminate();
        assertThat(server.exitCode()).as(server.said()).isZero();
        stopped.add(server);
        again.run();
    }

    private interface Restart {
        void run() throws IOException;
    }

    /** Envelopes that the runs of Dopplers which have ended took in, by their last words. */
    private long takenInByStopped() {
        long sum = 0;
        for (ServerProcess server : stopped) {
            Matcher matcher = TAKEN_IN.matcher(server.said());
            sum += matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
        }
        return sum;
    }

    @Test
    void everyNodeIsRestartedAndNothingThatWasAcceptedIsLostOrComesTwice() throws Exception {
        Received alone = new Received();
        Received shared = new Received();
        List<RoamingReader> readers = List.of(
                closing(new RoamingReader(cluster, 0, "alone", alone)),
                closing(new RoamingReader(cluster, 0, "shared", shared)),
                closing(new RoamingReader(cluster, 1, "shared", shared)));
        awaitSubscribed(alone, shared);
        long before = cluster.ofDopplers().sum("ingress_total");

        List<CompletableFuture<Void>> running = new ArrayList<>();
        List<IngressSender> senders = new ArrayList<>();
        for (int i = 0; i < DOPPLERS; i++) {
            IngressSender sender = sender(i);
            String source = "careful-" + i;
            senders.add(sender);
            running.add(emit(2 * DOPPLERS, (from, to) -> {
                sender.send(batch(source, from, to));
                return true;
            }));
        }
        List<PlainEmitter> plain = new ArrayList<>();
        for (int i = 0; i < DOPPLERS; i++) {
            PlainEmitter emitter = closing(new PlainEmitter(cluster, i));
            String source = "plain-" + i;
            plain.add(emitter);
            running.add(emit(2 * DOPPLERS, (from, to) -> emitter.send(batch(source, from, to))));
        }
        awaitMore(alone);

        for (int i = 0; i < DOPPLERS; i++) {
            int doppler = i;
            restart(cluster.doppler(i), () -> cluster.restartDoppler(doppler));
            cluster.awaitReady(cluster.doppler(i));
            awaitMore(alone);
        }
        for (int i = 0; i < TRAFFIC_CONTROLLERS; i++) {
            int trafficController = i;
            restart(cluster.trafficController(i), () -> cluster.startTrafficController(trafficController));
            cluster.awaitReady(cluster.trafficController(i));
            awaitMore(alone);
        }
        stopping.set(true);
        CompletableFuture.allOf(running.toArray(CompletableFuture<?>[]::new)).join();
        for (IngressSender sender : senders) {
            sender.finish();
        }
        plain.forEach(PlainEmitter::finish);

        long accepted = takenInByStopped() + cluster.ofDopplers().sum("ingress_total") - before;
        long careful = senders.stream().mapToLong(IngressSender::sent).sum();
        long handedOver = plain.stream().mapToLong(PlainEmitter::handedOver).sum();
        try {
            await().atMost(LIMIT).until(() -> lines(alone) >= accepted && lines(shared) >= accepted);
        } catch (ConditionTimeoutException e) {
            stopped.forEach(server -> System.out.println(server.said() + "\n"));
        }
        System.out.printf(
                "rolling restart at %,d/s: accepted %,d; alone %,d and %d again; shared %,d and %d again;"
                        + " by emitters that move on %,d of %,d; by others %,d of %,d over %d streams%n",
                RATE,
                accepted,
                lines(alone),
                alone.duplicates(),
                lines(shared),
                shared.duplicates(),
                alone.distinct("careful-"),
                careful,
                alone.distinct("plain-"),
                handedOver,
                plain.stream().mapToInt(PlainEmitter::streams).sum());

        assertThat(cluster.ofDopplers().sum("dropped_total")).isZero();
        assertThat(lines(alone)).isEqualTo(accepted);
        assertThat(lines(shared)).isEqualTo(accepted);
        assertThat(alone.duplicates()).isZero();
        assertThat(shared.duplicates()).isZero();
        // What crosses the end of a stream was never accepted: how much that is, is the machine's luck.
        assertThat(alone.distinct("careful-")).isBetween(1L, careful);
        assertThat(alone.distinct("plain-")).isBetween(1L, handedOver);
        assertThat(stopped).allSatisfy(server -> assertThat(server.said()).doesNotContain("not handed over"));
        assertThat(readers).allSatisfy(reader -> {
            assertThat(reader.connections()).isGreaterThan(1);
            assertThat(reader.broken()).isNull();
        });
    }

    private static long lines(Received received) {
        return received.distinct("careful-") + received.distinct("plain-");
    }

    private void awaitSubscribed(Received... readers) {
        List<Agent> agents = new ArrayList<>();
        for (int i = 0; i < DOPPLERS; i++) {
            agents.add(closing(cluster.agent(i)));
        }
        int[] number = {0};
        await().atMost(LIMIT).until(() -> {
            for (int i = 0; i < agents.size(); i++) {
                agents.get(i).send(Envelopes.log("probe", "probe-" + i + ":" + number[0]));
            }
            number[0]++;
            boolean all = true;
            for (Received reader : readers) {
                for (int i = 0; i < agents.size(); i++) {
                    all &= reader.distinct("probe-" + i) > 0;
                }
            }
            return all;
        });
        agents.forEach(Agent::finish);
        cluster.settled("alone");
        cluster.settled("shared");
    }

    /** Waits until a second's worth of lines has come since. */
    private static void awaitMore(Received reader) {
        long until = lines(reader) + RATE;
        await().atMost(LIMIT).until(() -> lines(reader) >= until);
    }
}
