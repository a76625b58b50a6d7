package io.loggregator.trafficcontroller.edge;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The pairs of a query or a form, read as Go's {@code net/url.ParseQuery} reads them: {@code +} is a space, a key
 * without {@code =} has the empty value, a pair with a semicolon or a broken escape is left out and makes the whole
 * {@link #malformed()}.
 *
 * @param first the first value of each key
 * @param malformed whether some pair was left out
 */
record Query(Map<String, String> first, boolean malformed) {
    static Query parse(String raw) {
        Map<String, String> first = new LinkedHashMap<>();
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
                first.putIfAbsent(key, value);
            }
        }
        return new Query(first, malformed);
    }

    /** The first value of the key; empty if there is none. */
    String get(String key) {
        return first.getOrDefault(key, "");
    }
}
