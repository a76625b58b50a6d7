package io.loggregator.benchmarks.reader;

/** Finds the payload of a log in a v1 envelope: {@code Envelope.logMessage} (8), {@code LogMessage.message} (1). */
final class LogPayload {
    private static final int LOG_MESSAGE = 8;
    private static final int MESSAGE = 1;
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int DELIMITED = 2;
    private static final int FIXED32 = 5;

    private byte[] bytes;
    private int at;
    private int from;
    private int to;

    /** Looks at the envelope {@code bytes[start, end)}; false if it is no log or no sound envelope. */
    boolean in(byte[] envelope, int start, int end) {
        bytes = envelope;
        return field(LOG_MESSAGE, start, end) && field(MESSAGE, from, to);
    }

    /** Where the payload starts. */
    int from() {
        return from;
    }

    /** Where it ends. */
    int to() {
        return to;
    }

    private boolean field(int wanted, int start, int end) {
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
