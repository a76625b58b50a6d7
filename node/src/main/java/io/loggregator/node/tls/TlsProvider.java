package io.loggregator.node.tls;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;

/** Which implementation of TLS runs: OpenSSL (BoringSSL) where it loads, else the JDK's. */
final class TlsProvider {
    /** A system property; {@code jdk} does without OpenSSL. */
    static final String PROPERTY = "loggregator.tls.provider";

    private static final String JDK = "jdk";

    private TlsProvider() {}

    static SslProvider choose() {
        return OpenSsl.isAvailable() && !unwanted() ? SslProvider.OPENSSL : SslProvider.JDK;
    }

    /** The choice in words, with the reason where it is the slower one. */
    static String describe() {
        if (choose() == SslProvider.OPENSSL) {
            return OpenSsl.versionString() + " (native)";
        }
        return "the JDK, because "
                + (unwanted()
                        ? "-D" + PROPERTY + "=" + JDK + " says so"
                        : "OpenSSL does not load: " + OpenSsl.unavailabilityCause());
    }

    private static boolean unwanted() {
        return JDK.equals(System.getProperty(PROPERTY));
    }
}
