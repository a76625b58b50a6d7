package io.loggregator.benchmarks.reader;

/** Finds length-delimited fields in marshalled protobuf messages, where they lie. */
final class Fields {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int DELIMITED = 2;
    private static final int FIXED32 = 5;

    private byte[] bytes;
    private int at;
    private int from;
    private int to;

    /** Where what was found starts. */
    int from() {
        return from;
    }

    /** Where it ends. */
    int to() {
        return to;
    }

    /**
     * Looks for the first occurrence of a field in the message {@code message[start, end)}.
     *
     * @return false if there is none before the end, or before what is no sound message
     */
    boolean find(int wanted, byte[] message, int start, int end) {
        bytes = message;
        at = start;
        while (at < end) {
            long tag = varint(end);
            switch ((int) tag & 7) {
                case VARINT -> varint(end);
                case FIXED64 -> at += Long.BYTES;
                case FIXED32 -> at += Integer.BYTES;
                case DELIMITED -> {
                    long length = varint(end);
                    if (length < 0 || length > end - at) {
                        return false;
                    }
                    if (tag >>> 3 == wanted) {
                        from = at;
                        to = at + (int) length;
                        return true;
                    }
                    at += (int) length;
                }
                default -> {
                    return false;
                }
            }
        }
        return false;
    }

    /** Beyond the end it reads as -1, and {@link #at} is at the end. */
    private long varint(int end) {
        long value = 0;
        for (int shift = 0; at < end; shift += 7) {
            byte part = bytes[at++];
            value |= (long) (part & 0x7F) << shift;
            if (part >= 0) {
                return value;
            }
        }
        at = end;
        return -1;
    }
}
