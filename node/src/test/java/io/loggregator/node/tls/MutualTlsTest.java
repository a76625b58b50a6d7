package io.loggregator.node.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.ssl.OpenSsl;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.net.NetClientOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers and clients configured from TLS material, over real sockets, in every way they may disagree. */
class MutualTlsTest {
    private static Vertx vertx;

    @TempDir
    static Path dir;

    private static Path ca;
    private static Path otherCa;
    private static CertificateAuthority authority;
    private static TlsMaterial client;
    private static TlsMaterial stranger;
    private static TlsMaterial rsaDoppler;
    private static TlsMaterial ellipticDoppler;

    @BeforeAll
    static void makeCertificates() throws Exception {
        vertx = Vertx.vertx();
        authority = CertificateAuthority.create("our CA");
        // Of the same name, so that clients take its certificates for wanted and show them.
        CertificateAuthority other = CertificateAuthority.create("our CA");
        ca = authority.writeTo(dir, "ca").certificate();
        otherCa = other.writeTo(dir, "other-ca").certificate();
        client = material(authority, "traffic-controller", List.of("traffic-controller"), KeyKind.EC_P256, ca);
        rsaDoppler = material(authority, "doppler", List.of("doppler"), KeyKind.RSA_2048, ca);
        ellipticDoppler = material(authority, "doppler", List.of("doppler"), KeyKind.EC_P256, ca);
        // Signed by another authority, but trusts ours.
        stranger = material(other, "traffic-controller", List.of("traffic-controller"), KeyKind.EC_P256, ca);
    }

    @AfterAll
    static void close() throws Exception {
        await(vertx.close());
    }

    @AfterEach
    void anyProvider() {
        System.clearProperty(TlsProvider.PROPERTY);
    }

    @Test
    void theNativeProviderIsThereSoThatTheseTestsAreAboutWhatRunsInProduction() {
        assertThat(OpenSsl.isAvailable())
                .as("%s", OpenSsl.unavailabilityCause())
                .isTrue();
    }

    @ParameterizedTest
    @EnumSource(KeyKind.class)
    void theRightCertificateAndNameGetThrough(KeyKind kind) throws Exception {
        int port = serve(doppler(kind), true);
        assertThat(get(client, port, "doppler")).isEqualTo("hello CN=traffic-controller");
        assertThat(websocket(client, port, "doppler")).isEqualTo("hello");
        assertThat(tcp(client, port, "doppler")).isTrue();
    }

    @Test
    void aServerWithOnlyACommonNameIsTakenByThat() throws Exception {
        int port = serve(material(authority, "doppler", List.of(), KeyKind.EC_P256, ca), true);
        assertThat(get(client, port, "doppler")).startsWith("hello");
        assertThatThrownBy(() -> get(client, port, "metron")).isInstanceOf(ExecutionException.class);
    }

    @Test
    void aClientRefusesAServerWithAnotherName() throws Exception {
        int port = serve(doppler(KeyKind.RSA_2048), true);
        assertThatThrownBy(() -> get(client, port, "reverselogproxy"))
                .hasStackTraceContaining("the server's certificate is not for reverselogproxy");
        assertThatThrownBy(() -> websocket(client, port, "reverselogproxy"))
                .hasStackTraceContaining("the server's certificate is not for reverselogproxy");
        assertThatThrownBy(() -> tcp(client, port, "reverselogproxy"))
                .hasStackTraceContaining("the server's certificate is not for reverselogproxy");
        // The address dialled is no substitute for the name.
        assertThatThrownBy(() -> get(client, port, "127.0.0.1")).isInstanceOf(ExecutionException.class);
    }

    @Test
    void aClientRefusesAServerOfAnotherAuthority() throws Exception {
        TlsMaterial trustsOther = material(authority, "traffic-controller", List.of(), KeyKind.EC_P256, otherCa);
        int port = serve(doppler(KeyKind.RSA_2048), true);
        assertThatThrownBy(() -> get(trustsOther, port, "doppler")).hasStackTraceContaining("PKIX path");
    }

    @Test
    void aServerRefusesAClientWithoutACertificate() throws Exception {
        int port = serve(doppler(KeyKind.RSA_2048), true);
        assertThatThrownBy(() -> get(TlsMaterial.trusting(ca), port, "doppler")).isInstanceOf(ExecutionException.class);
    }

