package io.loggregator.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.loggregator.endtoend.TlsTable.Row;
import io.loggregator.node.tls.CertificateAuthority;
import io.loggregator.node.tls.IssuedCertificate;
import io.loggregator.node.tls.KeyKind;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Connects to every port as the table in {@code docs/security.md} says, on either implementation of TLS, while a stream
 * goes on from an agent to a firehose.
 */
@Tag("system")
class TlsTableTest {
    private static final String PROVIDER = "loggregator.tls.provider";
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final List<String> PORTS = List.of("ingress", "link", "loggregator");
    private static final CertificateAuthority STRANGER = CertificateAuthority.create(Certificates.NAME);

    @TempDir
    private Path directory;

    private final Map<String, Socket> stalled = new HashMap<>();
    private final AtomicInteger sent = new AtomicInteger();
    private long refusedTimes;
    private LogLines log;
    private Certificates certificates;
    private LocalServers servers;
    private Agent agent;
    private Nozzle nozzle;

    @TestFactory
    Stream<DynamicTest> everyConnectionOfTheTableMeetsWhatItSays() throws IOException {
        return everyRow("native");
    }

    @TestFactory
    Stream<DynamicTest> soItDoesWithTheTlsOfTheJdk() throws IOException {
        return everyRow("jdk");
    }

    private Stream<DynamicTest> everyRow(String provider) throws IOException {
        List<Row> rows = TlsTable.rows();
        assertThat(rows).hasSizeGreaterThan(30).doesNotHaveDuplicates();
        return Stream.of(
                        Stream.of(DynamicTest.dynamicTest("start", () -> start(provider))),
                        rows.stream().map(row -> DynamicTest.dynamicTest(row.toString(), () -> run(row))))
                .flatMap(tests -> tests);
    }

    private void start(String provider) throws Exception {
        System.setProperty(PROVIDER, provider);
        log = new LogLines();
        certificates = new Certificates(directory);
        servers = new LocalServers(
                certificates,
                Map.of("ROUTER_CLIENT_NAMES", "metron", "DOPPLER_LINK_CLIENT_NAMES", "trafficcontroller"),
                Map.of());
        assertThat(log.have("TLS runs on", provider.equals("jdk") ? "the JDK" : "native"))
                .isTrue();
        await().atMost(LIMIT).until(servers::linked);
        agent = servers.agent();
        nozzle = Nozzle.open(
                HttpClient.newBuilder().sslContext(certificates.ofClient()).build(),
                URI.create("wss://127.0.0.1:" + servers.port() + "/firehose/tls-table"));
        Cluster.probe("probe", List.of(agent), List.of(nozzle));
        for (String port : PORTS) {
            Socket socket = TlsPeer.connect(port(port));
            // Half a handshake record, and then nothing.
            socket.getOutputStream().write(new byte[] {0x16, 0x03, 0x01, 0x01, 0x00});
            stalled.put(port, socket);
        }
    }

    @AfterEach
    void stop() throws Exception {
        System.clearProperty(PROVIDER);
        if (servers != null) {
            log.close();
            nozzle.close();
            agent.close();
            for (Socket socket : stalled.values()) {
                socket.close();
            }
            servers.close();
        }
    }

