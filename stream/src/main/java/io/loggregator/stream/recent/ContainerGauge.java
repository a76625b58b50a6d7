package io.loggregator.stream.recent;

import io.loggregator.wire.ProtoBytes;

/**
 * Recognises, from the bytes of an envelope, the gauges that a v1 consumer sees as a container metric. That is the rule
 * of the v2 to v1 conversion: the metrics {@code cpu}, {@code memory}, {@code disk}, {@code memory_quota} and {@code
 * disk_quota} are all there, and none of them has both an empty unit and the value 0. (The conversion also asks for a
 * number of metrics other than 1, which follows.) Reads as a protobuf parser does: the last of several values counts,
 * repeated messages are merged, unknown fields are skipped. Allocates nothing.
 */
public final class ContainerGauge {
    /** What {@link #instanceIndex} answers for everything that is not a container metric. */
    public static final long NOT_ONE = Long.MIN_VALUE;

    private static final int TAG_INSTANCE_ID = (8 << 3) | ProtoBytes.DELIMITED;
    private static final int TAG_LOG = (4 << 3) | ProtoBytes.DELIMITED;
    private static final int TAG_COUNTER = (5 << 3) | ProtoBytes.DELIMITED;
    private static final int TAG_GAUGE = (6 << 3) | ProtoBytes.DELIMITED;
    private static final int TAG_TIMER = (7 << 3) | ProtoBytes.DELIMITED;
    private static final int TAG_EVENT = (10 << 3) | ProtoBytes.DELIMITED;
    private static final int TAG_FIRST = (1 << 3) | ProtoBytes.DELIMITED;
    private static final int TAG_SECOND = (2 << 3) | ProtoBytes.DELIMITED;
    private static final int TAG_DOUBLE = (2 << 3) | ProtoBytes.FIXED64;

    private static final String[] KEYS = {"cpu", "memory", "disk", "memory_quota", "disk_quota", "instance_index"};
    private static final int INDEX_KEY = 5;
    private static final long REQUIRED = (1 << INDEX_KEY) - 1;
    private static final long INDEX_PRESENT = 1 << INDEX_KEY;
    /** Where in a state the position of the entry that holds the instance index lies. */
    private static final int POSITION_SHIFT = 32;

    private static final long MALFORMED = -1;

    private ContainerGauge() {}

    /**
     * The instance index of a container metric: the value of its metric {@code instance_index} truncated to 32 bits, else
     * its instance id as a decimal 32-bit number, else 0.
     *
     * @return a value in the range of {@code int}, or {@link #NOT_ONE}, also for malformed bytes
     */
    public static long instanceIndex(byte[] bytes, int from, int to) {
        // The lower half says which keys qualify, the upper half where the instance index is.
        long state = 0;
        int idFrom = 0;
        int idTo = 0;
        int at = from;
        while (at < to) {
            int end = afterField(bytes, at, to);
            if (end < 0) {
                return NOT_ONE;
            }
            switch (tag(bytes, at, end)) {
                case TAG_GAUGE -> {
                    state = gauge(bytes, contentOf(bytes, at, end), end, state);
                    if (state == MALFORMED) {
                        return NOT_ONE;
                    }
                }
                case TAG_LOG, TAG_COUNTER, TAG_TIMER, TAG_EVENT -> state = 0;
                case TAG_INSTANCE_ID -> {
                    idFrom = contentOf(bytes, at, end);
                    idTo = end;
                }
                default -> {}
            }
            at = end;
        }
        if ((state & REQUIRED) != REQUIRED) {
            return NOT_ONE;
        }
        if ((state & INDEX_PRESENT) != 0) {
            int entry = (int) (state >>> POSITION_SHIFT);
            return (int) entryValue(bytes, entry, afterField(bytes, entry, to));
        }
        return decimal(bytes, idFrom, idTo);
    }

    private static long gauge(byte[] bytes, int from, int to, long before) {
        long state = before;
        int at = from;
        while (at < to) {
            int end = afterField(bytes, at, to);
            if (end < 0) {
                return MALFORMED;
            }
            if (tag(bytes, at, end) == TAG_FIRST) {
                int entry = contentOf(bytes, at, end);
                int key = key(bytes, entry, end);
                if (key < 0) {
                    return MALFORMED;
                }
                int qualifies = qualifies(bytes, entry, end);
                if (qualifies < 0) {
                    return MALFORMED;
                }
                if (key == INDEX_KEY) {
                    state = (state & REQUIRED) | INDEX_PRESENT | ((long) at << POSITION_SHIFT);
                } else if (key < INDEX_KEY) {
                    state = (state & ~(1L << key)) | ((long) qualifies << key);
                }
            }
            at = end;
        }
        return state;
    }

