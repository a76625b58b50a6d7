package io.loggregator.nozzle;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * The query of {@code /v2/read}. It has every kind for every source, so that it may ask for more than the selectors do:
 * what comes is looked at once more by the selectors themselves.
 */
final class ReadQuery {
    private ReadQuery() {}

    static String of(Options options) {
        Set<String> parameters = new LinkedHashSet<>();
        options.firehose().ifPresent(id -> parameters.add("shard_id=" + encoded(id)));
        if (options.selectors().isEmpty()) {
            for (Selector.Kind kind : Selector.Kind.values()) {
                if (options.filter().isEmpty()
                        || (options.filter().get() == Filter.LOGS) == (kind == Selector.Kind.LOG)) {
                    parameters.add(word(kind));
                }
            }
        }
        options.selectors().forEach(selector -> parameters.add(kind(selector, options.selectors())));
        if (options.app().isPresent()) {
            parameters.add("source_id=" + encoded(options.app().get()));
        } else if (options.selectors().stream()
                .allMatch(selector -> selector.sourceId().isPresent())) {
            options.selectors()
                    .forEach(selector -> parameters.add(
                            "source_id=" + encoded(selector.sourceId().orElseThrow())));
        }
        return String.join("&", parameters);
    }

    private static String word(Selector.Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    private static String kind(Selector selector, List<Selector> all) {
        // A name takes the place of the kind as a whole, and a gauge's names are told apart by commas.
        boolean whole = all.stream()
                .filter(other -> other.kind() == selector.kind())
                .anyMatch(other -> other.names().isEmpty()
                        || other.names().stream().anyMatch(name -> name.isEmpty() || name.contains(",")));
        return whole
                ? word(selector.kind())
                : word(selector.kind()) + ".name=" + encoded(String.join(",", new TreeSet<>(selector.names())));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
