package io.loggregator.benchmarks.reader;

import java.util.Arrays;

/** Which numbers of one source have arrived: exact counts of what is there, what came twice, what came out of order. */
final class Sequences {
    /** Numbers above it are no numbers of ours; bounds the memory to 8 MiB. */
    static final long MOST = 1 << 26;

    private long[] seen = new long[4];
    private long highest = -1;
    private long distinct;
    private long duplicates;
    private long outOfOrder;
    private long highestSent;
    private boolean away;
    private long awayUntil;
    private long missedAway;

    /**
     * Takes a number; false if it is none.
     *
     * @param sentNanos when it was sent, by {@link System#nanoTime()}
     */
    boolean add(long number, long sentNanos) {
        if (number < 0 || number >= MOST) {
            return false;
        }
        int word = (int) (number >>> 6);
        if (word >= seen.length) {
            seen = Arrays.copyOf(seen, Math.max(word + 1, seen.length * 2));
        }
        long bit = 1L << number;
        if ((seen[word] & bit) != 0) {
            duplicates++;
            return true;
        }
        seen[word] |= bit;
        distinct++;
        if (number < highest) {
            outOfOrder++;
        } else {
            away &= highest < 0 || highestSent - awayUntil < 0;
            missedAway += away ? number - highest - 1 : 0;
            highest = number;
            highestSent = sentNanos;
        }
        return true;
    }

    /** How many different numbers arrived. */
    long distinct() {
        return distinct;
    }

    /** How many arrived again. */
    long duplicates() {
        return duplicates;
    }

    /** How many arrived, for the first time, after a higher one. */
    long outOfOrder() {
        return outOfOrder;
    }

    /**
     * The reader was away until now. What is left out behind a number that was sent before is of that time: it may be in
     * several pieces, with what was kept between them.
     */
    void away(long nowNanos) {
        away = true;
        awayUntil = nowNanos;
    }

    /** How many numbers were left out where the reader had been away. */
    long missedAway() {
        return missedAway;
    }

    /** The highest number that arrived; -1 if none did. */
    long highest() {
        return highest;
    }

    /** How many of the numbers below {@code sent} did not arrive. */
    long missing(long sent) {
        long missing = sent;
        for (int word = 0; word < seen.length && (long) word << 6 < sent; word++) {
            long left = sent - ((long) word << 6);
            long mask = left >= Long.SIZE ? -1 : (1L << left) - 1;
            missing -= Long.bitCount(seen[word] & mask);
        }
        return missing;
    }
}
