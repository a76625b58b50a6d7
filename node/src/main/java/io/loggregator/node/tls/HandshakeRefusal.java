package io.loggregator.node.tls;

import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Why a handshake came to nothing. In lower case, the names are labels of a metric. */
enum HandshakeRefusal {
    /** A certificate was required and none was shown. */
    NO_CERTIFICATE("no client certificate was shown", "PEER_DID_NOT_RETURN_A_CERTIFICATE", "Empty client certificate"),
    /** The certificate was not signed by an authority that is trusted. */
    AUTHORITY("a certificate of an authority that is not trusted"),
    /** The certificate's time is over. */
    EXPIRED("a certificate that has expired"),
    /** The certificate's time has not begun. */
    NOT_YET_VALID("a certificate that is not valid yet"),
    /** The certificate is good but of somebody else than was expected. */
    NAME("a certificate of somebody else than expected"),
    /** No protocol version in common. */
    VERSION(
            "no TLS version in common, 1.2 and 1.3 are spoken",
            "UNSUPPORTED_PROTOCOL",
            "WRONG_SSL_VERSION",
            "INAPPROPRIATE_FALLBACK",
            "protocol version",
            "protocol is disabled",
            "is not enabled or supported"),
    /** No cipher suite in common. */
    SUITE("no cipher suite in common", "NO_SHARED_CIPHER", "no cipher suites in common"),
    /** TLS, but no application protocol in common. */
    ALPN("no application protocol in common"),
    /** Something else than TLS. */
    NOT_TLS(
            "not TLS",
            "WRONG_VERSION_NUMBER",
            "HTTP_REQUEST",
            "HTTPS_PROXY_REQUEST",
            "Unsupported or unrecognized SSL message",
            "plaintext connection"),
    /** Not done in time. */
    SLOW("not done in time", "handshake timed out"),
    /** The peer told of an error, such as that it does not trust us. */
    PEER("the peer refused", "_ALERT_", "Received fatal alert"),
    /** The connection ended first. */
    CLOSED("the connection ended first", "Connection closed while SSL/TLS handshake was in progress"),
    /** Broken in another way. */
    OTHER("it is broken");

    private static final int DEEPEST = 16;

    private final String words;
    private final Pattern signs;

    HandshakeRefusal(String words, String... signs) {
        this.words = words;
        this.signs = Pattern.compile(
                signs.length == 0
                        ? "(?!)" // fits nothing
                        : Arrays.stream(signs).map(Pattern::quote).collect(Collectors.joining("|")));
    }

    /** Reads it off what the TLS implementation says. */
    static HandshakeRefusal of(Throwable error) {
        int depth = 0;
        for (Throwable at = error; at != null && depth < DEEPEST; at = at.getCause(), depth++) {
            if (at instanceof RefusedCertificate refused) {
                return refused.refusal();
            }
            if (at instanceof NotSslRecordException) {
                return NOT_TLS;
            }
            if (at instanceof SslHandshakeTimeoutException) {
                return SLOW;
            }
            if (at instanceof ClosedChannelException) {
                return CLOSED;
            }
            String message = at.getMessage();
            if (message != null) {
                for (HandshakeRefusal refusal : values()) {
                    if (refusal.signs.matcher(message).find()) {
                        return refusal;
                    }
                }
            }
        }
        return OTHER;
    }

    /** What to tell the operator: of a certificate that was refused, whose it is and what is wrong with it. */
    String tell(Throwable error) {
        int depth = 0;
        for (Throwable at = error; at != null && depth < DEEPEST; at = at.getCause(), depth++) {
            if (at instanceof RefusedCertificate) {
                return at.getMessage();
            }
        }
        return words;
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    static List<String> labels() {
        return Arrays.stream(values()).map(HandshakeRefusal::label).toList();
    }
}
