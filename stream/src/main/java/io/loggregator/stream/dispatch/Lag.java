package io.loggregator.stream.dispatch;

import io.loggregator.stream.log.Log;

/**
 * How far behind a reader is that has lost nothing by it, or nothing more than it was told.
 *
 * @param millis how long before the newest batch the oldest had arrived that the reader has not been handed
 * @param bytes bytes of the log from there on, whatever the reader wants of them
 * @param limitBytes how many the log keeps whole: of what is further behind some goes
 */
public record Lag(long millis, long bytes, long limitBytes) {
    /** A reader lags that is behind by more than one part in so many of what the log keeps whole. */
    private static final int LATE = 2;

    /** One that lagged has caught up when it is behind by no more than one part in so many. */
    private static final int CAUGHT_UP = 4;

    /** How often a reader is looked at, at least, while the log takes in as much as it keeps whole. */
    private static final int LOOKS = 32;

    /**
     * What a reader is to be told that has not been told yet; null: nothing, it is neither far behind nor about to lose
     * something.
     *
     * @param oldest position of the oldest that it has not been handed
     * @param goes up to where the log is about to give something up
     * @param newestMillis when the newest batch arrived
     */
    public static Lag toTell(Log log, long oldest, long goes, long newestMillis) {
        long behind = log.head() - oldest;
        if (behind <= 0 || (oldest >= goes && behind <= log.reach() / LATE)) {
            return null;
        }
        return new Lag(Math.max(0, newestMillis - log.arrivalAt(oldest)), behind, log.reach());
    }

    /** Whether a reader that was told is to be told again if it falls behind again. */
    public static boolean hasCaughtUp(Log log, long oldest) {
        return log.head() - oldest <= log.reach() / CAUGHT_UP;
    }

    /** Where the log's head is when readers are to be looked at again. */
    public static long nextLook(Log log) {
        return log.head() + Math.max(1, log.reach() / LOOKS);
    }
}
