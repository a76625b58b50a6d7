package io.loggregator.wire;

/** The tags (number and wire type) of the fields of {@code loggregator.v2.Envelope}. */
public final class EnvelopeFields {
    public static final int TIMESTAMP = 1 << 3 | ProtoBytes.VARINT;
    public static final int SOURCE_ID = 2 << 3 | ProtoBytes.DELIMITED;
    public static final int DEPRECATED_TAGS = 3 << 3 | ProtoBytes.DELIMITED;
    public static final int LOG = 4 << 3 | ProtoBytes.DELIMITED;
    public static final int COUNTER = 5 << 3 | ProtoBytes.DELIMITED;
    public static final int GAUGE = 6 << 3 | ProtoBytes.DELIMITED;
    public static final int TIMER = 7 << 3 | ProtoBytes.DELIMITED;
    public static final int INSTANCE_ID = 8 << 3 | ProtoBytes.DELIMITED;
    public static final int TAGS = 9 << 3 | ProtoBytes.DELIMITED;
    public static final int EVENT = 10 << 3 | ProtoBytes.DELIMITED;

    private EnvelopeFields() {}
}
