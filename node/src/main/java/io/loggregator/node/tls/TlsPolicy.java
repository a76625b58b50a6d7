package io.loggregator.node.tls;

import java.util.List;
import java.util.stream.Stream;

/** Which protocol versions and cipher suites are spoken. The TLS 1.2 suites are those the Go release's peers offer. */
final class TlsPolicy {
    static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");
    static final int HANDSHAKE_SECONDS = 10;
    /**
     * How long a client may resume a session, whose server's certificate is not looked at again. The shortest time there
     * is; zero would stand for the longest.
     */
    static final int CLIENT_SESSION_SECONDS = 1;

    // All three of TLS 1.3: BoringSSL does not let one choose among them.
    private static final List<String> TLS_1_3 =
            List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");
    private static final List<String> RSA =
            List.of("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384");
    private static final List<String> ECDSA =
            List.of("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");

    private TlsPolicy() {}

    /** For a server, whose key decides which kind of TLS 1.2 suite can be used. */
    static List<String> serverSuites(boolean ellipticKey) {
        return concat(TLS_1_3, ellipticKey ? ECDSA : RSA, List.of());
    }

    /** For a client, which does not know the server's key. */
    static List<String> clientSuites() {
        return concat(TLS_1_3, RSA, ECDSA);
    }

    private static List<String> concat(List<String> a, List<String> b, List<String> c) {
        return Stream.of(a, b, c).flatMap(List::stream).toList();
    }
}