    @Test
    void aServerRefusesAClientOfAnotherAuthority() throws Exception {
        int port = serve(doppler(KeyKind.RSA_2048), true);
        assertThatThrownBy(() -> get(stranger, port, "doppler")).isInstanceOf(ExecutionException.class);
    }

    @Test
    void atTheEdgeNoClientCertificateIsAsked() throws Exception {
        int port = serve(doppler(KeyKind.EC_P256), false);
        assertThat(get(TlsMaterial.trusting(ca), port, "doppler")).isEqualTo("hello nobody");
    }

    @Test
    void theJdksProviderWorksInPlaceOfTheNativeOne() throws Exception {
        HttpServerOptions options = doppler(KeyKind.RSA_2048).applyTo(new HttpServerOptions(), true);
        int port = serve(options.setSslEngineOptions(new JdkSSLEngineOptions()));
        assertThat(get(client, port, "doppler")).isEqualTo("hello CN=traffic-controller");
        assertThatThrownBy(() -> get(stranger, port, "doppler")).isInstanceOf(ExecutionException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "native, RSA_2048, TLSv1.2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "native, RSA_2048, TLSv1.2, TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        "native, EC_P256, TLSv1.2, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        "native, EC_P256, TLSv1.2, TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "native, RSA_2048, TLSv1.3, TLS_AES_128_GCM_SHA256",
        "native, EC_P256, TLSv1.3, TLS_AES_256_GCM_SHA384",
        "jdk, RSA_2048, TLSv1.2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "jdk, RSA_2048, TLSv1.2, TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        "jdk, EC_P256, TLSv1.2, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        "jdk, EC_P256, TLSv1.2, TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "jdk, RSA_2048, TLSv1.3, TLS_AES_128_GCM_SHA256",
        "jdk, EC_P256, TLSv1.3, TLS_AES_256_GCM_SHA384"
    })
    void aPlainJdkClientSpeaksTheAgreedProtocolsAndSuites(String provider, KeyKind kind, String protocol, String suite)
            throws Exception {
        System.setProperty(TlsProvider.PROPERTY, provider);
        int port = serve(doppler(kind), true);
        try (SSLSocket socket = jdkClient(client, port, protocol, suite)) {
            assertThat(request(socket)).isEqualTo("HTTP/1.1 200");
            assertThat(socket.getSession().getProtocol()).isEqualTo(protocol);
            assertThat(socket.getSession().getCipherSuite()).isEqualTo(suite);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "TLS_RSA_WITH_AES_128_GCM_SHA256",
                "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
                "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"
            })
    void otherSuitesOfTls12AreRefused(String suite) throws Exception {
        int port = serve(doppler(KeyKind.RSA_2048), true);
        try (SSLSocket socket = jdkClient(client, port, "TLSv1.2", suite)) {
            assertThatThrownBy(() -> request(socket)).isInstanceOf(IOException.class);
        }
    }

    /** The JDK's own client no longer speaks TLS 1.1, so this sends the first message of such a handshake by hand. */
    @Test
    void tls11IsRefused() throws Exception {
        int port = serve(doppler(KeyKind.RSA_2048), true);
        byte[] answer = ClientHello.send(port, ClientHello.TLS_1_1);
        assertThat(answer)
                .as("an alert: fatal, protocol version")
                .startsWith(21, 3)
                .endsWith(2, 70);
        // The same message asking for TLS 1.2 is answered by a handshake message, so it was only the version.
        assertThat(ClientHello.send(port, ClientHello.TLS_1_2)).startsWith(22, 3);
    }

    @Test
    void aPlainJdkClientWithoutOrWithAForeignCertificateIsRefused() throws Exception {
        int port = serve(doppler(KeyKind.RSA_2048), true);
        for (String protocol : List.of("TLSv1.2", "TLSv1.3")) {
            for (TlsMaterial bad : List.of(TlsMaterial.trusting(ca), stranger)) {
                try (SSLSocket socket = jdkClient(bad, port, protocol, null)) {
                    assertThatThrownBy(() -> request(socket)).isInstanceOf(IOException.class);
                }
            }
        }
    }

