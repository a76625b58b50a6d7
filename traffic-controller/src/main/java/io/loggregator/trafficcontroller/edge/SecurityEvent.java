package io.loggregator.trafficcontroller.edge;

import io.vertx.core.http.HttpServerRequest;
import java.util.Locale;
import java.util.Set;

/**
 * A request as a line of the security event log, in the Common Event Format as the reference server fills it in. What a
 * client writes cannot become another line or another field: characters that could are percent-encoded.
 */
final class SecurityEvent {
    private static final String HEAD = "CEF:0|cloud_foundry|loggregator_trafficcontroller|1.0|";
    private static final int LONGEST_REQUEST_ID = 256;
    private static final char[] HEX = "0123456789ABCDEF".toCharArray();
    /** Parameters whose value is, or may be, a token. */
    private static final Set<String> SECRET = Set.of(
            "cookievalue", "token", "access_token", "id_token", "refresh_token", "jwt", "bearer", "authorization");

    private SecurityEvent() {}

    /**
     * The line, without its end.
     *
     * @param millis when the request came, since 1970
     * @param address this server's address
     * @param port its port
     */
    static String line(HttpServerRequest request, Client client, long millis, String address, int port) {
        String method = fit(request.method().name(), "");
        String target = fit(withoutSecrets(request.uri()), "");
        String id = request.headers().get("X-Vcap-Request-ID");
        String requestId = id == null ? "" : fit(id.substring(0, Math.min(id.length(), LONGEST_REQUEST_ID)), "=");
        String what = method + " " + target;
        return HEAD + what + "|" + what + "|0|rt=" + millis
                + " cs1Label=userAuthenticationMechanism cs1=oauth-access-token cs2Label=vcapRequestId cs2=" + requestId
                + " request=" + target + " requestMethod=" + method
                + " src=" + client.host() + " spt=" + (client.port() == 0 ? "" : client.port())
                + " dst=" + address + " dpt=" + port;
    }

    /** The target, with dashes in place of what only its sender and this server should know. */
    private static String withoutSecrets(String target) {
        int question = target.indexOf('?');
        if (question < 0) {
            return target;
        }
        StringBuilder out = new StringBuilder(target.substring(0, question));
        char before = '?';
        for (String pair : target.substring(question + 1).split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? null : PercentCoding.decodeQuery(pair.substring(0, equals));
            boolean secret = name != null && SECRET.contains(name.strip().toLowerCase(Locale.ROOT));
            out.append(before).append(secret ? pair.substring(0, equals + 1) + "---" : pair);
            before = '&';
        }
        return out.toString();
    }

    /** Escapes as Go's HTML escaper does, and percent-encodes what must not stand in a line. */
    private static String fit(String text, String alsoEncoded) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&#34;");
                case '\'' -> out.append("&#39;");
                case '+' -> out.append("&#43;");
                default -> {
                    if (c > ' ' && c < 0x7F && c != '|' && c != '\\' && alsoEncoded.indexOf(c) < 0) {
                        out.append(c);
                    } else {
                        encode(c, out);
                    }
                }
            }
        }
        return out.toString();
    }

    /** Characters are bytes here, as in all requests; of others, which HTTP/2 may bring, the lower half stands for them. */
    private static void encode(char c, StringBuilder out) {
        out.append('%').append(HEX[c >> 4 & 0xF]).append(HEX[c & 0xF]);
    }
}
