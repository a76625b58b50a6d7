package io.loggregator.cli.emit;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;

/** Sends each line of a stream as one log: in batches of up to 100, none of which waits for more than 100 ms. */
public final class LineEmitter {
    /** With its tags, an envelope of this many bytes still fits a v1 client's frame of 65,536 bytes. */
    static final int MAX_LINE_BYTES = 60_000;

    private static final int MAX_BATCH_ENVELOPES = 100;
    private static final int MAX_BATCH_BYTES = 1 << 20;
    private static final long MAX_BATCH_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int LINES_AHEAD = 256;

    /** A line, or the end when there is none in it. */
    private record Read(ByteString line) {
        boolean isEnd() {
            return line == null;
        }
    }

    private final BlockingQueue<Read> lines = new ArrayBlockingQueue<>(LINES_AHEAD);
    private final LineReader reader;
    private final String sourceId;
    private final String instanceId;
    /** Written by the reading thread before it queues the end. */
    private volatile IOException failure;

    public LineEmitter(InputStream in, String sourceId, String instanceId) {
        this.reader = new LineReader(in, MAX_LINE_BYTES);
        this.sourceId = sourceId;
        this.instanceId = instanceId;
    }

    /**
     * Sends until the stream ends or {@code stopping}.
     *
     * @throws IOException if the stream cannot be read; what was read before has been sent
     */
    public void run(EnvelopeSender sender, BooleanSupplier stopping)
            throws IngressSender.Failed, IOException, InterruptedException {
        // Reading blocks where nothing can wake it, so it has a thread of its own.
        Thread reading = new Thread(this::read, "stdin");
        reading.setDaemon(true);
        reading.start();
        boolean more = true;
        while (more && !stopping.getAsBoolean()) {
            more = sendBatch(sender);
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** Gathers and sends a batch; false at the end. */
    private boolean sendBatch(EnvelopeSender sender) throws IngressSender.Failed, InterruptedException {
        Read read = lines.poll(100, TimeUnit.MILLISECONDS);
        if (read == null) {
            return true;
        }
        EnvelopeBatch.Builder batch = EnvelopeBatch.newBuilder();
        int bytes = 0;
        long deadline = System.nanoTime() + MAX_BATCH_NANOS;
        while (read != null && !read.isEnd()) {
            batch.addBatch(Logs.log(sourceId, instanceId, read.line()));
            bytes += read.line().size();
            if (batch.getBatchCount() == MAX_BATCH_ENVELOPES || bytes >= MAX_BATCH_BYTES) {
                break;
            }
            read = lines.poll(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        }
        if (batch.getBatchCount() > 0) {
            sender.send(batch.build());
        }
        return read == null || !read.isEnd();
    }

    private void read() {
        try {
            try {
                for (ByteString line = reader.next(); line != null; line = reader.next()) {
                    lines.put(new Read(line));
                }
            } catch (IOException unreadable) {
                failure = unreadable;
            }
            lines.put(new Read(null));
        } catch (InterruptedException nobodyInterruptsIt) {
            Thread.currentThread().interrupt();
        }
    }
}
