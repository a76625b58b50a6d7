package io.loggregator.doppler.lane;

import io.loggregator.wire.ByteSink;
import io.loggregator.wire.v1.V1ToV2;

/**
 * One way in for v1 envelopes to a lane: each is converted once, and what comes in one turn of the event loop becomes one
 * batch. On the lane's loop.
 */
public final class V1Intake {
    /** With its head, what gRPC ingress takes at most; no way in makes larger ones. */
    private static final int LARGEST_ENVELOPE = 10 * 1024 * 1024 - 16;

    /** Less than what a sink keeps its array up to; a larger envelope is a batch of its own. */
    private static final int BATCH_BYTES = 120 * 1024;

    private static final int RECORD_HEAD = 6;
    private static final int BATCH_TAG = 1 << 3 | 2;

    private final DopplerLane lane;
    private final V1ToV2 conversion = new V1ToV2(LARGEST_ENVELOPE);
    private final ByteSink envelope = new ByteSink(LARGEST_ENVELOPE);
    private final ByteSink batch = new ByteSink(LARGEST_ENVELOPE + RECORD_HEAD);
    private final V1Counters counters = new V1Counters();
    private boolean flushScheduled;

    /** What became of an envelope. */
    public enum Outcome {
        /** It will be in the lane's log after the next flush. */
        TAKEN("taken in"),
        /** Broken, or larger than 10 MiB in v1 or v2. */
        UNDECODABLE("no v1 envelope, or one that is too large"),
        /** Sound, but of a type that v2 has no message for. */
        UNKNOWN_TYPE("of an event type that is not known");

        private final String words;

        Outcome(String words) {
            this.words = words;
        }

        /** For a log line about the envelope. */
        public String words() {
            return words;
        }
    }

    public V1Intake(DopplerLane lane) {
        this.lane = lane;
    }

    /** What came in; read from any thread. */
    public V1Counters counters() {
        return counters;
    }

    /** Counts a message that is refused unseen. */
    public void refuse(int length) {
        received(length);
    }

    /** Takes in the v1 envelope {@code bytes[from, to)}, which is copied. A flush has to follow. */
    public Outcome accept(byte[] bytes, int from, int to) {
        received(to - from);
        if (!conversion.convert(bytes, from, to, true, envelope.reset()) || envelope.full()) {
            counters.undecodable.add(1);
            return Outcome.UNDECODABLE;
        }
        int type = conversion.eventType();
        if (type < 0) {
            counters.unknownType.add(1);
            return Outcome.UNKNOWN_TYPE;
        }
        if (batch.end() > 0 && batch.end() + envelope.end() + RECORD_HEAD > BATCH_BYTES) {
            flush();
        }
        batch.delimited(BATCH_TAG, envelope.bytes(), 0, envelope.end());
        counters.envelopes[type].add(1);
        return Outcome.TAKEN;
    }

    private void received(int length) {
        counters.messages.add(1);
        counters.bytes.add(length);
    }

    /** Gives the lane what was taken in since the last flush. */
    public void flush() {
        if (batch.end() > 0) {
            lane.accept(batch.bytes(), 0, batch.end());
            batch.reset();
        }
    }

    /** Flushes at the end of this turn of the loop. */
    public void flushSoon() {
        if (!flushScheduled) {
            flushScheduled = true;
            lane.later(this::flushNow);
        }
    }

    private void flushNow() {
        flushScheduled = false;
        flush();
    }
}
