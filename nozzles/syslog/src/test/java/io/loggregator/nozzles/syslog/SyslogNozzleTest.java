package io.loggregator.nozzles.syslog;

import static io.loggregator.nozzles.syslog.Envelopes.gauge;
import static io.loggregator.nozzles.syslog.Envelopes.log;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.loggregator.node.settings.InvalidSettings;
import io.loggregator.node.settings.Settings;
import io.loggregator.nozzle.Nozzle;
import io.loggregator.nozzle.Selector;
import io.loggregator.nozzle.TlsOptions;
import io.loggregator.nozzle.testkit.LoggregatorEndpoint;
import io.loggregator.nozzle.testkit.ScriptedStream;
import io.loggregator.nozzles.runner.Destination;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(90)
class SyslogNozzleTest {
    private static final Map<String, String> TAGS = Map.of("source_type", "APP/PROC/WEB", "app_name", "shop");

    @TempDir
    private Path directory;

    private final SyslogNozzle program = new SyslogNozzle();
    private LoggregatorEndpoint endpoint;
    private ScriptedStream firehose;
    private Destination destination;
    private Nozzle nozzle;

    @BeforeEach
    void startTheEndpoint() {
        endpoint = LoggregatorEndpoint.startTls();
        firehose = endpoint.firehose("syslog-test");
    }

    @AfterEach
    void stopAll() {
        if (nozzle != null) {
            nozzle.drain(Duration.ofMillis(1));
            destination.close();
        }
        endpoint.close();
    }

    @Test
    void rsyslogReadsWhatIsWrittenInPlainText() throws Exception {
        try (Rsyslog rsyslog = Rsyslog.plain(directory)) {
            run(Map.of("SYSLOG_DRAIN_URL", "syslog://127.0.0.1:" + rsyslog.port(), "SYSLOG_METRICS", "true"));
            firehose.send(log("guid", "3", TAGS, "say \"hello\"\nto [all]"), gauge("cpu", 0.5, "percentage"));
            firehose.awaitAcknowledged(2);
            List<String> messages = rsyslog.awaitMessages(2);
            assertThat(messages.get(0))
                    .contains("\"pri\":\"14\"", "\"time\":\"1970-01-01T00:00:00.012345+00:00\"", "\"host\":\"..shop\"")
                    .contains("\"app\":\"guid\"", "\"process\":\"[APP\\/PROC\\/WEB\\/3]\"")
                    .contains("\"data\":\"[tags@47450 app_name=\\\"shop\\\" source_type=\\\"APP\\/PROC\\/WEB\\\"]\"")
                    .contains("\"text\":\"say \\\"hello\\\"#012to [all]\"");
            assertThat(messages.get(1))
                    .contains("\"host\":\"loggregator\"", "\"process\":\"[1]\"")
                    .contains("\"data\":\"[gauge@47450 name=\\\"cpu\\\" value=\\\"0.5\\\" unit=\\\"percentage\\\"]\"");
        }
    }

    @Test
    void rsyslogReadsWhatIsWrittenByTlsAndSeesOurCertificate() throws Exception {
        X509Bundle issuer =
                certificate("CN=authority").setIsCertificateAuthority(true).buildSelfSigned();
        X509Bundle server =
                certificate("CN=rsyslog").addSanIpAddress("127.0.0.1").buildIssuedBy(issuer);
        X509Bundle client = certificate("CN=nozzle").buildIssuedBy(issuer);
        Path authority = write("ca.crt", issuer.getCertificatePEM());
        try (Rsyslog rsyslog = Rsyslog.tls(
                directory,
                authority,
                write("server.crt", server.getCertificatePEM()),
                write("server.key", server.getPrivateKeyPEM()))) {
            run(Map.of(
                    "SYSLOG_DRAIN_URL", "syslog-tls://127.0.0.1:" + rsyslog.port(),
                    "SYSLOG_CA_FILE", authority.toString(),
                    "SYSLOG_CERT_FILE",
                            write("client.crt", client.getCertificatePEM()).toString(),
                    "SYSLOG_KEY_FILE",
                            write("client.key", client.getPrivateKeyPEM()).toString()));
            firehose.send(IntStream.range(0, 500)
                    .mapToObj(i -> log("guid", "0", TAGS, "line " + i))
                    .toArray(Envelope[]::new));
            firehose.awaitAcknowledged(500);
            List<String> messages = rsyslog.awaitMessages(500);
            assertThat(messages).hasSize(500);
            assertThat(messages.get(499)).contains("\"text\":\"line 499\"");
        }
    }

