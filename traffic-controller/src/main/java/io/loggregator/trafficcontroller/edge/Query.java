package io.loggregator.trafficcontroller.edge;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The pairs of a query or a form, read as Go's {@code net/url.ParseQuery} reads them: {@code +} is a space, a key
 * without {@code =} has the empty value, a pair with a semicolon or a broken escape is left out and makes the whole
 * {@link #malformed()}.
 *
 * @param values the values of each key, in their order
 * @param malformed whether some pair was left out
 */
public record Query(Map<String, List<String>> values, boolean malformed) {
    /** Reads what stands behind the question mark. */
    public static Query parse(String raw) {
        Map<String, List<String>> values = new LinkedHashMap<>();
        boolean malformed = false;
        for (String pair : raw.split("&")) {
            if (pair.isEmpty()) {
                continue;
            }
            int equals = pair.indexOf('=');
            String key = PercentCoding.decodeQuery(equals < 0 ? pair : pair.substring(0, equals));
            String value = equals < 0 ? "" : PercentCoding.decodeQuery(pair.substring(equals + 1));
            if (pair.indexOf(';') >= 0 || key == null || value == null) {
                malformed = true;
            } else {
                values.computeIfAbsent(key, first -> new ArrayList<>()).add(value);
            }
        }
        return new Query(values, malformed);
    }

    /** The first value of the key; empty if there is none. */
    public String get(String key) {
        return all(key).isEmpty() ? "" : all(key).get(0);
    }

    /** The values of the key. */
    public List<String> all(String key) {
        return values.getOrDefault(key, List.of());
    }

    /** Whether the key is there, with or without a value. */
    public boolean has(String key) {
        return values.containsKey(key);
    }
}