    /** Which of the keys a map entry has, a larger number if another, -1 if malformed. */
    private static int key(byte[] bytes, int from, int to) {
        int key = KEYS.length;
        int at = from;
        while (at < to) {
            int end = afterField(bytes, at, to);
            if (end < 0) {
                return -1;
            }
            if (tag(bytes, at, end) == TAG_FIRST) {
                key = keyAt(bytes, contentOf(bytes, at, end), end);
            }
            at = end;
        }
        return key;
    }

    private static int keyAt(byte[] bytes, int from, int to) {
        for (int key = 0; key < KEYS.length; key++) {
            String name = KEYS[key];
            if (name.length() == to - from) {
                int i = 0;
                while (i < name.length() && bytes[from + i] == name.charAt(i)) {
                    i++;
                }
                if (i == name.length()) {
                    return key;
                }
            }
        }
        return KEYS.length;
    }

    /** 1 unless the unit is empty and the value 0; -1 if malformed. */
    private static int qualifies(byte[] bytes, int from, int to) {
        boolean unit = false;
        double value = 0;
        int at = from;
        while (at < to) {
            int end = afterField(bytes, at, to);
            if (tag(bytes, at, end) == TAG_SECOND) {
                int inner = contentOf(bytes, at, end);
                while (inner < end) {
                    int innerEnd = afterField(bytes, inner, end);
                    if (innerEnd < 0) {
                        return -1;
                    }
                    int tag = tag(bytes, inner, innerEnd);
                    if (tag == TAG_FIRST) {
                        unit = contentOf(bytes, inner, innerEnd) < innerEnd;
                    } else if (tag == TAG_DOUBLE) {
                        value = Double.longBitsToDouble(ProtoBytes.long64(bytes, innerEnd - Double.BYTES));
                    }
                    inner = innerEnd;
                }
            }
            at = end;
        }
        return unit || value != 0 ? 1 : 0;
    }

    /** The value of a sound map entry, given from its tag. */
    private static double entryValue(byte[] bytes, int from, int to) {
        double value = 0;
        int at = contentOf(bytes, from, to);
        while (at < to) {
            int end = afterField(bytes, at, to);
            if (tag(bytes, at, end) == TAG_SECOND) {
                int inner = contentOf(bytes, at, end);
                while (inner < end) {
                    int innerEnd = afterField(bytes, inner, end);
                    if (tag(bytes, inner, innerEnd) == TAG_DOUBLE) {
                        value = Double.longBitsToDouble(ProtoBytes.long64(bytes, innerEnd - Double.BYTES));
                    }
                    inner = innerEnd;
                }
            }
            at = end;
        }
        return value;
    }

    /** The offset behind the field at {@code at}, which is below {@code to}, or -1 if it is not sound. */
    private static int afterField(byte[] bytes, int at, int to) {
        long tag = ProtoBytes.tag(bytes, at, to);
        return tag < 0 ? ProtoBytes.UNSOUND : ProtoBytes.skip(bytes, ProtoBytes.high(tag), to, ProtoBytes.low(tag), 0);
    }

    /** The tag of a sound field. */
    private static int tag(byte[] bytes, int at, int end) {
        return ProtoBytes.low(ProtoBytes.tag(bytes, at, end));
    }

    /** Where the content of a sound length-delimited field begins. */
    private static int contentOf(byte[] bytes, int at, int end) {
        return ProtoBytes.high(ProtoBytes.span(bytes, ProtoBytes.high(ProtoBytes.tag(bytes, at, end)), end));
    }

    /** A decimal 32-bit number with an optional sign; 0 for anything else. */
    private static int decimal(byte[] bytes, int from, int to) {
        boolean signed = from < to && (bytes[from] == '-' || bytes[from] == '+');
        int at = signed ? from + 1 : from;
        if (at == to) {
            return 0;
        }
        long number = 0;
        for (; at < to; at++) {
            int digit = bytes[at] - '0';
            if (digit < 0 || digit > 9) {
                return 0;
            }
            number = number * 10 + digit;
            if (number > -(long) Integer.MIN_VALUE) {
                return 0;
            }
        }
        if (signed && bytes[from] == '-') {
            number = -number;
        }
        return number > Integer.MAX_VALUE ? 0 : (int) number;
    }
}