    @Test
    void anRsaKeyOf1024BitsServes() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(1024);
        Instant now = Instant.now();
        PemFiles files = authority
                .issue(
                        "doppler",
                        List.of("doppler"),
                        List.of(),
                        generator.generateKeyPair(),
                        now.minusSeconds(60),
                        now.plusSeconds(3600))
                .writeTo(dir, "short");
        int port = serve(TlsMaterial.load(files.certificate(), files.key(), ca), true);
        assertThat(get(client, port, "doppler")).isEqualTo("hello CN=traffic-controller");
    }

    private static TlsMaterial doppler(KeyKind kind) {
        return kind == KeyKind.EC_P256 ? ellipticDoppler : rsaDoppler;
    }

    private static TlsMaterial material(
            CertificateAuthority signer, String commonName, List<String> names, KeyKind kind, Path trusted)
            throws Exception {
        PemFiles files = signer.issue(commonName, names, List.of(), kind, Duration.ofDays(1))
                .writeTo(dir, "node");
        return TlsMaterial.load(files.certificate(), files.key(), trusted);
    }

    private static int serve(TlsMaterial material, boolean clientCertificateRequired) throws Exception {
        return serve(material.applyTo(new HttpServerOptions(), clientCertificateRequired));
    }

    /** Greets each client by the name in its certificate, over HTTP and WebSocket. */
    private static int serve(HttpServerOptions options) throws Exception {
        HttpServer server = vertx.createHttpServer(options)
                .webSocketHandler(socket -> socket.writeTextMessage("hello"))
                .requestHandler(request -> request.response().end("hello " + peer(request.connection())));
        return await(server.listen(0, "127.0.0.1")).actualPort();
    }

    private static String peer(HttpConnection connection) {
        try {
            List<Certificate> chain = connection.peerCertificates();
            return ((X509Certificate) chain.get(0)).getSubjectX500Principal().getName();
        } catch (SSLPeerUnverifiedException e) {
            return "nobody";
        }
    }

    private static String get(TlsMaterial material, int port, String name) throws Exception {
        var http = vertx.createHttpClient(material.applyTo(new HttpClientOptions(), name));
        try {
            return await(http.request(HttpMethod.GET, port, "127.0.0.1", "/")
                    .compose(request -> request.send().compose(HttpClientResponse::body))
                    .map(body -> body.toString(StandardCharsets.UTF_8)));
        } finally {
            await(http.close());
        }
    }

    private static String websocket(TlsMaterial material, int port, String name) throws Exception {
        var websockets = vertx.createWebSocketClient(material.applyTo(new WebSocketClientOptions(), name));
        try {
            Promise<String> message = Promise.promise();
            var socket = websockets.webSocket();
            socket.textMessageHandler(message::tryComplete);
            return await(socket.connect(port, "127.0.0.1", "/").compose(connected -> message.future()));
        } finally {
            await(websockets.close());
        }
    }

    private static boolean tcp(TlsMaterial material, int port, String name) throws Exception {
        var tcp = vertx.createNetClient(material.applyTo(new NetClientOptions(), name));
        try {
            return await(tcp.connect(port, "127.0.0.1")).isSsl();
        } finally {
            await(tcp.close());
        }
    }

    private static SSLSocket jdkClient(TlsMaterial material, int port, String protocol, String suiteOrNull)
            throws GeneralSecurityException, IOException {
        KeyManager[] keys = material.chain().isEmpty()
                ? new KeyManager[0]
                : material.keyManagerFactory().getKeyManagers();
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, new TrustManager[] {material.serverTrust("doppler")}, null);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(10_000);
        socket.setEnabledProtocols(new String[] {protocol});
        if (suiteOrNull != null) {
            socket.setEnabledCipherSuites(new String[] {suiteOrNull});
        }
        return socket;
    }

    /** The start of the status line; with TLS 1.3 a server's refusal is seen only when reading. */
    private static String request(SSLSocket socket) throws IOException {
        socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        byte[] start = socket.getInputStream().readNBytes(12);
        if (start.length < 12) {
            throw new IOException("closed");
        }
        return new String(start, StandardCharsets.US_ASCII);
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(15, TimeUnit.SECONDS);
    }
}
