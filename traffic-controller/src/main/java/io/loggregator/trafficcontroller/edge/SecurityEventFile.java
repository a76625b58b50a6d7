package io.loggregator.trafficcontroller.edge;

import io.loggregator.node.RateLimitedLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The security event log: lines are appended to a file, by a thread of its own, so that who hands them over never waits
 * for a disk. A file that was renamed or removed (as logrotate does) is left after what was written to it, and a new one
 * begun under the old name. What the file does not take, or what comes while so much waits as may, is lost: counted and
 * logged.
 */
public final class SecurityEventFile implements AutoCloseable {
    /** Bytes that may wait to be written, unless told otherwise. */
    public static final int USUAL_WAITING_BYTES = 4 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(SecurityEventFile.class);
    private static final int BATCH_CHARS = 64 << 10;
    private static final long PAUSE_AFTER_ERROR_MILLIS = 1_000;

    private final Path path;
    private final int waitingBytes;
    private final LongConsumer lost;
    private final RateLimitedLog losses = new RateLimitedLog(LOG, Duration.ofSeconds(10));
    private final Thread writer;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Queue<String> waiting = new ArrayDeque<>(); // guarded by lock
    /** Lines are ASCII: characters are bytes. */
    private int waitingChars; // guarded by lock

    private boolean closed; // guarded by lock

    // Owned by the writer.
    private FileChannel channel;
    private Object fileKey;

    /**
     * Opens the file, or makes it.
     *
     * @param waitingBytes bytes of lines that may wait to be written
     * @param lost told how many lines were lost, by any thread
     * @throws IOException the file can neither be opened nor made
     */
    public SecurityEventFile(Path path, int waitingBytes, LongConsumer lost) throws IOException {
        this.path = path;
        this.waitingBytes = waitingBytes;
        this.lost = lost;
        open();
        writer = new Thread(this::write, "security-event-log");
        writer.setDaemon(true);
        writer.start();
    }

    /** Hands a line over, without its end. Never waits for the file. For any thread. */
    public void append(String line) {
        lock.lock();
        try {
            if (!closed && waitingChars + line.length() <= waitingBytes) {
                waiting.add(line);
                waitingChars += line.length();
                changed.signal();
                return;
            }
        } finally {
            lock.unlock();
        }
        lose(1, "they come faster than they can be written");
    }

    private void lose(long count, String why) {
        lost.accept(count);
        losses.warn("{} lines of the security event log {} are lost: {}", count, path, why);
    }

    private void write() {
        StringBuilder batch = new StringBuilder(BATCH_CHARS);
        long lines;
        while ((lines = take(batch)) > 0) {
            try {
                follow();
                ByteBuffer bytes = ByteBuffer.wrap(batch.toString().getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            } catch (IOException e) {
                lose(lines, e.toString());
                release();
                pause();
            }
            batch.setLength(0);
        }
        release();
    }

    /** Takes what waits, up to a batch; waits for something. 0 when closed and empty. */
    private long take(StringBuilder batch) {
        lock.lock();
        try {
            while (waiting.isEmpty() && !closed) {
                changed.awaitUninterruptibly();
            }
            long lines = 0;
            while (!waiting.isEmpty() && batch.length() < BATCH_CHARS) {
                String line = waiting.remove();
                waitingChars -= line.length();
                batch.append(line).append('\n');
                lines++;
            }
            return lines;
        } finally {
            lock.unlock();
        }
    }

    /** So that a broken disk is not asked without end; a stop need not wait for it. */
    private void pause() {
        lock.lock();
        try {
            long nanos = TimeUnit.MILLISECONDS.toNanos(PAUSE_AFTER_ERROR_MILLIS);
            while (!closed && nanos > 0) {
                nanos = changed.awaitNanos(nanos);
            }
        } catch (InterruptedException e) {
            // Nobody interrupts this thread; then the pause is just shorter.
        } finally {
            lock.unlock();
        }
    }

    /** Makes sure that the channel is of the file that now has the name. */
    private void follow() throws IOException {
        if (channel != null) {
            try {
                if (Objects.equals(keyOf(path), fileKey)) {
                    return;
                }
            } catch (NoSuchFileException e) {
                // It was renamed or removed.
            }
            release();
        }
        open();
    }

    private void open() throws IOException {
        channel = FileChannel.open(path, StandardOpenOption.APPEND, StandardOpenOption.CREATE);
        fileKey = keyOf(path);
    }

    private static Object keyOf(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    }

    private void release() {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                losses.warn("the security event log {} cannot be closed: {}", path, e.toString());
            }
            channel = null;
        }
    }

    /** Writes what waits, for at most two seconds; then nothing more is taken. Blocks. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            writer.join(TimeUnit.SECONDS.toMillis(2));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