    private void run(Row row) throws Exception {
        boolean stalls = row.comes().startsWith("half a handshake");
        refusedTimes = 1;
        Map<String, Long> before = stalls ? Map.of() : refusals(row.port());
        assertThat(meets(row)).isEqualTo(row.peer());
        Map<String, Long> expected = new HashMap<>(before);
        if (!row.counted().isEmpty()) {
            expected.merge(row.counted(), refusedTimes, Long::sum);
        }
        if (stalls) {
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(refusal(servers.samples(), row.port(), "slow"))
                            .isEqualTo(1));
        } else {
            expected.remove("slow"); // those that stall come to their end meanwhile
            await().atMost(LIMIT).untilAsserted(() -> {
                Map<String, Long> after = refusals(row.port());
                after.remove("slow");
                assertThat(after).isEqualTo(expected);
            });
        }
        if (!row.logged().isEmpty()) {
            await("a line with: " + row.logged())
                    .atMost(LIMIT)
                    .until(() -> log.have("on the " + row.port() + " port refused", row.logged()));
        }
        theStreamGoesOn();
    }

    private void theStreamGoesOn() {
        String line = "between:" + sent.incrementAndGet();
        agent.send(Envelopes.log("app", line));
        await().atMost(LIMIT).until(() -> nozzle.lines().contains(line));
    }

    /** Does what the row says; returns how it went for the peer. */
    private String meets(Row row) throws Exception {
        int port = port(row.port());
        String name = row.port().equals("ingress") ? "metron" : "trafficcontroller";
        Instant now = Instant.now();
        IssuedCertificate right = issue(certificates.authority(), name, now.minus(HOUR), now.plus(HOUR));
        return switch (row.comes()) {
            case "the right certificate" -> certified(row, right);
            case "no client certificate" -> certified(row, null);
            case "a certificate of another CA" ->
                certified(row, issue(STRANGER, name, now.minus(HOUR), now.plus(HOUR)));
            case "an expired certificate" ->
                certified(row, issue(certificates.authority(), name, now.minus(HOUR), now.minusSeconds(60)));
            case "a certificate that is not valid yet" ->
                certified(row, issue(certificates.authority(), name, now.plus(HOUR), now.plus(HOUR.plus(HOUR))));
            case "a certificate of another name" -> {
                String other = row.port().equals("ingress") ? "trafficcontroller" : "metron";
                yield certified(row, issue(certificates.authority(), other, now.minus(HOUR), now.plus(HOUR)));
            }
            case "a certificate that expires, session resumed" -> untilRefused(row, name);
            case "TLS 1.0" -> bytes(port, TlsPeer.clientHello(0x0301, 0xC009, 0xC00A, 0xC02B));
            case "TLS 1.1" -> bytes(port, TlsPeer.clientHello(0x0302, 0xC009, 0xC00A, 0xC02B));
            case "ECDHE with AES-CBC" -> refusal(port, TlsPeer.clientHello(0x0303, 0xC009, 0xC00A, 0xC023));
            case "RSA key exchange" -> refusal(port, TlsPeer.clientHello(0x0303, 0x009C, 0x009D));
            case "plain HTTP" -> bytes(port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            case "plain HTTP/2" -> bytes(port, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            case "garbage" -> bytes(port, new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
            case "half a handshake, then silence" -> {
                String answer = TlsPeer.answer(stalled.get(row.port()), new byte[0]);
                yield answer.isEmpty() || answer.startsWith("15") ? "is cut after 10 s" : answer;
            }
            case "a connection that ends at once" -> {
                TlsPeer.connect(port).close();
                yield "";
            }
            default -> throw new AssertionError("no such attempt: " + row.comes());
        };
    }

    private String certified(Row row, IssuedCertificate certificateOrNull) throws Exception {
        SSLContext client = TlsPeer.showing(certificateOrNull);
        if (row.peer().equals("is served")) {
            assertThat(TlsPeer.served(client, row.port(), port(row.port())))
                    .isIn("frame 4", "HTTP/1.1 101", "HTTP/1.1 404");
        } else {
            assertThatThrownBy(() -> TlsPeer.served(client, row.port(), port(row.port())))
                    .isInstanceOf(IOException.class);
            return "is refused";
        }
        return "is served";
    }

    /** Connects again and again, as the same client, while its certificate is good and until it no longer is. */
    private String untilRefused(Row row, String name) throws Exception {
        SSLContext client;
        int seconds = 1;
        do {
            // On a slow machine, what is valid for so short a time may have expired before it is first shown.
            seconds *= 2;
            Instant now = Instant.now();
            client = TlsPeer.showing(issue(certificates.authority(), name, now.minus(HOUR), now.plusSeconds(seconds)));
        } while (isRefused(row, client));
        SSLContext shown = client;
        refusedTimes--;
        await().atMost(LIMIT).until(() -> isRefused(row, shown));
        return "is refused";
    }

    private boolean isRefused(Row row, SSLContext client) {
        try {
            TlsPeer.served(client, row.port(), port(row.port()));
            return false;
        } catch (IOException e) {
            refusedTimes++;
            return true;
        }
    }

    private static String bytes(int port, byte[] bytes) throws IOException {
        try (Socket socket = TlsPeer.connect(port)) {
            String answer = TlsPeer.answer(socket, bytes);
            // An alert of two bytes: fatal, and what for (RFC 8446, 6).
            return answer.matches("15030[0-4]000202..")
                    ? "gets alert " + Integer.parseInt(answer.substring(12), 16)
                    : answer.isEmpty() ? "is cut" : answer;
        }
    }

    /** With an alert for no common parameters, or without a word. */
    private static String refusal(int port, byte[] bytes) throws IOException {
        String answer = bytes(port, bytes);
        return List.of("gets alert 40", "is cut").contains(answer) ? "is refused" : answer;
    }

    private static IssuedCertificate issue(CertificateAuthority authority, String name, Instant from, Instant to) {
        return authority.issue(name, List.of(name), List.of(), KeyKind.EC_P256, from, to);
    }

    private int port(String name) {
        return switch (name) {
            case "ingress" -> servers.ingressPort();
            case "link" -> servers.linkPort();
            default -> servers.port();
        };
    }

    private Map<String, Long> refusals(String port) {
        Samples samples = servers.samples();
        Map<String, Long> refusals = new HashMap<>();
        for (String reason : List.of(
                "no_certificate",
                "authority",
                "expired",
                "not_yet_valid",
                "name",
                "version",
                "suite",
                "alpn",
                "not_tls",
                "slow",
                "peer",
                "closed",
                "other")) {
            refusals.put(reason, refusal(samples, port, reason));
        }
        return refusals;
    }

    private static long refusal(Samples samples, String port, String reason) {
        return samples.sum("tls_refused_total", Map.of("port", port, "reason", reason));
    }
}
