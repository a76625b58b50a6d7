package io.loggregator.node.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.loggregator.node.metrics.Metrics;
import io.loggregator.node.settings.Setting;
import io.loggregator.node.settings.Settings;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A server and a client whose files change under them, on either TLS implementation. */
class LiveTlsTest {
    private static final Setting<Path> CERT = Setting.file("NODE_CERT_FILE", "certificate");
    private static final Setting<Path> KEY = Setting.file("NODE_KEY_FILE", "key");
    private static final Setting<Path> CA = Setting.file("NODE_CA_FILE", "authorities");
    private static final Duration LONG = Duration.ofDays(90);
    private static Vertx vertx;

    private static CertificateAuthority first;
    private static CertificateAuthority second;

    @TempDir
    private Path dir;

    private final Metrics metrics = new Metrics();
    private final TlsWatch watch = new TlsWatch(metrics, Clock.systemUTC(), true);
    private Path cert;
    private Path key;
    private Path ca;

    @BeforeAll
    static void createAuthorities() {
        vertx = Vertx.vertx();
        first = CertificateAuthority.create("first CA");
        second = CertificateAuthority.create("second CA");
    }

    @BeforeEach
    void writeFiles() throws IOException {
        cert = dir.resolve("node.crt");
        key = dir.resolve("node.key");
        ca = first.writeTo(dir, "ca").certificate();
        write(first, "doppler");
    }

    @AfterEach
    void anyProvider() {
        System.clearProperty(TlsProvider.PROPERTY);
    }

