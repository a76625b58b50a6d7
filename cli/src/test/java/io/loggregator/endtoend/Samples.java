package io.loggregator.endtoend;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code /metrics} of one or more processes said. */
final class Samples {
    private static final Pattern LINE = Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)\\})? (\\S+)");
    private static final Pattern LABEL = Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"([^\"]*)\"");

    private final List<Sample> samples = new ArrayList<>();

    private record Sample(String name, Map<String, String> labels, double value) {}

    Samples(List<String> scrapes) {
        for (String scrape : scrapes) {
            for (String line : scrape.split("\n")) {
                Matcher matcher = LINE.matcher(line);
                if (matcher.matches()) {
                    samples.add(new Sample(
                            matcher.group(1), labels(matcher.group(2)), Double.parseDouble(matcher.group(3))));
                }
            }
        }
    }

    private static Map<String, String> labels(String textOrNull) {
        Map<String, String> labels = new HashMap<>();
        if (textOrNull != null) {
            Matcher matcher = LABEL.matcher(textOrNull);
            while (matcher.find()) {
                labels.put(matcher.group(1), matcher.group(2));
            }
        }
        return labels;
    }

    /** The sum of all samples of that name that have these labels, whatever others they have. */
    long sum(String name, Map<String, String> labels) {
        return Math.round(samples.stream()
                .filter(sample ->
                        sample.name().equals(name) && sample.labels().entrySet().containsAll(labels.entrySet()))
                .mapToDouble(Sample::value)
                .sum());
    }

    long sum(String name) {
        return sum(name, Map.of());
    }

    /** The ledger of a firehose subscription, over all Dopplers. */
    Ledger ledger(String subscription) {
        return new Ledger(
                what(subscription, "accepted"),
                what(subscription, "delivered"),
                what(subscription, "lapped")
                        + what(subscription, "thinned")
                        + what(subscription, "unconfirmed")
                        + what(subscription, "stopped")
                        + what(subscription, "abandoned"),
                what(subscription, "redelivered"));
    }

    private long what(String subscription, String what) {
        return sum("subscription_envelopes_total", Map.of("subscription", subscription, "what", what));
    }

    /**
     * What became of a group's envelopes.
     *
     * @param accepted all that the group was to get
     * @param delivered confirmed by a client
     * @param dropped lost, and counted
     * @param redelivered sent a second time, beside the sum
     */
    record Ledger(long accepted, long delivered, long dropped, long redelivered) {
        /** Not yet either. */
        long pending() {
            return accepted - delivered - dropped;
        }
    }
}
