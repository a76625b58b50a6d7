package io.loggregator.nozzle;

import io.loggregator.wire.BatchCursor;
import io.loggregator.wire.ProtoBytes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;

/**
 * Recognises the envelopes by which servers tell a reader that it lags, where the protocol has no message for that: a log line
 * of source type {@code LGR}, a counter {@code LaggingReader.Notices}, or one of each. One reader's own.
 */
final class LagNotices {
    private static final byte[] LINE = "This reader lags: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] COUNTER = "LaggingReader.Notices".getBytes(StandardCharsets.US_ASCII);
    private static final String MILLIS = "lag_millis";

    private Lagging lagging;
    /** Whether the line or the counter was the last that told it; the other one may follow. */
    private boolean byLine;

    private boolean half;

    /** Looks at the envelope that the cursor stands at; {@link LossNotices.Found#NONE} if it is no such notice. */
    LossNotices.Found look(BatchCursor at) {
        boolean line = at.kind() == BatchCursor.LOG;
        if (!isNotice(at, line)) {
            return LossNotices.Found.NONE;
        }
        Envelope envelope = line ? new Log(at) : new Counter(at);
        String millis = envelope.tag(MILLIS);
        if (millis == null || (line && !"LGR".equals(envelope.tag("source_type")))) {
            return LossNotices.Found.NONE;
        }
        Lagging told = new Lagging(
                Duration.ofMillis(number(millis)),
                number(envelope.tag("lag_bytes")),
                number(envelope.tag("lag_limit_bytes")));
        if (half && line != byLine && told.equals(lagging)) {
            half = false;
            return LossNotices.Found.AGAIN;
        }
        lagging = told;
        byLine = line;
        half = true;
        return LossNotices.Found.LAG;
    }

    /** What was found last. */
    Lagging lagging() {
        return lagging;
    }

    /** By how the line begins, or by the counter's name: cheap, for it is asked for every one. */
    private static boolean isNotice(BatchCursor at, boolean line) {
        if (!line && at.kind() != BatchCursor.COUNTER) {
            return false;
        }
        byte[] wanted = line ? LINE : COUNTER;
        long text = Fields.span(at.bytes(), at.messageStart(), at.messageEnd(), 1);
        int from = ProtoBytes.high(text);
        int length = ProtoBytes.low(text) - from;
        return (line ? length > wanted.length : length == wanted.length)
                && Arrays.equals(at.bytes(), from, from + wanted.length, wanted, 0, wanted.length);
    }

    private static long number(String text) {
        return text != null && text.matches("[0-9]{1,18}") ? Long.parseLong(text) : 0;
    }
}
