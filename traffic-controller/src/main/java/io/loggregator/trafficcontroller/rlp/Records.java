package io.loggregator.trafficcontroller.rlp;

import io.netty.buffer.ByteBuf;

/** Walks the envelopes of batch bytes in a buffer, which are sound; other fields count as part of what follows them. */
final class Records {
    private static final int ENVELOPE = 0x0A;
    private static final int VARINT = 0;
    private static final int FIXED_64 = 1;
    private static final int DELIMITED = 2;
    private static final int FIXED_32 = 5;

    private final ByteBuf bytes;
    private int position;
    private int start;
    private int envelopeStart;

    Records(ByteBuf bytes) {
        this.bytes = bytes;
        this.position = bytes.readerIndex();
    }

    /** Moves to the next envelope; false at the end. */
    boolean next() {
        start = position;
        while (position < bytes.writerIndex()) {
            long tag = varint();
            if (tag == ENVELOPE) {
                int length = (int) varint();
                envelopeStart = position;
                position += length;
                return true;
            }
            switch ((int) tag & 7) {
                case VARINT -> varint();
                case FIXED_64 -> position += Long.BYTES;
                case DELIMITED -> position += (int) varint();
                case FIXED_32 -> position += Integer.BYTES;
                default -> throw new IllegalStateException("batch bytes with a field of a kind that no Doppler sends");
            }
        }
        return false;
    }

    private long varint() {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = bytes.getByte(position++);
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }

    /** Where the current envelope's record starts. */
    int start() {
        return start;
    }

    /** Where the current envelope's own bytes start. */
    int envelopeStart() {
        return envelopeStart;
    }

    /** Behind the current envelope. */
    int end() {
        return position;
    }
}
