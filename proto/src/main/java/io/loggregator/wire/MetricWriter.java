package io.loggregator.wire;

/** Writes the entries of a gauge's map of metrics. */
public final class MetricWriter {
    private static final int METRICS = 1 << 3 | ProtoBytes.DELIMITED;
    private static final int NAME = 1 << 3 | ProtoBytes.DELIMITED;
    private static final int VALUE = 2 << 3 | ProtoBytes.DELIMITED;
    private static final int UNIT = 1 << 3 | ProtoBytes.DELIMITED;
    private static final int NUMBER = 2 << 3 | ProtoBytes.FIXED64;

    private MetricWriter() {}

    /**
     * Writes one entry; a unit that is empty and a value whose bits are 0 are left out.
     *
     * @param value room for the metric's own message, whatever it holds
     * @param bits of the double
     */
    public static void entry(
            ByteSink gauge,
            ByteSink value,
            byte[] names,
            int start,
            int end,
            byte[] units,
            int unitStart,
            int unitEnd,
            long bits) {
        value.reset();
        if (unitEnd > unitStart) {
            value.delimited(UNIT, units, unitStart, unitEnd);
        }
        if (bits != 0) {
            value.real(NUMBER, Double.longBitsToDouble(bits));
        }
        gauge.open(METRICS, MapWriter.fieldSize(end - start) + MapWriter.fieldSize(value.end()))
                .delimited(NAME, names, start, end)
                .delimited(VALUE, value.bytes(), 0, value.end());
    }
}
