package io.loggregator.nozzle;

import io.loggregator.wire.ProtoBytes;

/** Looks for fields in the message of an envelope, whose bytes are known to be sound. Of several the last counts. */
final class Fields {
    private Fields() {}

    /** A number; 0 if it is absent. */
    static long varint(byte[] bytes, int from, int to, int number) {
        long found = 0;
        int p = from;
        while (p < to) {
            long tag = ProtoBytes.tag(bytes, p, to);
            int value = ProtoBytes.high(tag);
            p = next(bytes, to, tag);
            if (ProtoBytes.low(tag) == (number << 3 | ProtoBytes.VARINT)) {
                found = ProtoBytes.varint(bytes, value, p);
            }
        }
        return found;
    }

    /** Where the text, bytes or message starts (higher half) and ends (lower half); twice {@code from} if it is absent. */
    static long span(byte[] bytes, int from, int to, int number) {
        long found = (long) from << 32 | from;
        int p = from;
        while (p < to) {
            long tag = ProtoBytes.tag(bytes, p, to);
            p = next(bytes, to, tag);
            if (ProtoBytes.low(tag) == (number << 3 | ProtoBytes.DELIMITED)) {
                found = ProtoBytes.span(bytes, ProtoBytes.high(tag), to);
            }
        }
        return found;
    }

    /** Behind the field. */
    static int next(byte[] bytes, int to, long tag) {
        int behind =
                tag < 0 ? ProtoBytes.UNSOUND : ProtoBytes.skip(bytes, ProtoBytes.high(tag), to, ProtoBytes.low(tag), 2);
        if (behind < 0) {
            throw new AssertionError("bytes of an envelope changed after they had been checked");
        }
        return behind;
    }
}
