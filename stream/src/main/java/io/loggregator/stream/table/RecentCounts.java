package io.loggregator.stream.table;

import io.loggregator.wire.BatchCursor;
import java.util.HashMap;
import java.util.Map;

/** How many envelopes of which sources were given up lately. Owned by one event loop. */
public final class RecentCounts {
    /** After so long what was counted is the earlier period's. */
    public static final long PERIOD_MILLIS = 10_000;

    /** Sources that are counted in a period; what is given up is the noisiest ones', so there are few of them. */
    private static final int MOST = 1_000;

    private SourceTable<long[]> counts = new SourceTable<>();
    private SourceTable<long[]> earlier = new SourceTable<>();
    private long began;

    /** The time goes on. */
    public void at(long nowMillis) {
        long age = nowMillis - began;
        if (age >= PERIOD_MILLIS) {
            earlier = age < 2 * PERIOD_MILLIS ? counts : new SourceTable<>();
            counts = new SourceTable<>();
            began = nowMillis;
        }
    }

    /** One more, of the source of the envelope under the cursor. */
    public void count(BatchCursor envelope) {
        byte[] bytes = envelope.bytes();
        int from = envelope.sourceIdStart();
        int to = envelope.sourceIdEnd();
        long[] count = counts.get(bytes, from, to, envelope.sourceIdHash());
        if (count == null) {
            if (counts.size() == MOST) {
                return;
            }
            count = new long[1];
            counts.put(bytes, from, to, envelope.sourceIdHash(), count);
        }
        count[0]++;
    }

    /** Envelopes by source, of this period and the one before. */
    public Map<String, Long> lately() {
        Map<String, Long> lately = new HashMap<>();
        earlier.forEach((source, count) -> lately.merge(source, count[0], Long::sum));
        counts.forEach((source, count) -> lately.merge(source, count[0], Long::sum));
        return lately;
    }
}
