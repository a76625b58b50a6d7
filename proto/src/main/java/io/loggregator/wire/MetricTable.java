package io.loggregator.wire;

import java.util.Arrays;

/** The metrics of one gauge: for each name its last occurrence, in the order in which the names first occur. */
public final class MetricTable {
    private static final int KEY = 1 << 3 | ProtoBytes.DELIMITED;
    private static final int VALUE = 2 << 3 | ProtoBytes.DELIMITED;
    private static final int UNIT = 1 << 3 | ProtoBytes.DELIMITED;
    private static final int NUMBER = 2 << 3 | ProtoBytes.FIXED64;

    private final KeyIndex names;
    private byte[] bytes = {};
    private int[] unitStart = new int[8];
    private int[] unitEnd = new int[8];
    private double[] values = new double[8];
    private boolean tooMany;

    private int entryUnitStart;
    private int entryUnitEnd;
    private double entryValue;

    /** @param limit how many metrics at most */
    public MetricTable(int limit) {
        names = new KeyIndex(limit);
    }

    /** Forgets all metrics; the next ones lie in these bytes. */
    public void reset(byte[] envelope) {
        bytes = envelope;
        names.reset(envelope);
        tooMany = false;
    }

    /** Takes an entry of {@code metrics}. False: its bytes are not sound. */
    public boolean metric(int from, int to) {
        int nameStart = from;
        int nameEnd = from;
        // An entry without a value is one with a value of zero and no unit, as for every parser.
        entryUnitStart = from;
        entryUnitEnd = from;
        entryValue = 0;
        int p = from;
        while (p < to) {
            long tag = ProtoBytes.tag(bytes, p, to);
            if (tag < 0) {
                return false;
            }
            int field = ProtoBytes.high(tag);
            p = ProtoBytes.skip(bytes, field, to, ProtoBytes.low(tag), 3);
            if (p < 0) {
                return false;
            }
            if (ProtoBytes.low(tag) == KEY) {
                nameStart = ProtoBytes.high(ProtoBytes.span(bytes, field, to));
                nameEnd = p;
            } else if (ProtoBytes.low(tag) == VALUE && !value(ProtoBytes.high(ProtoBytes.span(bytes, field, to)), p)) {
                return false;
            }
        }
        put(nameStart, nameEnd);
        return Utf8.valid(bytes, nameStart, nameEnd) && Utf8.valid(bytes, entryUnitStart, entryUnitEnd);
    }

    private boolean value(int from, int to) {
        int p = from;
        while (p < to) {
            long tag = ProtoBytes.tag(bytes, p, to);
            if (tag < 0) {
                return false;
            }
            int field = ProtoBytes.high(tag);
            p = ProtoBytes.skip(bytes, field, to, ProtoBytes.low(tag), 4);
            if (p < 0) {
                return false;
            }
            if (ProtoBytes.low(tag) == UNIT) {
                entryUnitStart = ProtoBytes.high(ProtoBytes.span(bytes, field, to));
                entryUnitEnd = p;
            } else if (ProtoBytes.low(tag) == NUMBER) {
                entryValue = Double.longBitsToDouble(ProtoBytes.long64(bytes, field));
            }
        }
        return true;
    }

    private void put(int nameStart, int nameEnd) {
        int i = names.number(nameStart, nameEnd);
        if (i < 0) {
            tooMany = true;
            return;
        }
        if (i >= values.length || (i == 0 && values.length > 1024)) {
            int size = i == 0 ? 8 : 2 * i;
            unitStart = Arrays.copyOf(unitStart, size);
            unitEnd = Arrays.copyOf(unitEnd, size);
            values = Arrays.copyOf(values, size);
        }
        unitStart[i] = entryUnitStart;
        unitEnd[i] = entryUnitEnd;
        values[i] = entryValue;
    }

    /** Whether there were more metrics than the table takes. */
    public boolean tooMany() {
        return tooMany;
    }

    /** How many names there are. */
    public int count() {
        return names.count();
    }

    public int nameStart(int metric) {
        return names.start(metric);
    }

    public int nameEnd(int metric) {
        return names.end(metric);
    }

    public int unitStart(int metric) {
        return unitStart[metric];
    }

    public int unitEnd(int metric) {
        return unitEnd[metric];
    }

    public double value(int metric) {
        return values[metric];
    }

    /** The metric of this name, or -1. */
    public int find(byte[] name) {
        for (int i = 0; i < names.count(); i++) {
            if (Arrays.equals(bytes, names.start(i), names.end(i), name, 0, name.length)) {
                return i;
            }
        }
        return -1;
    }
}
