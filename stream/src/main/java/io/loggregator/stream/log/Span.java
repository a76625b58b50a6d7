package io.loggregator.stream.log;

import io.loggregator.stream.SteadyClock;

/**
 * Batches read from a {@link Log}, contiguous in one array; where the log has been thinned, what is left of them, which may
 * be nothing. Reused; valid until the log's next append.
 */
public final class Span {
    byte[] bytes;
    int start;
    int end;
    long from;
    long to;
    int envelopes;
    int logs;
    long firstMillis;
    long lastMillis;

    /** The array that holds the batches; not to be written to. */
    public byte[] bytes() {
        return bytes;
    }

    /** Where the batches start in {@link #bytes()}. */
    public int start() {
        return start;
    }

    /** Where the batches end in {@link #bytes()}. */
    public int end() {
        return end;
    }

    /** Bytes of all batches together. */
    public int length() {
        return end - start;
    }

    /** Position before the first batch. */
    public long from() {
        return from;
    }

    /** Position after the last batch. */
    public long to() {
        return to;
    }

    /** Envelopes in the span. */
    public int envelopes() {
        return envelopes;
    }

    /** Envelopes in the span that v1 readers see as a LogMessage. */
    public int logs() {
        return logs;
    }

    /** When the first batch arrived, as {@link SteadyClock#millis}. */
    public long firstMillis() {
        return firstMillis;
    }

    /** When the last batch arrived, as {@link SteadyClock#millis}. */
    public long lastMillis() {
        return lastMillis;
    }
}
