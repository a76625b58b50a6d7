package io.loggregator.trafficcontroller.edge;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;

/** Finds the token of a request. */
final class Tokens {
    private static final String COOKIE = "authorization";

    private Tokens() {}

    /**
     * The value of the header {@code Authorization} as it stands; where that is missing or empty, the value of the cookie
     * {@code authorization}, query-unescaped. Empty if there is neither, or the cookie's escapes are broken.
     */
    static String of(MultiMap headers) {
        String header = headers.get(HttpHeaders.AUTHORIZATION);
        if (header != null && !header.isEmpty()) {
            return header;
        }
        for (String line : headers.getAll(HttpHeaders.COOKIE)) {
            for (String pair : line.split(";")) {
                String value = valueOf(pair.strip());
                if (value != null) {
                    String token = PercentCoding.decodeQuery(value);
                    return token == null ? "" : token;
                }
            }
        }
        return "";
    }

    /** The value if the pair is the cookie looked for and could have been set by a server. */
    private static String valueOf(String pair) {
        int equals = pair.indexOf('=');
        if (equals < 0 || !pair.substring(0, equals).equals(COOKIE)) {
            return null;
        }
        String value = pair.substring(equals + 1);
        if (value.length() > 1 && value.startsWith("\"") && value.endsWith("\"")) {
            value = value.substring(1, value.length() - 1);
        }
        return value.chars().allMatch(SetCookie::mayBeInValue) ? value : null;
    }
}
