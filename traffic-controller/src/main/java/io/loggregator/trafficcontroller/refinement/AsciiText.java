package io.loggregator.trafficcontroller.refinement;

import java.nio.charset.StandardCharsets;

/** ASCII bytes as characters, where they lie. Used again for the next. */
final class AsciiText implements CharSequence {
    private static final byte[] NOTHING = {};

    private byte[] bytes = NOTHING;
    private int from;
    private int to;

    AsciiText over(byte[] source, int start, int end) {
        bytes = source;
        from = start;
        to = end;
        return this;
    }

    /** Holds on to nothing. */
    void forget() {
        over(NOTHING, 0, 0);
    }

    @Override
    public int length() {
        return to - from;
    }

    @Override
    public char charAt(int index) {
        return (char) bytes[from + index];
    }

    @Override
    public CharSequence subSequence(int start, int end) {
        return new AsciiText().over(bytes, from + start, from + end);
    }

    @Override
    public String toString() {
        return new String(bytes, from, to - from, StandardCharsets.US_ASCII);
    }
}
