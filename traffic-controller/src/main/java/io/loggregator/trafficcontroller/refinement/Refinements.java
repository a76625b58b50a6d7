package io.loggregator.trafficcontroller.refinement;

import io.loggregator.trafficcontroller.subscription.Refinement;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Reads the filters of a query: {@code instance} and {@code source_type}, each as often as one likes, and {@code grep}
 * once. All that are given must take a log line; of other envelopes only the instance is looked at.
 */
public final class Refinements {
    /** Bytes of a value of {@code instance} or {@code source_type}, at most. */
    static final int LONGEST_VALUE = 1_024;

    /** Characters of an identity; of what would be longer, so many of its beginning are shown. */
    private static final int LONGEST_IDENTITY = 256;

    private static final int SHOWN = 160;

    private static final String INSTANCE = "instance";
    private static final String SOURCE_TYPE = "source_type";
    private static final String GREP = "grep";

    private Refinements() {}

    /**
     * The refinement that the query asks for; {@link Refinement#NONE} if it asks for none.
     *
     * @param query the values of each key
     * @param limits what its filters may cost
     * @throws UnusableFilter a filter is too long, too costly or cannot be read
     */
    public static Refinement parse(Map<String, List<String>> query, FilterLimits limits) throws UnusableFilter {
        List<String> instances = values(query, INSTANCE, limits.values());
        List<String> sourceTypes = values(query, SOURCE_TYPE, limits.values());
        List<String> patterns = query.getOrDefault(GREP, List.of()).stream()
                .filter(text -> !text.isEmpty())
                .toList();
        if (patterns.size() > 1) {
            throw new UnusableFilter("grep: at most one; join several with |");
        }
        if (instances.isEmpty() && sourceTypes.isEmpty() && patterns.isEmpty()) {
            return Refinement.NONE;
        }
        return new QueryRefinement(
                identity(instances, sourceTypes, patterns),
                bytes(instances),
                bytes(sourceTypes),
                patterns.isEmpty() ? null : new PayloadPattern(GREP, patterns.get(0), limits.pattern()));
    }

    /** Sorted, without repetitions. */
    private static List<String> values(Map<String, List<String>> query, String key, int most) throws UnusableFilter {
        TreeSet<String> values = new TreeSet<>(query.getOrDefault(key, List.of()));
        if (values.size() > most) {
            throw new UnusableFilter(key + ": at most " + most + " different values");
        }
        for (String value : values) {
            if (value.getBytes(StandardCharsets.UTF_8).length > LONGEST_VALUE) {
                throw new UnusableFilter(key + ": at most " + LONGEST_VALUE + " bytes each");
            }
        }
        return List.copyOf(values);
    }

    /** Lengths before the values keep those of different filters apart whatever stands in them. */
    private static String identity(List<String> instances, List<String> sourceTypes, List<String> patterns) {
        StringBuilder text = new StringBuilder();
        append(text, INSTANCE, instances);
        append(text, SOURCE_TYPE, sourceTypes);
        append(text, GREP, patterns);
        String whole = text.toString().stripTrailing();
        // Dopplers keep it for as long as there is the group, and it has to fit into a message beside all selectors.
        return whole.length() <= LONGEST_IDENTITY ? whole : whole.substring(0, SHOWN) + "... " + hash(whole);
    }

    private static String hash(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static void append(StringBuilder text, String key, List<String> values) {
        for (String value : values) {
            text.append(key)
                    .append('=')
                    .append(value.length())
                    .append(':')
                    .append(value)
                    .append(' ');
        }
    }

    private static byte[][] bytes(List<String> values) {
        return values.stream()
                .map(value -> value.getBytes(StandardCharsets.UTF_8))
                .toArray(byte[][]::new);
    }
}
