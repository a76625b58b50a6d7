package io.loggregator.node.settings;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations in the notation of Go's {@code time.ParseDuration}, which the Go release's settings use. */
public final class GoDurations {
    private static final int LONGEST = 64;
    private static final Pattern PART = Pattern.compile("([0-9]+\\.?[0-9]*|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)");
    private static final BigInteger MOST = BigInteger.valueOf(Long.MAX_VALUE);

    private GoDurations() {}

    /**
     * Reads a sequence of decimal numbers with units, as in {@code 1m30s}, {@code 500ms} or {@code 1.5h}, with an
     * optional sign in front; {@code 0} needs no unit. Fractions of a nanosecond are cut off.
     *
     * @throws IllegalArgumentException when the text has another form or is beyond 63 bits of nanoseconds
     */
    public static Duration parse(String text) {
        if (text.isEmpty() || text.length() > LONGEST) {
            throw new IllegalArgumentException("not a duration");
        }
        boolean negative = text.charAt(0) == '-';
        int at = negative || text.charAt(0) == '+' ? 1 : 0;
        if (text.substring(at).equals("0")) {
            return Duration.ZERO;
        }
        if (at == text.length()) {
            throw new IllegalArgumentException("not a duration");
        }
        BigInteger nanos = BigInteger.ZERO;
        Matcher part = PART.matcher(text);
        while (at < text.length()) {
            if (!part.region(at, text.length()).lookingAt()) {
                throw new IllegalArgumentException("not a duration");
            }
            nanos = nanos.add(new BigDecimal(part.group(1))
                    .multiply(BigDecimal.valueOf(nanosOf(part.group(2))))
                    .toBigInteger());
            at = part.end();
        }
        if (nanos.compareTo(MOST) > 0) {
            throw new IllegalArgumentException("too long");
        }
        return Duration.ofNanos(negative ? -nanos.longValueExact() : nanos.longValueExact());
    }

    /** Shows a duration as {@link #parse} reads it, largest units first and units of zero left out. */
    public static String format(Duration duration) {
        if (duration.isZero()) {
            return "0s";
        }
        StringBuilder text = new StringBuilder(duration.isNegative() ? "-" : "");
        Duration rest = duration.abs();
        append(text, rest.toHours(), "h");
        append(text, rest.toMinutesPart(), "m");
        append(text, rest.toSecondsPart(), "s");
        append(text, rest.toNanosPart() / 1_000_000, "ms");
        append(text, rest.toNanosPart() / 1_000 % 1_000, "us");
        append(text, rest.toNanosPart() % 1_000, "ns");
        return text.toString();
    }

    private static void append(StringBuilder text, long amount, String unit) {
        if (amount != 0) {
            text.append(amount).append(unit);
        }
    }

    private static long nanosOf(String unit) {
        return switch (unit) {
            case "ns" -> 1L;
            case "ms" -> 1_000_000L;
            case "s" -> 1_000_000_000L;
            case "m" -> 60_000_000_000L;
            case "h" -> 3_600_000_000_000L;
            default -> 1_000L;
        };
    }
}
