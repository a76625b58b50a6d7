package io.loggregator.nozzle.emitter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.loggregator.node.tls.CertificateAuthority;
import io.loggregator.node.tls.KeyKind;
import io.loggregator.node.tls.PemFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real Doppler's ingress. */
class EmitterTest {
    /** Nobody listens there. */
    private static final int NOBODY = 1;

    private static final Duration LONG = Duration.ofSeconds(20);

    @Test
    void whatIsEmittedArrivesInOrder() throws Exception {
        try (TestDoppler doppler = TestDoppler.plain(0);
                Emitter emitter = plain(doppler.port()).start()) {
            BlockingQueue<List<Envelope>> logs = doppler.logs();

            List<String> texts =
                    IntStream.range(0, 1_000).mapToObj(Integer::toString).toList();
            texts.forEach(text -> assertThat(emitter.emit(log(text))).isTrue());

            assertThat(TestDoppler.texts(logs, 1_000)).isEqualTo(texts);
            assertThat(emitter.drain(LONG)).isTrue();
            assertThat(emitter.sent()).isEqualTo(1_000);
            assertThat(emitter.dropped()).isZero();
            assertThat(emitter.trouble()).isEmpty();
        }
    }

    @Test
    void aBatchIsDueByNumberHoweverLongItMayTake() throws Exception {
        try (TestDoppler doppler = TestDoppler.plain(0);
                Emitter emitter =
                        plain(doppler.port()).batch(2, Duration.ofHours(1)).start()) {
            BlockingQueue<List<Envelope>> logs = doppler.logs();

            emitter.emit(log("a"));
            emitter.emit(log("b"));
            emitter.emit(log("waits"));

            assertThat(TestDoppler.texts(logs, 2)).containsExactly("a", "b");
            assertThat(emitter.waiting()).isEqualTo(1);
            assertThat(emitter.drain(LONG)).isTrue();
            assertThat(TestDoppler.texts(logs, 1)).containsExactly("waits");
        }
    }

    @Test
    void mutualTlsWorksWithTheServersName(@TempDir Path directory) throws Exception {
        CertificateAuthority authority = CertificateAuthority.create("ca");
        Path ca = authority.writeTo(directory, "ca").certificate();
        PemFiles server = issued(authority, directory, "doppler");
        PemFiles client = issued(authority, directory, "metron");
        try (TestDoppler doppler = new TestDoppler(Map.of(
                        "ROUTER_CERT_FILE", server.certificate().toString(),
                        "ROUTER_KEY_FILE", server.key().toString(),
                        "ROUTER_CA_FILE", ca.toString()));
                Emitter emitter = Emitter.to("127.0.0.1", doppler.port())
                        .tls(ca, client.certificate(), client.key())
                        .serverName("doppler")
                        .start()) {
            emitter.emit(log("a"));

            assertThat(emitter.drain(LONG)).isTrue();

            assertThat(emitter.sent()).isEqualTo(1);
            assertThat(doppler.metric("ingress_total")).isEqualTo(1);
        }
    }

    @Test
    void whatDoesNotFitIsDroppedAndCounted() {
        int size = Records.size(log("a").toByteArray());
        try (Emitter emitter = plain(NOBODY).buffer(2L * size).start()) {
            assertThat(emitter.emit(log("a"))).isTrue();
            assertThat(emitter.emit(log("b"))).isTrue();
            assertThat(emitter.emit(log("c"))).isFalse();

            assertThat(emitter.dropped()).isEqualTo(1);
            assertThat(emitter.waiting()).isEqualTo(2);
            assertThat(emitter.drain(Duration.ofMillis(1))).isFalse();
            assertThat(emitter.dropped()).isEqualTo(3);
            assertThat(emitter.waiting()).isZero();
            assertThat(emitter.sent()).isZero();
            assertThat(emitter.emit(log("d"))).isFalse();
        }
    }

    @Test
    void whatWaitsGoesToADopplerThatComesLater() throws Exception {
        int port;
        try (TestDoppler first = TestDoppler.plain(0)) {
            port = first.port();
        }
        try (Emitter emitter = plain(port).start()) {
            emitter.emit(log("patient"));
            Awaitility.await()
                    .untilAsserted(
                            () -> assertThat(emitter.trouble().orElse("")).contains("Connection refused"));

            try (TestDoppler second = TestDoppler.plain(port)) {
                emitter.emit(log("more"));
                assertThat(emitter.drain(LONG)).isTrue();

                assertThat(emitter.sent()).isEqualTo(2);
                assertThat(emitter.trouble()).isEmpty();
                assertThat(second.metric("ingress_total")).isEqualTo(2);
            }
        }
    }

    @Test
    void settingsAreChecked() {
        assertThatThrownBy(() -> Emitter.to("127.0.0.1", NOBODY).start()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> plain(NOBODY).buffer(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> plain(NOBODY).batch(1, Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
    }

    private static Emitter.Builder plain(int port) {
        return Emitter.to("127.0.0.1", port).insecurelyPlainText();
    }

    private static PemFiles issued(CertificateAuthority authority, Path directory, String name) throws Exception {
        return authority
                .issue(name, List.of(name), List.of(), KeyKind.EC_P256, Duration.ofDays(1))
                .writeTo(directory, name);
    }

    private static Envelope log(String text) {
        return Envelope.newBuilder()
                .setSourceId("app")
                .setTimestamp(1)
                .setLog(Log.newBuilder().setPayload(ByteString.copyFromUtf8(text)))
                .build();
    }
}
