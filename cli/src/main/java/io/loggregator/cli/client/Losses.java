package io.loggregator.cli.client;

import io.loggregator.streaming.v2.Gap;
import io.loggregator.streaming.v2.Lagging;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** A gap, or what comes before it, in words. */
final class Losses {
    private static final double MIB = 1 << 20;

    private Losses() {}

    static String told(Gap gap) {
        StringBuilder text = new StringBuilder();
        if (gap.getCount() == 0) {
            text.append("an unknown number of envelopes was lost here");
        } else {
            text.append(Long.toUnsignedString(gap.getCount()))
                    .append(gap.getCount() == 1 ? " envelope was lost here" : " envelopes were lost here");
        }
        text.append(" (").append(reason(gap.getReason()));
        if (gap.getFirstMillis() > 0) {
            text.append("; arrived from ")
                    .append(time(gap.getFirstMillis()))
                    .append(" to ")
                    .append(time(gap.getLastMillis()));
        }
        return text.append(')').toString();
    }

    /** That nothing is lost yet, in words. */
    static String warning(Lagging lagging) {
        return String.format(
                Locale.ROOT,
                "this reader lags: it is %.1f s (%.1f MiB of the server's log) behind; from %.1f MiB on, it loses of the"
                        + " sources which send most",
                lagging.getBehindMillis() / 1e3,
                lagging.getBehindBytes() / MIB,
                lagging.getLimitBytes() / MIB);
    }

    private static String reason(String reason) {
        return switch (reason) {
            case "lapped" -> "read too late: the server's log was overwritten first";
            case "thinned" -> "read so late that the sources which send most had to give way to the others";
            case "unconfirmed" -> "sent to a client that left without acknowledging them; they may have arrived";
            case "link_down" -> "the servers had lost each other";
            case "abandoned" -> "nobody read for longer than the subscription waits";
            case "stopped" -> "a server had to stop before they were sent";
            case "doppler_lost" -> "a server was lost, and with it what it had taken in and not handed over";
            case "too_large" -> "too large";
            default -> reason.replaceAll("[^ -~]", "?");
        };
    }

    private static Instant time(long millis) {
        return Instant.ofEpochMilli(millis).truncatedTo(ChronoUnit.MILLIS);
    }
}
