package io.loggregator.cli.client;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * Where a server listens.
 *
 * @param tls whether TLS is spoken there
 * @param host a name or an IP address, without brackets
 * @param port 1 to 65535
 * @param path what stands before every endpoint: empty, or with a leading and without a trailing slash
 */
public record Address(boolean tls, String host, int port, String path) {

    /** How to read an address that names no scheme: a bare {@code host[:port]}. */
    public enum Bare {
        /** TLS, except on the machine itself, where servers for trying out listen without. */
        TLS_UNLESS_LOOPBACK,
        /** TLS always, because the caller brought certificates for it. */
        TLS,
        /** Plain text always, because the caller said so. */
        PLAIN
    }

    /**
     * Reads {@code ws://}, {@code wss://}, {@code http://} and {@code https://} URLs and bare {@code host[:port]}. A URL
     * without a port means 80 or 443; a bare host without a port means 443 with TLS and {@code plainPort} without.
     *
     * @throws IllegalArgumentException with a sentence that quotes the text and says what is wrong with it
     */
    public static Address parse(String text, Bare bare, int plainPort) {
        int schemeEnd = text.indexOf("://");
        String rest = schemeEnd < 0 ? text : text.substring(schemeEnd + 3);
        int slash = rest.indexOf('/');
        String authority = slash < 0 ? rest : rest.substring(0, slash);
        String path = slash < 0 ? "" : rest.substring(slash);
        while (path.endsWith("/")) {
            path = path.substring(0, path.length() - 1);
        }
        if (rest.chars().anyMatch(c -> c <= ' ' || c >= 0x7f || "@?#\\\"<>".indexOf(c) >= 0)) {
            throw wrong(text, "it must be a URL such as wss://doppler.example.com:443, or host:port");
        }
        String host = host(text, authority);
        String port = authority.substring(host.length() + (authority.startsWith("[") ? 2 : 0));
        boolean tls;
        int defaultPort;
        if (schemeEnd < 0) {
            tls = bare == Bare.TLS || (bare == Bare.TLS_UNLESS_LOOPBACK && !isLoopback(host));
            defaultPort = tls ? 443 : plainPort;
        } else {
            tls = tls(text, text.substring(0, schemeEnd));
            defaultPort = tls ? 443 : 80;
            if (tls && bare == Bare.PLAIN) {
                throw wrong(text, "its scheme asks for TLS, and --plaintext for none");
            }
        }
        return new Address(tls, host, port.isEmpty() ? defaultPort : port(text, port.substring(1)), path);
    }

    /** Whether it is the machine itself: {@code localhost}, 127.0.0.0/8 or {@code ::1}. */
    public boolean isLoopback() {
        return isLoopback(host);
    }

    /** The request target of an endpoint: the path, and each segment percent-encoded behind a slash of its own. */
    String target(String... segments) {
        StringBuilder target = new StringBuilder(path);
        for (String segment : segments) {
            target.append('/')
                    .append(URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20"));
        }
        return target.toString();
    }

    /** {@code host:port}, with brackets round an IPv6 address. */
    public String hostAndPort() {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }

    /** As a WebSocket URL. */
    @Override
    public String toString() {
        return (tls ? "wss://" : "ws://") + hostAndPort() + path;
    }

    private static boolean isLoopback(String host) {
        return host.equalsIgnoreCase("localhost") || host.equals("::1") || host.matches("127(\\.\\d{1,3}){3}");
    }

    private static boolean tls(String text, String scheme) {
        return switch (scheme) {
            case "ws", "http" -> false;
            case "wss", "https" -> true;
            default -> throw wrong(text, "its scheme must be ws, wss, http or https");
        };
    }

    private static String host(String text, String authority) {
        String host;
        if (authority.startsWith("[")) {
            int end = authority.indexOf(']');
            if (end < 0 || (end + 1 < authority.length() && authority.charAt(end + 1) != ':')) {
                throw wrong(text, "an IPv6 address stands in brackets: [::1]:8081");
            }
            host = authority.substring(1, end);
        } else {
            int colon = authority.indexOf(':');
            if (colon >= 0 && authority.indexOf(':', colon + 1) >= 0) {
                throw wrong(text, "an IPv6 address stands in brackets: [::1]:8081");
            }
            host = colon < 0 ? authority : authority.substring(0, colon);
        }
        if (host.isEmpty()) {
            throw wrong(text, "it names no host");
        }
        return host;
    }

    private static int port(String text, String digits) {
        if (digits.matches("\\d{1,5}")) {
            int port = Integer.parseInt(digits);
            if (port >= 1 && port <= 65535) {
                return port;
            }
        }
        throw wrong(text, "its port must be a number from 1 to 65535");
    }

    private static IllegalArgumentException wrong(String text, String why) {
        return new IllegalArgumentException("'" + text + "' is no address: " + why);
    }
}
