package io.loggregator.node.tls;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.OpenSSLEngineOptions;
import io.vertx.core.net.TCPSSLOptions;
import io.vertx.core.net.TrustOptions;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * What a node proves itself with (certificate chain and private key) and whom it trusts (authorities), read from PEM
 * files and checked. Immutable, for use by any thread.
 *
 * <p>Everything configured from it speaks TLS 1.3 and 1.2 only, 1.2 with {@code ECDHE} key exchange and AES-GCM, runs on
 * OpenSSL (BoringSSL) when that is on the class path and on the JDK otherwise, and gives a handshake 10 s.
 */
public final class TlsMaterial {
    private final List<X509Certificate> chain;
    private final PrivateKey key;
    private final KeyManagerFactory keyManagers;
    private final X509TrustManager authorities;
    private final List<String> clientNames;

    private TlsMaterial(
            List<X509Certificate> chain,
            PrivateKey key,
            KeyManagerFactory keyManagers,
            X509TrustManager authorities,
            List<String> clientNames) {
        this.chain = List.copyOf(chain);
        this.key = key;
        this.keyManagers = keyManagers;
        this.authorities = authorities;
        this.clientNames = List.copyOf(clientNames);
    }

    /**
     * Reads and checks the files.
     *
     * @param certificate the certificate, followed by intermediate ones if any
     * @param key its private key, unencrypted: RSA from 1024 bits in PKCS#1 or PKCS#8, EC in SEC1 or PKCS#8
     * @param caOrNull the authorities that peers are checked against, any number; null when peers are not checked
     * @throws InvalidTlsMaterial naming the file: unreadable, malformed, key and certificate do not belong together,
     *     certificate expired or not yet valid
     */
    public static TlsMaterial load(Path certificate, Path key, Path caOrNull) throws InvalidTlsMaterial {
        return load(certificate, key, caOrNull, Clock.systemUTC());
    }

    static TlsMaterial load(Path certificate, Path key, Path caOrNull, Clock clock) throws InvalidTlsMaterial {
        String expected = "a certificate in PEM that is valid now, followed by its intermediate certificates if any";
        List<X509Certificate> chain = PemFile.certificates(certificate, expected);
        PrivateKey privateKey = PemFile.key(key);
        X509Certificate own = chain.get(0);
        Instant now = clock.instant();
        if (own.getNotAfter().toInstant().isBefore(now)) {
            throw new InvalidTlsMaterial(
                    certificate, "expired at " + own.getNotAfter().toInstant(), expected);
        }
        if (own.getNotBefore().toInstant().isAfter(now)) {
            throw new InvalidTlsMaterial(
                    certificate, "not valid before " + own.getNotBefore().toInstant(), expected);
        }
        if (!Jsse.belongTogether(privateKey, own.getPublicKey())) {
            throw new InvalidTlsMaterial(
                    key,
                    "does not belong to the first certificate in " + certificate,
                    "the private key of that certificate");
        }
        return new TlsMaterial(
                chain,
                privateKey,
                Jsse.keyManagers(privateKey, chain),
                caOrNull == null ? null : authorities(caOrNull),
                List.of());
    }

    /** For a client that shows no certificate of its own but checks servers against these authorities. */
    public static TlsMaterial trusting(Path ca) throws InvalidTlsMaterial {
        return new TlsMaterial(List.of(), null, null, authorities(ca), List.of());
    }

    /**
     * The same, but as a server it lets in only clients whose certificate has one of these names, as its common name or
     * among its DNS names.
     *
     * @param names in any case; none: whoever the authorities signed
     */
    public TlsMaterial accepting(List<String> names) {
        return new TlsMaterial(chain, key, keyManagers, authorities, names);
    }

    private static X509TrustManager authorities(Path ca) throws InvalidTlsMaterial {
        return Jsse.trust(PemFile.certificates(ca, "one or more CA certificates in PEM"));
    }

    /** The own certificate and its intermediate ones; empty for {@link #trusting}. */
    public List<X509Certificate> chain() {
        return chain;
    }

    /** The authorities' own certificates; empty when there are none. */
    List<X509Certificate> authorities() {
        return authorities == null ? List.of() : List.of(authorities.getAcceptedIssuers());
    }

    /** When the own certificate expires; empty for {@link #trusting}. */
    public Optional<Instant> notAfter() {
        return chain.stream().findFirst().map(own -> own.getNotAfter().toInstant());
    }

    /** For code that wants the own key and certificate from JSSE; {@link IllegalStateException} when there is none. */
    public KeyManagerFactory keyManagerFactory() {
        if (keyManagers == null) {
            throw new IllegalStateException("no certificate and key were given");
        }
        return keyManagers;
    }

    /** For a server: trusts clients with a certificate that the authorities signed, and with a name {@link #accepting}. */
    public X509TrustManager clientTrust() {
        return new ClientTrust(checkedAuthorities(), clientNames);
    }

