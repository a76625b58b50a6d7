package io.loggregator.stream.selection;

import io.loggregator.wire.BatchCursor;
import io.loggregator.wire.MetricNames;
import io.loggregator.wire.ProtoBytes;

/**
 * A part of the stream that depends on nothing but the envelopes, so that whoever computes it comes to the same: metrics of
 * one name are always in the same of so many shares, other envelopes are spread over all.
 *
 * @param index which share, below {@code count}
 * @param count into how many shares the stream is parted, at least 1
 */
public record Share(int index, int count) {
    /** The whole stream. */
    public static final Share ALL = new Share(0, 1);

    public Share {
        if (count < 1 || index < 0 || index >= count) {
            throw new IllegalArgumentException("share " + index + " of " + count);
        }
    }

    /** Whether the envelope under the cursor belongs to this share. */
    public boolean takes(BatchCursor cursor) {
        return count == 1 || indexOf(cursor, count) == index;
    }

    /** Which of {@code count} shares the envelope under the cursor belongs to. */
    public static int indexOf(BatchCursor cursor, int count) {
        return (int) Long.remainderUnsigned(hash(cursor), count);
    }

    private static long hash(BatchCursor cursor) {
        return switch (cursor.kind()) {
            case BatchCursor.COUNTER -> name(cursor.bytes(), cursor.messageStart(), cursor.messageEnd());
            case BatchCursor.GAUGE -> names(cursor.bytes(), cursor.messageStart(), cursor.messageEnd());
            default -> mixed(cursor.timestamp());
        };
    }

    private static long name(byte[] bytes, int from, int to) {
        long name = MetricNames.name(bytes, from, to);
        return name < 0 ? 0 : Crc64.of(bytes, ProtoBytes.high(name), ProtoBytes.low(name));
    }

    private static long names(byte[] bytes, int from, int to) {
        long sum = 0;
        int at = from;
        long metric;
        while ((metric = MetricNames.nextMetric(bytes, at, to)) >= 0) {
            sum += name(bytes, ProtoBytes.high(metric), ProtoBytes.low(metric));
            at = ProtoBytes.low(metric);
        }
        return sum;
    }

    /** The last step of MurmurHash3 for 64 bits: neighbouring times go to any shares. */
    private static long mixed(long time) {
        long h = time;
        h = (h ^ (h >>> 33)) * 0xff51afd7ed558ccdL;
        h = (h ^ (h >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return h ^ (h >>> 33);
    }
}
