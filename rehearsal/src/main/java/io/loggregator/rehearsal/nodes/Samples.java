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

    /** By what the account of readers is found that share with nobody; all of them have one. */
    public static final String OF_ALONE = "filter=\"alone\"";

    private final List<String> lines;

    Samples(List<String> lines) {
        this.lines = lines;
    }

    /** By what the account of a subscription, or a shard, is found. */
    public static String ofSubscription(String id) {
        return "subscription=\"" + id + "\"";
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

    /** Whether there is a subscription of that account, with clients or waiting for one; a second ago at most. */
    public boolean knows(String of) {
        return lines.stream().anyMatch(line -> line.startsWith(PLACE) && line.contains(of));
    }

    /** Envelopes that a subscription was to get, also before it was forgotten. */
    public long accepted(String of) {
        return ledger(of, "accepted");
    }

    /** Envelopes that a subscription was to get and neither has confirmed nor was counted as lost. */
    public long pending(String of) {
        return accepted(of)
                - ledger(of, "abandoned")
                - ledger(of, "delivered")
                - ledger(of, "lapped")
                - ledger(of, "thinned")
                - ledger(of, "unconfirmed")
                - ledger(of, "stopped");
    }

    /** Envelopes that were announced to a subscription as lost and may have arrived all the same. */
    public long unconfirmed(String of) {
        return ledger(of, "unconfirmed");
    }

    /** Envelopes that a subscription's clients have confirmed. */
    public long delivered(String of) {
        return ledger(of, "delivered");
    }

    /** Envelopes that were sent to a subscription once more, because nobody had confirmed them. */
    public long redelivered(String of) {
        return ledger(of, "redelivered");
    }

    /** Envelopes that a subscription lost and is told of once more, because nobody had confirmed the word of it. */
    public long retold(String of) {
        return ledger(of, "retold");
    }

    private long ledger(String of, String what) {
        return sum(LEDGER, of, "what=\"" + what + "\"");
    }
}
