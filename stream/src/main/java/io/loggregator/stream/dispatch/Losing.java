package io.loggregator.stream.dispatch;

/** What a group has yet to read and is about to lose, found envelope by envelope, oldest first. */
final class Losing {
    private long envelopes;
    private long firstMillis;
    private long lastMillis;

    /** Begins anew. */
    void clear() {
        envelopes = 0;
    }

    long envelopes() {
        return envelopes;
    }

    void add(long times) {
        envelopes += times;
    }

    void add(long times, long arrivalMillis) {
        firstMillis = envelopes == 0 ? arrivalMillis : firstMillis;
        lastMillis = arrivalMillis;
        envelopes += times;
    }

    /** For a reason; of envelopes whose arrival was told. */
    Gap gap(String reason) {
        return new Gap(envelopes, firstMillis, lastMillis, reason);
    }
}