    @Test
    void nothingIsAcknowledgedWhileTheServerIsAwayAndAllIsWrittenWhenItIsBack() throws Exception {
        try (Rsyslog rsyslog = Rsyslog.plain(directory)) {
            run(Map.of("SYSLOG_DRAIN_URL", "syslog://127.0.0.1:" + rsyslog.port()));
            firehose.send(log("guid", "0", TAGS, "before")).awaitAcknowledged(1);
            rsyslog.awaitMessages(1);
            rsyslog.kill();
            await().until(() -> destination.status().endsWith(")"));
            firehose.send(log("guid", "0", TAGS, "meanwhile"));
            await().until(() -> destination.status().contains("refused"));
            assertThat(firehose.acknowledged().now()).isEqualTo(1);
            rsyslog.startAgain();
            firehose.awaitAcknowledged(2);
            assertThat(rsyslog.awaitMessages(2).get(1)).contains("meanwhile");
        }
    }

    @Test
    void aServerThatTakesNothingIsLeftAndNothingIsAcknowledged() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            run(Map.of(
                    "SYSLOG_DRAIN_URL", "syslog://127.0.0.1:" + server.getLocalPort(), "SYSLOG_STALL_TIMEOUT", "1s"));
            String large = "x".repeat(8 << 20);
            firehose.send(log("guid", "0", TAGS, large));
            try (Socket first = server.accept();
                    Socket second = server.accept()) {
                assertThat(first.isConnected()).isTrue();
                assertThat(firehose.acknowledged().now()).isZero();
                byte[] all = second.getInputStream().readNBytes(large.length());
                assertThat(new String(all, 0, 20, StandardCharsets.US_ASCII)).matches("\\d+ <14>1 1970.*");
                firehose.awaitAcknowledged(1);
                assertThat(destination.status()).contains("2 connections");
            }
        }
    }

    @Test
    void aCertificateForAnotherNameIsNotAccepted() throws Exception {
        try (LoggregatorEndpoint other =
                LoggregatorEndpoint.builder().tlsFor("elsewhere.example").start()) {
            run(Map.of(
                    "SYSLOG_DRAIN_URL",
                    "syslog-tls://127.0.0.1:" + other.uri().getPort(),
                    "SYSLOG_CA_FILE",
                    write("other.crt", other.authorityPem()).toString()));
            firehose.send(log("guid", "0", TAGS, "secret"));
            await().until(() -> destination.status().contains("No subject alternative names"));
            assertThat(firehose.acknowledged().now()).isZero();
        }
    }

    @Test
    void linesAloneAreAskedForUnlessMetricsAreWanted() throws Exception {
        assertThat(program.selectors(settings(Map.of("SYSLOG_DRAIN_URL", "syslog://h"))))
                .containsExactly(Selector.logs());
        assertThat(program.selectors(settings(Map.of("SYSLOG_DRAIN_URL", "syslog://h", "SYSLOG_METRICS", "true"))))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://h",
                "syslog://",
                "syslog://h:99999",
                "syslog://me@h",
                "syslog://h/path",
                "h:514",
                "syslog://h?x"
            })
    void aUrlOfAnotherFormIsRefused(String url) {
        assertThatThrownBy(() -> settings(Map.of("SYSLOG_DRAIN_URL", url)))
                .isInstanceOf(InvalidSettings.class)
                .hasMessageContaining("SYSLOG_DRAIN_URL");
    }

    @Test
    void portsAreTheUsualOnesUnlessTold() {
        assertThat(SyslogServer.parse("syslog-tls://logs.example.org"))
                .contains(new SyslogServer(true, "logs.example.org", 6514));
        assertThat(SyslogServer.parse("syslog://[::1]")).contains(new SyslogServer(false, "::1", 514));
    }

    @Test
    void filesForTlsAreRefusedInPlainText() throws Exception {
        Path authority = write("ca.crt", endpoint.authorityPem());
        assertThatThrownBy(() ->
                        settings(Map.of("SYSLOG_DRAIN_URL", "syslog://h", "SYSLOG_CA_FILE", authority.toString())))
                .hasMessageContaining("SYSLOG_CA_FILE");
    }

    private Settings settings(Map<String, String> environment) throws InvalidSettings {
        return Settings.load(program.settings(), new HashMap<>(environment), null, program::rules);
    }

    private void run(Map<String, String> environment) throws Exception {
        Settings settings = settings(environment);
        destination = program.open(settings);
        nozzle = Nozzle.builder()
                .endpoint(endpoint.uri())
                .firehose("syslog-test")
                .selectors(program.selectors(settings).toArray(Selector[]::new))
                .tls(TlsOptions.trusting(write("endpoint.crt", endpoint.authorityPem())))
                .buffer(32 << 20)
                .handler(destination)
                .build();
        nozzle.start();
    }

    private static CertificateBuilder certificate(String subject) {
        return new CertificateBuilder().ecp256().subject(subject);
    }

    private Path write(String name, String content) throws IOException {
        return Files.writeString(directory.resolve(name), content);
    }
}
