package io.loggregator.cli.emit;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;

/**
 * Sends over a connection of its own what happens on one cell, as the platform's agent there does: nobody waits for it,
 * and what comes while its queue is full is dropped and counted.
 */
public final class CellAgent implements AutoCloseable {
    private static final int QUEUED_BATCHES = 1_000;
    private static final long END_SECONDS = 5;

    private final BlockingQueue<EnvelopeBatch> queue = new ArrayBlockingQueue<>(QUEUED_BATCHES);
    private final CompletableFuture<IngressSender.Failed> failure = new CompletableFuture<>();
    private final LongAdder dropped = new LongAdder();
    private final IngressSender sender;
    private final Thread thread;
    private volatile boolean ending;

    /** {@code sender} belongs to the agent from now on. */
    public CellAgent(String name, IngressSender sender) {
        this.sender = sender;
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
    }

    public void start() {
        thread.start();
    }

    /** Takes a batch to send, or drops it. Never blocks; used by one thread. */
    public void offer(EnvelopeBatch batch) {
        if (!queue.offer(batch)) {
            dropped.add(batch.getBatchCount());
        }
    }

    /** Envelopes dropped so far. */
    public long dropped() {
        return dropped.sum();
    }

    /** Envelopes sent; exact after {@link #close}. */
    public long sent() {
        return sender.sent();
    }

    /** Completed with the reason when the server will not have what this agent sends; it has then stopped. */
    public CompletableFuture<IngressSender.Failed> failure() {
        return failure;
    }

    /** Sends what is queued and ends the stream, as far as that is quick. */
    @Override
    public void close() {
        ending = true;
        try {
            thread.join(TimeUnit.SECONDS.toMillis(END_SECONDS));
            thread.interrupt();
            thread.join(TimeUnit.SECONDS.toMillis(END_SECONDS));
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        }
        sender.close();
    }

    private void run() {
        try {
            while (!ending || !queue.isEmpty()) {
                EnvelopeBatch batch = queue.poll(50, TimeUnit.MILLISECONDS);
                if (batch != null) {
                    sender.send(batch);
                }
            }
            sender.finish();
        } catch (IngressSender.Failed refused) {
            failure.complete(refused);
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        }
    }
}
