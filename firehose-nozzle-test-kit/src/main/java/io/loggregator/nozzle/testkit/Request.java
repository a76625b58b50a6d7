package io.loggregator.nozzle.testkit;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a client asked for, as it stood on the wire.
 *
 * @param method such as {@code GET}
 * @param target path and query, not decoded
 * @param headers by name in lower case; of those with one name the last
 * @param body as UTF-8; empty without a {@code Content-Length}
 */
public record Request(String method, String target, Map<String, String> headers, String body) {
    private static final String BEARER = "bearer ";

    /** The path, not decoded. */
    public String path() {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    /** A parameter of the query, decoded. */
    public Optional<String> parameter(String name) {
        int query = target.indexOf('?');
        return query < 0 ? Optional.empty() : pair(target.substring(query + 1), name);
    }

    /** A field of a urlencoded body, decoded. */
    public Optional<String> field(String name) {
        return pair(body, name);
    }

    /** A header, by its name in any case. */
    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
    }

    /** The header {@code Authorization} without {@code bearer}; empty if there is none. */
    public Optional<String> token() {
        return header("authorization")
                .map(value -> value.toLowerCase(Locale.ROOT).startsWith(BEARER)
                        ? value.substring(BEARER.length()).strip()
                        : value);
    }

    boolean wantsWebSocket() {
        return "websocket".equalsIgnoreCase(headers.get("upgrade")) && headers.containsKey("sec-websocket-key");
    }

    /** @throws IllegalArgumentException it is none */
    static Request ofHead(String head) {
        String[] lines = head.split("\r\n");
        String[] first = lines[0].split(" ");
        if (first.length != 3) {
            throw new IllegalArgumentException("not a request: " + lines[0]);
        }
        Map<String, String> headers = new TreeMap<>();
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            if (colon < 1) {
                throw new IllegalArgumentException("not a header: " + lines[i]);
            }
            headers.put(
                    lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
                    lines[i].substring(colon + 1).strip());
        }
        return new Request(first[0], first[1], Map.copyOf(headers), "");
    }

    Request with(String text) {
        return new Request(method, target, headers, text);
    }

    /** @throws NumberFormatException it is no number */
    int contentLength() {
        return Integer.parseInt(headers.getOrDefault("content-length", "0"));
    }

    private static Optional<String> pair(String pairs, String name) {
        for (String pair : pairs.split("&")) {
            int equals = pair.indexOf('=');
            if (equals >= 0 && decoded(pair.substring(0, equals)).equals(name)) {
                return Optional.of(decoded(pair.substring(equals + 1)));
            }
        }
        return Optional.empty();
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
