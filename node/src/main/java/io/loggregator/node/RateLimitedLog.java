package io.loggregator.node;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.helpers.FormattingTuple;
import org.slf4j.helpers.MessageFormatter;

/**
 * A log that writes at most one line per period, so that a misbehaving peer cannot fill the disk. Each line tells how
 * many were left out since the one before. Use one instance per kind of event. Safe for use by any thread.
 */
public final class RateLimitedLog {
    private static final long NEVER = Long.MIN_VALUE;

    private final Logger logger;
    private final long periodNanos;
    private final LongSupplier nanos;
    private final long start;
    private final AtomicLong lastLine = new AtomicLong(NEVER); // nanoseconds since start
    private final AtomicLong leftOut = new AtomicLong();

    public RateLimitedLog(Logger logger, Duration period) {
        this(logger, period, System::nanoTime);
    }

    /**
     * @param nanos a clock that counts nanoseconds up from anywhere, such as {@link System#nanoTime}
     */
    public RateLimitedLog(Logger logger, Duration period, LongSupplier nanos) {
        this.logger = logger;
        this.periodNanos = period.toNanos();
        this.nanos = nanos;
        this.start = nanos.getAsLong();
    }

    /** Writes a warning, unless there was one less than a period ago. Format and arguments are SLF4J's. */
    public void warn(String format, Object... arguments) {
        long now = nanos.getAsLong() - start;
        long last = lastLine.get();
        if ((last != NEVER && now - last < periodNanos) || !lastLine.compareAndSet(last, now)) {
            leftOut.incrementAndGet();
            return;
        }
        FormattingTuple line = MessageFormatter.arrayFormat(format, arguments);
        long more = leftOut.getAndSet(0);
        if (more == 0) {
            logger.warn(line.getMessage(), line.getThrowable());
        } else {
            logger.warn(line.getMessage() + " (" + more + " more like this)", line.getThrowable());
        }
    }
}
