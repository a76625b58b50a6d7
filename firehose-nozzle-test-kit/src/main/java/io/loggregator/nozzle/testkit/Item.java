package io.loggregator.nozzle.testkit;

import io.loggregator.stream.dispatch.Lag;
import io.loggregator.stream.notice.LagNotice;
import io.loggregator.stream.selection.Selection;
import io.loggregator.wire.BatchCursor;
import java.time.Instant;

/** What a script puts into a stream. */
sealed interface Item {
    /** Its place in the stream's script, from 0. */
    int index();

    /** How many envelopes it brings. */
    int envelopes();

    /** Batch bytes. */
    record Batch(int index, int envelopes, byte[] bytes) implements Item {
        static Batch of(int index, byte[] bytes) {
            BatchCursor cursor = new BatchCursor(false).over(bytes, 0, bytes.length);
            int envelopes = 0;
            while (cursor.next()) {
                envelopes++;
            }
            return new Batch(index, envelopes, bytes);
        }
    }

    /** Word that the client lags. */
    record Lagging(int index, Lag lag) implements Item {
        @Override
        public int envelopes() {
            return 0;
        }

        LagNotice notice(String source) {
            return new LagNotice(Selection.ALL, source, lag, 1, "the client");
        }
    }

    /** Envelopes that do not come; {@code count} 0 and times null if unknown. */
    record Loss(int index, long count, Instant first, Instant last, String reason) implements Item {
        @Override
        public int envelopes() {
            return 0;
        }

        long firstMillis() {
            return first == null ? 0 : first.toEpochMilli();
        }

        long lastMillis() {
            return last == null ? 0 : last.toEpochMilli();
        }
    }
}
