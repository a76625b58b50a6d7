package io.loggregator.doppler.lane;

import io.loggregator.stream.recent.RecentPast;
import java.io.ByteArrayOutputStream;

/** Makes batch bytes of envelopes: each gets its tag and length. */
public final class RecordSink implements RecentPast.Sink {
    private static final int BATCH_FIELD = 0x0A;

    private final ByteArrayOutputStream batch;
    private final Runnable afterEach;

    /** @param afterEach called when an envelope has been added */
    public RecordSink(ByteArrayOutputStream batch, Runnable afterEach) {
        this.batch = batch;
        this.afterEach = afterEach;
    }

    @Override
    public void accept(byte[] bytes, int from, int to) {
        batch.write(BATCH_FIELD);
        int length = to - from;
        while (length > 0x7F) {
            batch.write(length | 0x80);
            length >>>= 7;
        }
        batch.write(length);
        batch.write(bytes, from, to - from);
        afterEach.run();
    }
}
