package io.loggregator.trafficcontroller.fanout;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/** Positions that readers say they were at: {@code Last-Event-ID}, {@code resume}. */
public final class ResumeTokenTarget {
    private ResumeTokenTarget() {}

    /** What the fuzzer begins with: a reader that has got nothing yet, and one that has. */
    public static List<byte[]> seeds() {
        byte[] name = new byte[16];
        ResumeToken.ReadUpTo place = new ResumeToken.ReadUpTo(ResumeToken.run("run"), 0, 4_096, 17, false);
        return Stream.of(
                        new ResumeToken(name, 1_700_000_000_000L, 1_700_000_060_000L, true, List.of()),
                        new ResumeToken(name, 1, 1, false, List.of(place)))
                .map(token -> token.text(0).getBytes(StandardCharsets.ISO_8859_1))
                .toList();
    }

    /** Takes any bytes. */
    public static void fuzzerTestOneInput(byte[] data) {
        ResumeToken.read(new String(data, StandardCharsets.ISO_8859_1));
    }
}
