package io.loggregator.nozzle;

import io.loggregator.wire.BatchCursor;
import io.loggregator.wire.ProtoBytes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Recognises the envelopes by which servers of the first protocol tell of a loss: a log line of source type {@code LGR}, a
 * counter {@code TruncatingBuffer.DroppedMessages}, or one of each for the same loss; and those that tell it that it lags. One
 * reader's own.
 */
final class LossNotices {
    private static final String COUNTER = "TruncatingBuffer.DroppedMessages";
    private static final byte[] TOO_HIGH = ascii("Log message output is too high. ");
    private static final byte[] LINK_DOWN = ascii("The link to a Doppler was down ");
    private static final byte[] ABANDONED = ascii("Nobody came back to read ");
    private static final byte[] DOPPLER_LOST = ascii("A Doppler was lost");
    private static final Pattern NUMBERS =
            Pattern.compile("(\\d{1,18}|unknown number of) messages dropped \\(Total (\\d{1,18}) messages dropped\\)");
    private static final int MOST_REMEMBERED = 64;

    private record Notice(boolean line, long count, long total, String reason) {}

    // Those whose other half may follow: a server sends both to who reads both.
    private final ArrayDeque<Notice> halves = new ArrayDeque<>();

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** What {@link #loss} found. */
    enum Found {
        /** An envelope like any other. */
        NONE,
        /** Word of a loss: see {@link #gap}. */
        GAP,
        /** Word that the reader lags: see {@link #lagging}. */
        LAG,
        /** The other half of one that was told. */
        AGAIN
    }

    private final LagNotices lags = new LagNotices();
    private Gap gap;

    /** Looks at the envelope that the cursor stands at. */
    Found loss(BatchCursor at) {
        Notice notice = at.kind() == BatchCursor.LOG ? line(at) : at.kind() == BatchCursor.COUNTER ? counter(at) : null;
        if (notice == null) {
            return lags.look(at);
        }
        for (Iterator<Notice> known = halves.iterator(); known.hasNext(); ) {
            Notice half = known.next();
            if (half.line() != notice.line() && half.count() == notice.count() && half.total() == notice.total()) {
                known.remove();
                return Found.AGAIN;
            }
        }
        if (halves.size() == MOST_REMEMBERED) {
            halves.removeFirst();
        }
        halves.addLast(notice);
        gap = new Gap(
                notice.count() == 0 ? OptionalLong.empty() : OptionalLong.of(notice.count()),
                Optional.empty(),
                Optional.empty(),
                notice.reason());
        return Found.GAP;
    }

    /** The gap that was found last. */
    Gap gap() {
        return gap;
    }

    /** The word that was found last that the reader lags. */
    Lagging lagging() {
        return lags.lagging();
    }

    private static Notice line(BatchCursor at) {
        long payload = Fields.span(at.bytes(), at.messageStart(), at.messageEnd(), 1);
        int from = ProtoBytes.high(payload);
        int to = ProtoBytes.low(payload);
        String reason = reason(at.bytes(), from, to);
        if (reason == null) {
            return null;
        }
        Log log = new Log(at);
        Matcher numbers = NUMBERS.matcher(log.text());
        if (!"LGR".equals(log.tag("source_type")) || !numbers.find()) {
            return null;
        }
        String count = numbers.group(1);
        return new Notice(
                true,
                count.startsWith("unknown") ? 0 : Long.parseLong(count),
                Long.parseLong(numbers.group(2)),
                reason);
    }

    /** As the text begins; null: it is no notice. */
    private static String reason(byte[] bytes, int from, int to) {
        if (starts(bytes, from, to, TOO_HIGH)) {
            return "slow";
        }
        if (starts(bytes, from, to, LINK_DOWN)) {
            return "link_down";
        }
        if (starts(bytes, from, to, ABANDONED)) {
            return "abandoned";
        }
        return starts(bytes, from, to, DOPPLER_LOST) ? "doppler_lost" : null;
    }

    private static boolean starts(byte[] bytes, int from, int to, byte[] prefix) {
        return to - from >= prefix.length && Arrays.equals(bytes, from, from + prefix.length, prefix, 0, prefix.length);
    }

    private static Notice counter(BatchCursor at) {
        Counter counter = new Counter(at);
        return counter.name().equals(COUNTER)
                ? new Notice(false, counter.delta(), counter.total(), counter.delta() == 0 ? "link_down" : "slow")
                : null;
    }
}
