package io.loggregator.stream.dispatch;

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

    /** Whether a reader is so far behind that it is to be told. */
    public static boolean isLate(long behindBytes, long reach) {
        return behindBytes > reach / LATE;
    }

    /** Whether one that was told is to be told again if it falls behind again. */
    public static boolean hasCaughtUp(long behindBytes, long reach) {
        return behindBytes <= reach / CAUGHT_UP;
    }

    /** After how many bytes more readers are to be looked at again. */
    public static long nextLook(long reach) {
        return Math.max(1, reach / LOOKS);
    }
}
