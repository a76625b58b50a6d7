package io.loggregator.wire;

import java.util.Arrays;

/** Compares the names of metrics where they lie: in the bytes of a {@code Counter} or a {@code Gauge}. */
public final class MetricNames {
    /** Tag of {@code Counter.name}, of an entry of {@code Gauge.metrics}, and of that entry's key. */
    private static final int FIRST_FIELD = 1 << 3 | ProtoBytes.DELIMITED;

    private MetricNames() {}

    /** Whether the counter in {@code bytes[from, to)} has the name. */
    public static boolean isCounter(byte[] bytes, int from, int to, byte[] name) {
        long found = name(bytes, from, to);
        return found >= 0 && Arrays.equals(name, 0, name.length, bytes, ProtoBytes.high(found), ProtoBytes.low(found));
    }

    /**
     * Whether the gauge in {@code bytes[from, to)} has metrics of all these names and of no other.
     *
     * @param names without repetition, in the order of their bytes, these without signs
     */
    public static boolean areGauge(byte[] bytes, int from, int to, byte[][] names) {
        long all = names.length < Long.SIZE ? (1L << names.length) - 1 : -1L;
        long seen = 0;
        boolean[] seenMore = names.length <= Long.SIZE ? null : new boolean[names.length];
        int p = from;
        while (p < to) {
            long tag = ProtoBytes.tag(bytes, p, to);
            if (tag < 0) {
                return false;
            }
            p = ProtoBytes.high(tag);
            if (ProtoBytes.low(tag) != FIRST_FIELD) {
                p = ProtoBytes.skip(bytes, p, to, ProtoBytes.low(tag), 0);
                if (p < 0) {
                    return false;
                }
                continue;
            }
            long span = ProtoBytes.span(bytes, p, to);
            if (span < 0) {
                return false;
            }
            int which = indexOf(bytes, ProtoBytes.high(span), ProtoBytes.low(span), names);
            if (which < 0) {
                return false;
            }
            if (seenMore != null) {
                seenMore[which] = true;
            } else {
                seen |= 1L << which;
            }
            p = ProtoBytes.low(span);
        }
        if (seenMore == null) {
            return seen == all;
        }
        for (boolean one : seenMore) {
            if (!one) {
                return false;
            }
        }
        return true;
    }

    private static int indexOf(byte[] bytes, int from, int to, byte[][] names) {
        long found = name(bytes, from, to);
        if (found < 0) {
            return -1;
        }
        int low = 0;
        int high = names.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            byte[] name = names[middle];
            int order =
                    Arrays.compareUnsigned(name, 0, name.length, bytes, ProtoBytes.high(found), ProtoBytes.low(found));
            if (order == 0) {
                return middle;
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -1;
    }

    /**
     * The next entry of {@code Gauge.metrics} in {@code bytes[at, to)}: offsets of its first byte and behind its last, to be
     * taken apart by {@link ProtoBytes#high} and {@link ProtoBytes#low}; negative if there is none.
     */
    public static long nextMetric(byte[] bytes, int at, int to) {
        int p = at;
        while (p < to) {
            long tag = ProtoBytes.tag(bytes, p, to);
            if (tag < 0) {
                return ProtoBytes.UNSOUND;
            }
            p = ProtoBytes.high(tag);
            if (ProtoBytes.low(tag) == FIRST_FIELD) {
                return ProtoBytes.span(bytes, p, to);
            }
            p = ProtoBytes.skip(bytes, p, to, ProtoBytes.low(tag), 0);
            if (p < 0) {
                return ProtoBytes.UNSOUND;
            }
        }
        return ProtoBytes.UNSOUND;
    }

    /**
     * The name of the counter, or of the entry of a gauge's metrics, in {@code bytes[from, to)}: offsets of its first byte
     * and behind its last, as {@link #nextMetric} tells them; the same offset twice for an empty name, negative if the
     * bytes are not sound.
     */
    public static long name(byte[] bytes, int from, int to) {
        long name = (long) from << 32 | from;
        int p = from;
        while (p < to) {
            long tag = ProtoBytes.tag(bytes, p, to);
            if (tag < 0) {
                return ProtoBytes.UNSOUND;
            }
            p = ProtoBytes.high(tag);
            if (ProtoBytes.low(tag) == FIRST_FIELD) {
                name = ProtoBytes.span(bytes, p, to);
                if (name < 0) {
                    return ProtoBytes.UNSOUND;
                }
                p = ProtoBytes.low(name);
            } else {
                p = ProtoBytes.skip(bytes, p, to, ProtoBytes.low(tag), 0);
                if (p < 0) {
                    return ProtoBytes.UNSOUND;
                }
            }
        }
        return name;
    }
}