    @AfterAll
    static void close() throws Exception {
        vertx.close().await(20, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "jdk"})
    void newConnectionsUseNewFilesAndOldOnesGoOn(String provider) throws Exception {
        int port = serve(provider, List.of());
        SSLContext client = client(first, "metron", first);
        try (SSLSocket old = connect(client, port, "TLSv1.3")) {
            X509Certificate before = peer(old);
            // Another kind of key, for which other suites fit.
            first.issue("doppler", List.of("doppler"), List.of(), KeyKind.RSA_2048, LONG)
                    .writeTo(dir, "node");
            assertThat(metric("tls_reloads_total")).isZero();
            watch.look();

            assertThat(metric("tls_reloads_total{outcome=\"ok\",setting=\"NODE_CERT_FILE\"}"))
                    .isEqualTo(1);
            try (SSLSocket fresh = connect(client(first, "metron", first), port, "TLSv1.2")) {
                assertThat(peer(fresh)).isNotEqualTo(before);
                assertThat(fresh.getSession().getCipherSuite()).startsWith("TLS_ECDHE_RSA_");
                assertThat(request(fresh)).isEqualTo("HTTP/1.1 200");
            }
            assertThat(request(old)).isEqualTo("HTTP/1.1 200");
        }
        watch.look();
        assertThat(metric("tls_reloads_total")).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"native, TLSv1.2", "native, TLSv1.3", "jdk, TLSv1.2", "jdk, TLSv1.3"})
    void aRemovedAuthorityIsNoLongerAcceptedNotEvenWithASessionFromBefore(String provider, String protocol)
            throws Exception {
        int port = serve(provider, List.of());
        SSLContext client = client(first, "metron", first);
        for (int i = 0; i < 2; i++) {
            try (SSLSocket before = connect(client, port, protocol)) {
                assertThat(request(before)).isEqualTo("HTTP/1.1 200");
            }
        }
        second.writeTo(dir, "ca");
        watch.look();

        try (SSLSocket after = connect(client, port, protocol)) {
            assertThatThrownBy(() -> request(after)).isInstanceOf(IOException.class);
        }
        // The one that was added is accepted, though clients choose a certificate by the names the server sends.
        try (SSLSocket added = connect(client(second, "metron", first), port, protocol)) {
            assertThat(request(added)).isEqualTo("HTTP/1.1 200");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "jdk"})
    void aClientShowsItsNewCertificateAndTrustsByItsNewAuthorities(String provider) throws Exception {
        int port = serveElsewhere(provider);
        write(first, "one");
        var http = vertx.createHttpClient(live(watch).applyTo(new HttpClientOptions().setKeepAlive(false), "doppler"));
        assertThat(get(http, port)).isEqualTo("hello CN=one");

        write(first, "two");
        watch.look();
        assertThat(get(http, port)).isEqualTo("hello CN=two");

        second.writeTo(dir, "ca");
        watch.look();
        assertThatThrownBy(() -> get(http, port)).hasStackTraceContaining("PKIX path");
        http.close().await(20, TimeUnit.SECONDS);
    }

    @Test
    void itDoesNotMatterHowAFileIsReplaced() throws Exception {
        LiveTls live = live(watch);
        X509Certificate before = live.current().chain().get(0);

        // Renamed over, the certificate first.
        Path beside = Files.createDirectory(dir.resolve("beside"));
        PemFiles next = issue(first, "doppler").writeTo(beside, "next");
        Files.move(next.certificate(), cert, StandardCopyOption.REPLACE_EXISTING);
        watch.look();
        assertThat(live.current().chain()).containsExactly(before);
        assertThat(metric("tls_reloads_total{outcome=\"failed\",setting=\"NODE_CERT_FILE\"}"))
                .isEqualTo(1);
        Files.move(next.key(), key, StandardCopyOption.REPLACE_EXISTING);
        watch.look();
        X509Certificate renamed = live.current().chain().get(0);
        assertThat(renamed).isNotEqualTo(before);

        // Rewritten in place, to the same size and time.
        var time = Files.getLastModifiedTime(cert);
        next = issue(first, "doppler").writeTo(beside, "next");
        Files.write(cert, Files.readAllBytes(next.certificate()));
        Files.write(key, Files.readAllBytes(next.key()));
        Files.setLastModifiedTime(cert, time);
        watch.look();
        assertThat(live.current().chain().get(0)).isNotEqualTo(renamed);
    }

    @Test
    void aSymbolicLinkThatTurnsElsewhereIsSeen() throws Exception {
        // As Kubernetes does it: files are links through a directory that is a link.
        Path data = dir.resolve("..data");
        issue(first, "doppler").writeTo(dir.resolve("v1"), "node");
        PemFiles next = issue(first, "doppler").writeTo(dir.resolve("v2"), "node");
        Files.createSymbolicLink(data, Path.of("v1"));
        Files.delete(cert);
        Files.delete(key);
        Files.createSymbolicLink(cert, Path.of("..data", "node.crt"));
        Files.createSymbolicLink(key, Path.of("..data", "node.key"));
        LiveTls live = live(watch);

        Path swapped = Files.createSymbolicLink(dir.resolve("..data_tmp"), Path.of("v2"));
        Files.move(swapped, data, StandardCopyOption.ATOMIC_MOVE);
        watch.look();
        assertThat(live.current().chain())
                .isEqualTo(
                        TlsMaterial.load(next.certificate(), next.key(), null).chain());
    }

    @Test
    void whatIsBrokenIsNotTakenUntilItIsGood() throws Exception {
        LiveTls live = live(watch);
        X509Certificate before = live.current().chain().get(0);
        String good = Files.readString(cert);
        List<String> bad = List.of("", good.substring(0, good.length() / 2), "garbage");
        for (String content : bad) {
            Files.writeString(cert, content);
            watch.look();
        }
        Files.delete(cert);
        watch.look();
        Files.writeString(cert, good);
        Files.writeString(ca, "");
        watch.look();
        assertThat(metric("tls_reloads_total{outcome=\"failed\",setting=\"NODE_CERT_FILE\"}"))
                .isEqualTo(5);
        assertThat(live.current().chain()).containsExactly(before);

        second.writeTo(dir, "ca");
        watch.look();
        assertThat(live.current().authorities()).containsExactly(second.certificate());
        assertThat(metric("tls_reloads_total{outcome=\"ok\",setting=\"NODE_CERT_FILE\"}"))
                .isEqualTo(1);
    }

    @Test
    void aCertificateIsTakenWhenItsTimeHasCome() throws Exception {
        Instant now = Instant.now();
        MovingClock clock = new MovingClock(now);
        TlsWatch later = new TlsWatch(new Metrics(), clock, true);
        LiveTls live = live(later);
        IssuedCertificate future = first.issue(
                "doppler",
                List.of(),
                List.of(),
                KeyKind.EC_P256.newPair(),
                now.plus(Duration.ofHours(1)),
                now.plus(LONG));
        future.writeTo(dir, "node");
        later.look();
        assertThat(live.current().chain()).doesNotContain(future.certificate());
        clock.now = now.plus(Duration.ofHours(2));
        later.look();
        assertThat(live.current().chain()).containsExactly(future.certificate());
    }

    @ParameterizedTest
    @CsvSource({"native, TLSv1.2", "native, TLSv1.3", "jdk, TLSv1.2", "jdk, TLSv1.3"})
    void onlyClientsOfAnExpectedNameAreLetIn(String provider, String protocol) throws Exception {
        int port = serve(provider, List.of("Metron", "smoke-test"));
        for (String name : List.of("metron", "smoke-test")) {
            try (SSLSocket expected = connect(client(first, name, first), port, protocol)) {
                assertThat(request(expected)).isEqualTo("HTTP/1.1 200");
            }
        }
        for (String name : List.of("trafficcontroller", "*", "metron.example.org")) {
            try (SSLSocket other = connect(client(first, name, first), port, protocol)) {
                assertThatThrownBy(() -> request(other)).isInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void daysToExpiryAreAMetricOfEachFile() throws Exception {
        issue(first, "doppler", Duration.ofDays(20).plusHours(1)).writeTo(dir, "node");
        MovingClock clock = new MovingClock(Instant.now());
        Metrics own = new Metrics();
        TlsWatch moving = new TlsWatch(own, clock, false);
        live(moving);
        assertThat(metric(own, "tls_certificate_days_left{setting=\"NODE_CERT_FILE\"}"))
                .isEqualTo(20);
        assertThat(metric(own, "tls_certificate_days_left{setting=\"NODE_CA_FILE\"}"))
                .isGreaterThan(3600);
        clock.now = clock.now.plus(Duration.ofDays(21));
        moving.look();
        assertThat(metric(own, "tls_certificate_days_left{setting=\"NODE_CERT_FILE\"}"))
                .isEqualTo(-1);
    }

    private int serve(String provider, List<String> names) throws Exception {
        System.setProperty(TlsProvider.PROPERTY, provider);
        return serve(live(watch).accepting(names).applyTo(new HttpServerOptions(), true));
    }

    /** A server whose own files stay as they are. */
    private int serveElsewhere(String provider) throws Exception {
        System.setProperty(TlsProvider.PROPERTY, provider);
        PemFiles files = issue(first, "doppler").writeTo(dir.resolve("other"), "node");
        return serve(TlsMaterial.load(files.certificate(), files.key(), ca).applyTo(new HttpServerOptions(), true));
    }

    private static int serve(HttpServerOptions options) throws Exception {
        return vertx.createHttpServer(options)
                .requestHandler(request -> {
                    try {
                        X509Certificate peer = (X509Certificate)
                                request.connection().peerCertificates().get(0);
                        request.response()
                                .end("hello " + peer.getSubjectX500Principal().getName());
                    } catch (javax.net.ssl.SSLPeerUnverifiedException e) {
                        request.response().setStatusCode(500).end();
                    }
                })
                .listen(0, "127.0.0.1")
                .await(20, TimeUnit.SECONDS)
                .actualPort();
    }

    private LiveTls live(TlsWatch by) throws Exception {
        Map<String, String> environment =
                Map.of(CERT.name(), cert.toString(), KEY.name(), key.toString(), CA.name(), ca.toString());
        Settings settings = Settings.load(List.of(CERT, KEY, CA), environment, null, rules -> {});
        return by.follow(settings, CERT, KEY, CA).orElseThrow();
    }

    private void write(CertificateAuthority authority, String name) throws IOException {
        issue(authority, name).writeTo(dir, "node");
    }

    private static IssuedCertificate issue(CertificateAuthority authority, String name) {
        return issue(authority, name, LONG);
    }

    private static IssuedCertificate issue(CertificateAuthority authority, String name, Duration validity) {
        return authority.issue(name, List.of(name), List.of(), KeyKind.EC_P256, validity);
    }

    /** A JDK client, which resumes sessions where it can. */
    private SSLContext client(CertificateAuthority signer, String name, CertificateAuthority trusted) throws Exception {
        PemFiles files = issue(signer, name).writeTo(dir.resolve("clients"), "client");
        Path trust = trusted.writeTo(dir.resolve("clients"), "trusted").certificate();
        TlsMaterial material = TlsMaterial.load(files.certificate(), files.key(), trust);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                material.keyManagerFactory().getKeyManagers(),
                new TrustManager[] {material.serverTrust("doppler")},
                null);
        return context;
    }

    private static SSLSocket connect(SSLContext client, int port, String protocol) throws IOException {
        SSLSocket socket = (SSLSocket) client.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(20_000);
        socket.setEnabledProtocols(new String[] {protocol});
        return socket;
    }

    private static X509Certificate peer(SSLSocket socket) throws IOException {
        return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }

    private static String request(SSLSocket socket) throws IOException {
        socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        byte[] start = socket.getInputStream().readNBytes(12);
        if (start.length < 12) {
            throw new IOException("closed");
        }
        return new String(start, StandardCharsets.US_ASCII);
    }

    private static String get(io.vertx.core.http.HttpClient http, int port) throws Exception {
        return http.request(HttpMethod.GET, port, "127.0.0.1", "/")
                .compose(request -> request.send().compose(response -> response.body()))
                .map(body -> body.toString(StandardCharsets.UTF_8))
                .await(20, TimeUnit.SECONDS);
    }

    private long metric(String series) {
        return metric(metrics, series);
    }

    private static long metric(Metrics metrics, String series) {
        return (long) metrics.scrape()
                .lines()
                .filter(line -> line.startsWith(series + " ") || line.startsWith(series + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private static final class MovingClock extends Clock {
        volatile Instant now;

        MovingClock(Instant now) {
            this.now = now;
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneOffset getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(java.time.ZoneId zone) {
            return this;
        }
    }
}
