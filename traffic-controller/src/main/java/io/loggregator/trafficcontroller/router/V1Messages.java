package io.loggregator.trafficcontroller.router;

import io.loggregator.stream.Tally;
import io.loggregator.wire.BatchRecords;
import io.loggregator.wire.ByteSink;
import io.loggregator.wire.v1.V1ToV2;

/** Messages of v1 payloads ({@code BatchResponse} and its like), each converted to v2 with preferred tags. */
final class V1Messages implements BatchSource {
    private static final int BATCH_TAG = 1 << 3 | 2;
    /** What the tags of v2 may add to the largest message. */
    private static final int LARGEST_BATCH = 2 * Routers.LARGEST_MESSAGE;

    /** A field 1 of bytes again and again: framed as a batch is. */
    private final BatchRecords payloads = new BatchRecords();

    private final V1ToV2 converter = new V1ToV2(Routers.LARGEST_MESSAGE);
    private final ByteSink envelope = new ByteSink(LARGEST_BATCH);
    private final ByteSink batch = new ByteSink(LARGEST_BATCH);
    private final Tally envelopes;
    private final Tally malformed;

    V1Messages(RouterCounters counters) {
        envelopes = counters.v1;
        malformed = counters.malformed;
    }

    @Override
    public boolean read(byte[] message) {
        batch.reset();
        payloads.over(message, 0, message.length);
        int good = 0;
        while (payloads.next()) {
            envelope.reset();
            int end = batch.end();
            if (converter.convert(message, payloads.start(), payloads.end(), true, envelope) && !envelope.full()) {
                batch.delimited(BATCH_TAG, envelope.bytes(), 0, envelope.end());
            }
            if (batch.end() > end) {
                good++;
            } else {
                malformed.add(1);
            }
        }
        envelopes.add(good);
        return good > 0;
    }

    @Override
    public byte[] bytes() {
        return batch.bytes();
    }

    @Override
    public int end() {
        return batch.end();
    }
}
