package io.loggregator.wire.v1;

import io.loggregator.wire.ByteSink;
import java.nio.charset.StandardCharsets;

/** What stands at the end of a log that was cut. */
final class CutMark {
    private static final byte[] BEFORE = " ...[".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] BEHIND = " bytes cut]".getBytes(StandardCharsets.US_ASCII);

    private final ByteSink text = new ByteSink(64);

    void clear() {
        text.reset();
    }

    void set(int bytesCut) {
        text.reset().raw(BEFORE, 0, BEFORE.length).digits(bytesCut).raw(BEHIND, 0, BEHIND.length);
    }

    int length() {
        return text.end();
    }

    int copy(byte[] to, int at) {
        System.arraycopy(text.bytes(), 0, to, at, text.end());
        return at + text.end();
    }
}
