package io.loggregator.trafficcontroller.fanout;

import io.loggregator.trafficcontroller.subscription.Pace;
import java.util.concurrent.TimeUnit;

/**
 * Measures a reader's pace from what was counted for it; looks every second or so. The rate that it managed is that since
 * it last kept up: over a longer time, one that hangs for seconds would still look as if it had taken nearly all. The
 * rate that it needs is what came for it meanwhile; or, because Dopplers send no more than fits into the window of a
 * reader that takes nothing, what came while it kept up, in the last half minute or minute of that, if this is more.
 */
final class PaceMeter {
    private static final long SPAN_NANOS = TimeUnit.SECONDS.toNanos(30);

    private Mark earlier;
    private Mark later;
    private Mark keptUp;

    private record Mark(long nanos, long took, long came) {
        double cameSince(Mark before) {
            return rate(came - before.came, before);
        }

        double tookSince(Mark before) {
            return rate(took - before.took, before);
        }

        private double rate(long count, Mark before) {
            long time = nanos - before.nanos;
            return time <= 0 ? 0 : Math.max(0, count) * (double) TimeUnit.SECONDS.toNanos(1) / time;
        }
    }

    /** For a reader that has just come. */
    PaceMeter(long now) {
        earlier = new Mark(now, 0, 0);
        later = earlier;
        keptUp = earlier;
    }

    /**
     * Looks at a reader that keeps up.
     *
     * @param took how many envelopes have reached it so far
     * @param came how many have come for it so far, those that are lost included
     */
    void keepsUp(long took, long came, long now) {
        keptUp = new Mark(now, took, came);
        if (now - later.nanos >= SPAN_NANOS) {
            earlier = later;
            later = keptUp;
        }
    }

    /** The pace of a reader that does not, from as much as {@link #keepsUp} is told. */
    Pace pace(long took, long came, long now) {
        Mark here = new Mark(now, took, came);
        double managed = here.tookSince(keptUp);
        double needed = Math.max(here.cameSince(keptUp), keptUp.cameSince(earlier));
        // What was under way when it kept up for the last time has reached it since.
        return new Pace(managed, Math.max(managed, needed));
    }
}
