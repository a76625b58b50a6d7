package io.loggregator.trafficcontroller.fanout;

import io.loggregator.stream.notice.LagNotice;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/** How often one client was told that it lags, whoever says so. On its event loop. */
final class ToldLags {
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(LagNotice.PAUSE_SECONDS);

    private long count;
    private long toldNanos;
    private long toldMillis;

    /** Whether it has not been told for long enough. */
    boolean due(long nowNanos) {
        return count == 0 || nowNanos - toldNanos >= PAUSE_NANOS;
    }

    void told(long nowNanos) {
        count++;
        toldNanos = nowNanos;
        toldMillis = System.currentTimeMillis();
    }

    long count() {
        return count;
    }

    /** When that was last, milliseconds since the Unix epoch. */
    OptionalLong last() {
        return count == 0 ? OptionalLong.empty() : OptionalLong.of(toldMillis);
    }
}
