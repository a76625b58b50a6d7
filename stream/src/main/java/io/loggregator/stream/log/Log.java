package io.loggregator.stream.log;

import io.loggregator.stream.SteadyClock;
import io.loggregator.wire.BatchCursor;

/**
 * A bounded log of batches. Batches are the bytes of a {@code loggregator.v2.EnvelopeBatch}; batches that follow each
 * other glue together to a batch, so what is read is one too.
 *
 * <p>Owned by one event loop: no method may be called from another thread.
 */
public interface Log {

    /** Told what is about to be overwritten, while it can still be read. */
    interface TrimListener {
        /**
         * Whether somebody has yet to read something before a position. Only then is it worth thinning a part of the log,
         * where the log does that, instead of overwriting it.
         */
        default boolean isAwaitedBefore(long position) {
            return false;
        }

        /** The log is about to be thinned before a position; what goes is told next. */
        default void thinningBegins(long to) {}

        /**
         * One envelope goes, while others of its batch or of other batches beside it stay.
         *
         * @param position the border before its batch
         * @param arrivalMillis when the batch had arrived
         * @param envelope the cursor on it; only to be asked
         */
        default void thinning(long position, long arrivalMillis, BatchCursor envelope) {}

        /** All that goes between two borders has been told to {@link #thinning}, and is gone. */
        default void thinned(long from, long to) {}

        /**
         * Everything before {@code to} goes.
         *
         * @param from the log's tail until now
         * @param lastMillis when the newest batch that goes had arrived
         */
        void trimming(long from, long to, long lastMillis);
    }

    /**
     * Appends one batch, making room by trimming the oldest.
     *
     * @param envelopes how many envelopes {@code bytes[from, to)} holds, at least 1
     * @param logs how many of them a v1 reader sees as a LogMessage
     * @param nowMillis arrival, as {@link SteadyClock#millis}
     * @return the position after the batch
     */
    long append(byte[] bytes, int from, int to, int envelopes, int logs, long nowMillis);

    /** The position after the newest batch. */
    long head();

    /** The position of the oldest batch still held; equals {@link #head()} when empty. */
    long tail();

    /**
     * Reads batches from a position on.
     *
     * @param position a border between batches, at least {@link #tail()}
     * @param limit a position to stop at, a border between batches
     * @param maxBytes stop before the batch that would exceed it; the first is read whatever its size
     * @return false, {@code into} unchanged, if {@code position} is not before {@code limit}
     */
    boolean read(long position, long limit, int maxBytes, Span into);

    /**
     * Up to where the log has been thinned: of what lies between {@link #tail()} and here some envelopes may be gone. Equal
     * to the tail if nothing has been.
     */
    long thinnedTo();

    /**
     * What to subtract to know how many envelopes lie between two positions, borders between batches that are still held.
     * As long as nothing is thinned, how many were appended before {@code position}.
     */
    long envelopesBefore(long position);

    /** The same of the envelopes that v1 readers see as a LogMessage. */
    long logsBefore(long position);

    /** When the batch at {@code position} arrived, as {@link SteadyClock#millis}; the position must be held. */
    long arrivalAt(long position);

    /** The first border between batches at or after a position, which must lie between tail and head. */
    long borderFrom(long position);

    /** The first position whose batch arrived at or after {@code millis}. */
    long positionAt(long millis);

    /**
     * How many bytes of batches it keeps whole behind the head, about: of what is further back some goes, or all. Judged by
     * what it holds; walks its index.
     */
    long reach();

    /** Bytes of memory held, at most what the log was given. */
    long memory();

    /** Sets who is told before batches are overwritten. */
    void onTrim(TrimListener listener);
}
