package io.loggregator.trafficcontroller.streamv2;

/**
 * How many batch bytes a client can take. What is larger than all that it gave at first goes when it has all that back, so
 * that no batch can wait for ever.
 */
final class Credit {
    /** More than anybody could use; so sums do not overflow. */
    private static final long MOST = 1L << 61;

    private final long first;
    private long left;

    /** @param first at least 1; unsigned */
    Credit(long first) {
        this.first = clamp(first);
        this.left = this.first;
    }

    private static long clamp(long unsigned) {
        return unsigned < 0 || unsigned > MOST ? MOST : unsigned;
    }

    /** @param bytes unsigned */
    void add(long bytes) {
        left = Math.min(MOST, left + clamp(bytes));
    }

    boolean covers(long bytes) {
        return bytes <= left || left >= first;
    }

    void use(long bytes) {
        left -= bytes;
    }

    long left() {
        return left;
    }
}
