package io.loggregator.endtoend;

import io.loggregator.cli.client.Backoff;
import io.loggregator.cli.emit.IngressSender;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;

/**
 * Agents that send numbered lines at a steady rate, whatever happens: for each Doppler one that moves on when it is asked
 * to, whose source begins with {@link #CAREFUL}, and one that takes no notice, whose source begins with {@link #PLAIN}.
 */
final class SteadyLoad implements AutoCloseable {
    static final String CAREFUL = "careful-";
    static final String PLAIN = "plain-";

    private final int rate;
    private final int batch;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<IngressSender> careful = new ArrayList<>();
    private final List<PlainEmitter> plain = new ArrayList<>();
    private final List<CompletableFuture<Void>> running = new ArrayList<>();
    private volatile boolean stopping;

    /**
     * Begins.
     *
     * @param rate envelopes a second, of all agents together
     */
    SteadyLoad(Cluster cluster, int rate) throws IOException {
        this.rate = rate;
        this.batch = Math.max(10, Math.min(100, rate / 200));
        int agents = 2 * cluster.dopplerCount();
        for (int i = 0; i < cluster.dopplerCount(); i++) {
            IngressSender sender = new IngressSender(
                    cluster.channel(i),
                    "doppler " + i,
                    new Backoff(Duration.ofMillis(50), Duration.ofMillis(200), new Random()),
                    true,
                    notice -> {});
            careful.add(sender);
            emit(agents, CAREFUL + i, sender::send);
            PlainEmitter emitter = new PlainEmitter(cluster, i);
            plain.add(emitter);
            emit(agents, PLAIN + i, emitter::send);
        }
    }

    private interface Sending {
        void send(EnvelopeBatch lines) throws Exception;
    }

    /** A batch every so often; what was missed is made good for, up to a second's worth. */
    private void emit(int agents, String source, Sending sending) {
        running.add(CompletableFuture.runAsync(
                () -> {
                    long period = 1_000_000_000L * batch * agents / rate;
                    long due = System.nanoTime();
                    int number = 0;
                    while (!stopping) {
                        try {
                            sending.send(EnvelopeBatch.newBuilder()
                                    .addAllBatch(Envelopes.lines(source, number, number + batch))
                                    .build());
                        } catch (Exception e) {
                            throw new IllegalStateException(e);
                        }
                        number += batch;
                        due = Math.max(due + period, System.nanoTime() - 1_000_000_000L);
                        LockSupport.parkNanos(due - System.nanoTime());
                    }
                },
                threads));
    }

    /** Ends it; when this returns, Dopplers have taken in all that they ever will. */
    void finish() throws Exception {
        stopping = true;
        CompletableFuture.allOf(running.toArray(CompletableFuture<?>[]::new)).join();
        for (IngressSender sender : careful) {
            sender.finish();
        }
        plain.forEach(PlainEmitter::finish);
    }

    long handedOverCarefully() {
        return careful.stream().mapToLong(IngressSender::sent).sum();
    }

    long handedOverPlainly() {
        return plain.stream().mapToLong(PlainEmitter::handedOver).sum();
    }

    /** Streams that agents which take no notice have used so far. */
    int streams() {
        return plain.stream().mapToInt(PlainEmitter::streams).sum();
    }

    @Override
    public void close() {
        stopping = true;
        threads.shutdownNow();
        careful.forEach(IngressSender::close);
        plain.forEach(PlainEmitter::close);
    }
}
