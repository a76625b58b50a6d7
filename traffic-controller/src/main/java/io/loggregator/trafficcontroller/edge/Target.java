package io.loggregator.trafficcontroller.edge;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a request line asks for. A path is decoded once, as a whole, and matched afterwards, as Go's gorilla/mux does: so
 * an escaped slash is a slash, and an id cannot hold one. A path with empty, {@code .} or {@code ..} segments is not
 * matched but redirected to the path without them.
 *
 * @param endpoint what the path leads to
 * @param id the subscription id or app id; empty for endpoints without
 * @param location where an {@link Endpoint#ELSEWHERE} redirects to; otherwise empty
 * @param query what stands after the question mark
 */
public record Target(Endpoint endpoint, String id, String location, String query) {
    /** What paths lead to. */
    enum Endpoint {
        FIREHOSE,
        STREAM,
        RECENT_LOGS,
        CONTAINER_METRICS,
        SET_COOKIE,
        /** Another spelling of the same path. */
        ELSEWHERE,
        /** Nothing. */
        UNKNOWN,
        /** No path: a broken escape, a control character, an id that is not UTF-8. */
        MALFORMED,
        /** An id longer than it may be. */
        LONG_ID
    }

    /** The path of a request target as bytes, one to a char, its escapes resolved; null if it is none. */
    public static String path(String target) {
        int question = target.indexOf('?');
        String raw = question < 0 ? target : target.substring(0, question);
        return raw.startsWith("/") && !hasControl(target) ? PercentCoding.decodePath(raw) : null;
    }

    /** What stands behind the question mark of a request target; empty if there is none. */
    public static String query(String target) {
        int question = target.indexOf('?');
        return question < 0 ? "" : target.substring(question + 1);
    }

    /** @param longestId bytes of an id, decoded, at most */
    static Target parse(String target, int longestId) {
        String query = query(target);
        String path = path(target);
        if (path == null) {
            return new Target(Endpoint.MALFORMED, "", "", query);
        }
        String clean = clean(path);
        if (!clean.equals(path)) {
            String escaped = query.isEmpty() ? "" : PercentCoding.tolerant("?" + query);
            return new Target(Endpoint.ELSEWHERE, "", PercentCoding.encodePath(clean) + escaped, query);
        }
        return match(path.substring(1).split("/", -1), query, longestId);
    }

    private static Target match(String[] segments, String query, int longestId) {
        if (segments.length == 1 && segments[0].equals("set-cookie")) {
            return new Target(Endpoint.SET_COOKIE, "", "", query);
        }
        if (segments.length == 2 && segments[0].equals("firehose") && !segments[1].isEmpty()) {
            return identified(Endpoint.FIREHOSE, segments[1], query, longestId);
        }
        if (segments.length == 3 && segments[0].equals("apps")) {
            Endpoint endpoint = switch (segments[2]) {
                case "stream" -> Endpoint.STREAM;
                case "recentlogs" -> Endpoint.RECENT_LOGS;
                case "containermetrics" -> Endpoint.CONTAINER_METRICS;
                default -> Endpoint.UNKNOWN;
            };
            return identified(endpoint, segments[1], query, longestId);
        }
        return new Target(Endpoint.UNKNOWN, "", "", query);
    }

    private static Target identified(Endpoint endpoint, String bytes, String query, int longestId) {
        if (endpoint == Endpoint.UNKNOWN) {
            return new Target(endpoint, "", "", query);
        }
        if (bytes.length() > longestId) {
            return new Target(Endpoint.LONG_ID, "", "", query);
        }
        String id = PercentCoding.utf8(bytes);
        return id == null ? new Target(Endpoint.MALFORMED, "", "", query) : new Target(endpoint, id, "", query);
    }

    /** The path and query of a target in absolute form (RFC 9112, 3.2.2); any other target as it is. */
    static String withoutAuthority(String target) {
        String lower = target.substring(0, Math.min(8, target.length())).toLowerCase(Locale.ROOT);
        if (!lower.startsWith("http://") && !lower.startsWith("https://")) {
            return target;
        }
        int authority = target.indexOf("//") + 2;
        for (int i = authority; i < target.length(); i++) {
            if (target.charAt(i) == '/') {
                return target.substring(i);
            }
            if (target.charAt(i) == '?') {
                return "/" + target.substring(i);
            }
        }
        return "/";
    }

    private static boolean hasControl(String target) {
        return target.chars().anyMatch(c -> c <= ' ' || c == 0x7F);
    }

    /** Without empty, {@code .} and {@code ..} segments; a slash at the end stays. */
    private static String clean(String path) {
        List<String> kept = new ArrayList<>();
        String[] segments = path.split("/", -1);
        for (String segment : segments) {
            if (segment.equals("..")) {
                if (!kept.isEmpty()) {
                    kept.remove(kept.size() - 1);
                }
            } else if (!segment.isEmpty() && !segment.equals(".")) {
                kept.add(segment);
            }
        }
        boolean slashAtEnd = path.endsWith("/") && !kept.isEmpty();
        return "/" + String.join("/", kept) + (slashAtEnd ? "/" : "");
    }
}
