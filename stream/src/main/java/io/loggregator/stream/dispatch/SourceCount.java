package io.loggregator.stream.dispatch;

/** What a walk found of one source. Owned by whoever walks. */
public final class SourceCount {
    private long envelopes;
    private long lines;
    private long bytes;

    SourceCount() {}

    void add(boolean line, int envelopeBytes) {
        envelopes++;
        lines += line ? 1 : 0;
        bytes += envelopeBytes;
    }

    /** Envelopes of any kind. */
    public long envelopes() {
        return envelopes;
    }

    /** Those of them that v1 readers see as a LogMessage. */
    public long lines() {
        return lines;
    }

    /** Bytes of all of them, as they were accepted. */
    public long bytes() {
        return bytes;
    }
}