    private X509TrustManager checkedAuthorities() {
        if (authorities == null) {
            throw new IllegalStateException("no CA was given to check peers against");
        }
        return authorities;
    }

    /** For a client: trusts a server with a certificate that the authorities signed and that bears this name. */
    public X509TrustManager serverTrust(String expectedServerName) {
        return new ServerNameTrust(checkedAuthorities(), new ServerName(expectedServerName));
    }

    /**
     * Netty's TLS for a server.
     *
     * @param clientCertificateRequired whether a client must show a certificate that the authorities signed
     * @param applicationProtocols what to offer by ALPN, such as {@code h2} for gRPC; none: no ALPN
     */
    public SslContextBuilder serverContext(boolean clientCertificateRequired, String... applicationProtocols) {
        SslContextBuilder builder = SslContextBuilder.forServer(keyManagerFactory())
                .ciphers(TlsPolicy.serverSuites(key instanceof ECKey), SupportedCipherSuiteFilter.INSTANCE);
        if (clientCertificateRequired) {
            builder.clientAuth(ClientAuth.REQUIRE).trustManager(clientTrust());
        }
        return common(builder, applicationProtocols);
    }

    /** Netty's TLS for a client that expects the server's certificate to bear this name. */
    public SslContextBuilder clientContext(String expectedServerName, String... applicationProtocols) {
        SslContextBuilder builder = SslContextBuilder.forClient()
                .ciphers(TlsPolicy.clientSuites(), SupportedCipherSuiteFilter.INSTANCE)
                .trustManager(serverTrust(expectedServerName))
                .sessionTimeout(TlsPolicy.CLIENT_SESSION_SECONDS)
                .endpointIdentificationAlgorithm(null);
        if (keyManagers != null) {
            builder.keyManager(keyManagers);
        }
        return common(builder, applicationProtocols);
    }

    private static SslContextBuilder common(SslContextBuilder builder, String... applicationProtocols) {
        if (applicationProtocols.length > 0) {
            builder.applicationProtocolConfig(new ApplicationProtocolConfig(
                    ApplicationProtocolConfig.Protocol.ALPN,
                    ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                    ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                    applicationProtocols));
        }
        return builder.sslProvider(TlsProvider.choose()).protocols(TlsPolicy.PROTOCOLS);
    }

    /** Makes a Vert.x HTTP server speak TLS; see {@link #serverContext} for the parameter. Returns its argument. */
    public HttpServerOptions applyTo(HttpServerOptions options, boolean clientCertificateRequired) {
        common(options, TlsPolicy.serverSuites(key instanceof ECKey));
        options.setKeyCertOptions(KeyCertOptions.wrap(keyManagerFactory()));
        if (clientCertificateRequired) {
            options.setTrustOptions(TrustOptions.wrap(clientTrust()))
                    .setClientAuth(io.vertx.core.http.ClientAuth.REQUIRED);
        }
        return options;
    }

    /** Makes a Vert.x HTTP client speak TLS with a server whose certificate bears this name. Returns its argument. */
    public HttpClientOptions applyTo(HttpClientOptions options, String expectedServerName) {
        client(options, expectedServerName);
        return options.setVerifyHost(false);
    }

    /** Makes a Vert.x WebSocket client speak TLS with a server whose certificate bears this name. Returns its argument. */
    public WebSocketClientOptions applyTo(WebSocketClientOptions options, String expectedServerName) {
        client(options, expectedServerName);
        return options.setVerifyHost(false);
    }

    /** Makes a Vert.x TCP client speak TLS with a server whose certificate bears this name. Returns its argument. */
    public NetClientOptions applyTo(NetClientOptions options, String expectedServerName) {
        client(options, expectedServerName);
        return options.setHostnameVerificationAlgorithm("");
    }

    private void client(TCPSSLOptions options, String expectedServerName) {
        // The name is checked by the trust manager; Vert.x's own check would compare with the address dialled.
        common(options, TlsPolicy.clientSuites());
        options.setTrustOptions(TrustOptions.wrap(serverTrust(expectedServerName)));
        if (keyManagers != null) {
            options.setKeyCertOptions(KeyCertOptions.wrap(keyManagers));
        }
    }

    private static void common(TCPSSLOptions options, List<String> suites) {
        options.setSsl(true)
                .setSslEngineOptions(
                        TlsProvider.choose() == SslProvider.OPENSSL
                                ? new OpenSSLEngineOptions()
                                : new JdkSSLEngineOptions())
                .setEnabledSecureTransportProtocols(new LinkedHashSet<>(TlsPolicy.PROTOCOLS))
                .setSslHandshakeTimeout(TlsPolicy.HANDSHAKE_SECONDS)
                .setSslHandshakeTimeoutUnit(TimeUnit.SECONDS);
        suites.forEach(options::addEnabledCipherSuite);
    }
}
