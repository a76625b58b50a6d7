package io.loggregator.trafficcontroller.fanout;

import java.nio.charset.StandardCharsets;

/** Positions that readers say they were at: {@code Last-Event-ID}, {@code resume}. */
public final class ResumeTokenTarget {
    private ResumeTokenTarget() {}

    /** Takes any bytes. */
    public static void fuzzerTestOneInput(byte[] data) {
        ResumeToken.read(new String(data, StandardCharsets.ISO_8859_1));
    }
}
