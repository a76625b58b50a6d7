package io.loggregator.nozzles.syslog;

import io.loggregator.nozzle.Batch;
import io.loggregator.nozzle.BatchHandler;
import io.loggregator.nozzle.NozzleException;
import io.loggregator.nozzles.runner.Destination;
import java.io.IOException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes batches to a syslog server, one at a time. While the server cannot be written to, it is tried again and again, and
 * the batch that waits is written as a whole to the next connection. Envelopes may then arrive twice, and none is missing
 * but what a server that died had not read: syslog has no acknowledgements.
 */
final class SyslogDestination implements Destination {
    private static final Logger LOG = LoggerFactory.getLogger(SyslogDestination.class);
    private static final long FIRST_PAUSE_MILLIS = 100;
    private static final long LONGEST_PAUSE_MILLIS = 15_000;

    private final SyslogConnector connector;
    private final SyslogFormat format;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final SyslogFrames frames = new SyslogFrames(); // guarded by this
    private volatile SyslogConnection connection; // set by who holds this
    private volatile String trouble = "not connected yet";
    private final LongAdder messages = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final LongAdder connections = new LongAdder();

    SyslogDestination(SyslogConnector connector, SyslogFormat format) {
        this.connector = connector;
        this.format = format;
    }

    @Override
    public synchronized CompletionStage<?> handle(Batch batch) throws InterruptedException, IOException {
        frames.clear();
        batch.forEach(envelope -> format.write(envelope, frames));
        for (int failures = 0; frames.size() > 0; failures++) {
            try {
                connected().write(frames.bytes(), frames.size());
                break;
            } catch (IOException | NozzleException e) {
                disconnect(e);
                pause(failures);
            }
        }
        messages.add(frames.count());
        bytes.add(frames.size());
        return BatchHandler.done();
    }

    private SyslogConnection connected() throws IOException {
        SyslogConnection now = connection;
        if (now == null) {
            now = connector.connect();
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

    private void pause(int failures) throws InterruptedException, IOException {
        long span = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(failures, 20));
        long pause = span - ThreadLocalRandom.current().nextLong(span / 2 + 1);
        if (closed.await(pause, TimeUnit.MILLISECONDS)) {
            throw new IOException("closed before all was written");
        }
    }

    @Override
    public String status() {
        SyslogConnection now = connection;
        String wrong = now == null ? trouble : now.trouble();
        return messages + " messages of " + bytes + " bytes written to " + connector.server() + " in " + connections
                + " connections" + (wrong == null ? "" : " (" + wrong + ")");
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
