package io.loggregator.nozzles.syslog;

import io.loggregator.nozzle.BackOff;
import io.loggregator.nozzle.Batch;
import io.loggregator.nozzle.BatchHandler;
import io.loggregator.nozzle.Envelope;
import io.loggregator.nozzle.NozzleException;
import io.loggregator.nozzles.runner.Destination;
import io.loggregator.nozzles.runner.LeftOut;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes batches to a syslog server, one at a time. A batch that breaks off is written as a whole to the next connection;
 * one that is not written within the limit fails, and comes again while the stream's server keeps the place. Envelopes may
 * then arrive twice, and none is missing but what a syslog server that died had not read: syslog has no acknowledgements.
 */
final class SyslogDestination implements Destination {
    /**
     * With the pause before the nozzle's next attempt (15 s at most) below the 30 s for which a Traffic Controller keeps the
     * place of a nozzle.
     */
    static final Duration LIMIT = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(SyslogDestination.class);
    private static final BackOff BACK_OFF = new BackOff(Duration.ofMillis(100), Duration.ofSeconds(2));

    private final SyslogConnector connector;
    private final SyslogFormat format;
    private final long limitNanos;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final ReentrantLock turn = new ReentrantLock();
    private CompletableFuture<SyslogConnection> connecting; // guarded by turn
    private volatile SyslogConnection connection; // set by who has the turn
    private volatile String trouble = "not connected yet";
    private final LeftOut leftOut = new LeftOut();
    private final LongAdder messages = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final LongAdder connections = new LongAdder();

    /** @param limit how long a batch may take, with all its attempts */
    SyslogDestination(SyslogConnector connector, SyslogFormat format, Duration limit) {
        this.connector = connector;
        this.format = format;
        this.limitNanos = limit.toNanos();
    }

    @Override
    public CompletionStage<?> handle(Batch batch) throws InterruptedException, IOException {
        long deadline = System.nanoTime() + limitNanos;
        if (!turn.tryLock(limitNanos, TimeUnit.NANOSECONDS)) {
            throw new IOException(connector.server() + " is busy with the batches of other connections");
        }
        try {
            for (int failures = 1; ; failures++) {
                try {
                    write(batch, deadline);
                    return BatchHandler.done();
                } catch (IOException | NozzleException e) {
                    disconnect(e);
                    pause(failures, deadline);
                }
            }
        } finally {
            turn.unlock();
        }
    }

    private void write(Batch batch, long deadline) throws InterruptedException, IOException {
        SyslogFrames frames =
                new SyslogFrames((piece, length) -> connected(deadline).write(piece, length, deadline));
        for (Envelope envelope : batch) {
            format.write(envelope, frames);
        }
        frames.flush();
        messages.add(frames.count());
        bytes.add(frames.written());
        frames.leftOut().forEach((reason, count) -> leftOut.add(reason.word(), count, reason.what()));
    }

    /** On a thread of its own, as looking up a name cannot be given up; the next attempt waits for the same. */
    private SyslogConnection connected(long deadline) throws InterruptedException, IOException {
        SyslogConnection now = connection;
        if (now == null) {
            if (connecting == null) {
                CompletableFuture<SyslogConnection> attempt = new CompletableFuture<>();
                Thread thread = new Thread(() -> connect(attempt), "syslog-connect");
                thread.setDaemon(true);
                thread.start();
                connecting = attempt;
            }
            now = connecting(deadline);
            connection = now;
            connections.increment();
            trouble = null;
            LOG.info("connected to {}", connector.server());
        }
        if (closed.getCount() == 0) {
            now.close();
        }
        return now;
    }

    private void connect(CompletableFuture<SyslogConnection> attempt) {
        try {
            SyslogConnection made = connector.connect();
            attempt.complete(made);
            if (closed.getCount() == 0) {
                made.close();
            }
        } catch (IOException | RuntimeException e) {
            attempt.completeExceptionally(e);
        }
    }

    private SyslogConnection connecting(long deadline) throws InterruptedException, IOException {
        try {
            SyslogConnection made = connecting.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            connecting = null;
            return made;
        } catch (TimeoutException e) {
            throw new IOException("no connection in time", e);
        } catch (ExecutionException e) {
            connecting = null;
            throw new IOException(e.getCause().getMessage(), e.getCause());
        }
    }

    private void disconnect(Exception reason) {
        if (connection != null) {
            connection.close();
            connection = null;
        }
        String message = String.valueOf(reason.getMessage());
        if (!message.equals(trouble) && closed.getCount() > 0) {
            LOG.warn("{} cannot be written to: {}", connector.server(), message);
        }
        trouble = message;
    }

    private void pause(int failures, long deadline) throws InterruptedException, IOException {
        long pause = BACK_OFF.pauseMillis(failures);
        if (TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime()) <= pause) {
            throw new IOException(connector.server() + " cannot be written to: " + trouble);
        }
        if (closed.await(pause, TimeUnit.MILLISECONDS)) {
            throw new IOException("closed before all was written");
        }
    }

    @Override
    public String status() {
        SyslogConnection now = connection;
        String wrong = now == null ? trouble : now.trouble();
        return messages + " messages of " + bytes + " bytes written to " + connector.server() + " in " + connections
                + " connections, " + leftOut + (wrong == null ? "" : " (" + wrong + ")");
    }

    @Override
    public void close() {
        closed.countDown();
        SyslogConnection now = connection;
        if (now != null) {
            now.close();
        }
    }
}
