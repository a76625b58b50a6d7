package io.loggregator.rehearsal.nodes;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a server's {@code /metrics} says at a moment. */
public final class Samples {
    private static final Pattern SAMPLE = Pattern.compile("([a-z_]+)(?:\\{(.*)})? ([0-9.eE+-]+)");

    private static final String LEDGER = "subscription_envelopes_total";
    /** Of those that there are; a ledger stays when its subscription is forgotten. */
    private static final String PLACE = "subscription_behind_seconds";

    private final List<String> lines;

    Samples(List<String> lines) {
        this.lines = lines;
    }

    /**
     * The sum of the samples of that name.
     *
     * @param labels that they must have, such as {@code what="delivered"}
     */
    public long sum(String name, String... labels) {
        double sum = 0;
        for (String line : lines) {
            Matcher sample = SAMPLE.matcher(line);
            if (sample.matches() && sample.group(1).equals(name) && has(sample.group(2), labels)) {
                sum += Double.parseDouble(sample.group(3));
            }
        }
        return Math.round(sum);
    }

    private static boolean has(String textOrNull, String... labels) {
        String text = textOrNull == null ? "" : textOrNull;
        for (String label : labels) {
            if (!text.contains(label)) {
                return false;
            }
        }
        return true;
    }

    /** Whether there is a firehose subscription of that id, with clients or waiting for one; a second ago at most. */
    public boolean knows(String subscription) {
        return lines.stream().anyMatch(line -> line.startsWith(PLACE) && line.contains(label(subscription)));
    }

    /** Envelopes that a firehose subscription was to get, also before it was forgotten. */
    public long accepted(String subscription) {
        return ledger(subscription, "accepted");
    }

    /** Envelopes that a firehose subscription was to get and neither has confirmed nor was counted as lost. */
    public long pending(String subscription) {
        return accepted(subscription)
                - ledger(subscription, "abandoned")
                - ledger(subscription, "delivered")
                - ledger(subscription, "lapped")
                - ledger(subscription, "thinned")
                - ledger(subscription, "unconfirmed")
                - ledger(subscription, "stopped");
    }

    /** Envelopes that were announced to a firehose subscription as lost and may have arrived all the same. */
    public long unconfirmed(String subscription) {
        return ledger(subscription, "unconfirmed");
    }

    /** Envelopes that a firehose subscription's clients have confirmed. */
    public long delivered(String subscription) {
        return ledger(subscription, "delivered");
    }

    /** Envelopes that were sent to a firehose subscription once more, because nobody had confirmed them. */
    public long redelivered(String subscription) {
        return ledger(subscription, "redelivered");
    }

    private long ledger(String subscription, String what) {
        return sum(LEDGER, label(subscription), "what=\"" + what + "\"");
    }

    private static String label(String subscription) {
        return "subscription=\"" + subscription + "\"";
    }
}
