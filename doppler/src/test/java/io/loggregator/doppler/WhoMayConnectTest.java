package io.loggregator.doppler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import io.loggregator.node.tls.TlsMaterial;
import io.vertx.core.http.WebSocketClientOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may connect to ingress and to the link. */
class WhoMayConnectTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    private static Path directory;

    private static Certificates platform;
    private static Certificates foreign;
    private RunningDoppler doppler;

    @BeforeAll
    static void certify() {
        platform = new Certificates(directory, "platform");
        foreign = new Certificates(directory, "foreign");
    }

    @BeforeEach
    void start() {
        doppler = RunningDoppler.start(1, platform.settings());
    }

    @AfterEach
    void stop() {
        doppler.close();
    }

    @Test
    void whoeverThePlatformsAuthorityVouchesForMaySendAndLink() throws SSLException {
        try (Emitter emitter = emitter(platform.of("metron"));
                LinkClient link = linkClient(platform.of("traffic-controller"))) {
            link.hello(io.loggregator.link.v1.Hello.newBuilder());
            link.join(1, "firehose");

            emitter.emit(Envelopes.logs("app", 0, 1_000));

            await().atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(Envelopes.numbers(link.delivered(1))).isEqualTo(Envelopes.numbers(0, 1_000)));
        }
    }

    @Test
    void ingressRefusesClientsWithoutACertificate() throws SSLException {
        ingressRefuses(platform.nobody());
    }

    @Test
    void ingressRefusesCertificatesOfAnotherAuthority() throws SSLException {
        ingressRefuses(foreign.of("metron", platform));
    }

    private void ingressRefuses(TlsMaterial client) throws SSLException {
        try (Emitter emitter = emitter(client)) {
            Status end = emitter.batchSender()
                    .send(Envelopes.batch(Envelopes.log("app", 0)))
                    .complete();

            assertThat(end.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        }
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(refusedConnections()).isPositive());
        assertThat(doppler.metric("ingress_total")).isZero();
    }

    @Test
    void ingressRefusesPlainText() {
        try (Emitter emitter = Emitter.plain(doppler)) {
            Status end = emitter.batchSender()
                    .send(Envelopes.batch(Envelopes.log("app", 0)))
                    .complete();

            assertThat(end.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        }
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(refusedConnections()).isPositive());
        assertThat(doppler.metric("ingress_total")).isZero();
    }

    @Test
    void certificatesCountEvenWherePlainTextIsPermitted() {
        Map<String, String> settings = new HashMap<>(platform.settings());
        settings.put("LOGGREGATOR_INSECURE", "true");
        try (RunningDoppler permissive = RunningDoppler.start(1, settings);
                Emitter emitter = Emitter.plain(permissive)) {
            assertThat(emitter.batchSender().complete()).returns(Status.Code.UNAVAILABLE, Status::getCode);
        }
    }

    @Test
    void theLinkRefusesClientsWithoutACertificate() {
        linkRefuses(platform.nobody().applyTo(new WebSocketClientOptions(), "doppler"));
    }

    @Test
    void theLinkRefusesCertificatesOfAnotherAuthority() {
        linkRefuses(foreign.of("traffic-controller", platform).applyTo(new WebSocketClientOptions(), "doppler"));
    }

    @Test
    void theLinkRefusesPlainText() {
        linkRefuses(new WebSocketClientOptions());
    }

    private void linkRefuses(WebSocketClientOptions client) {
        assertThatThrownBy(() -> LinkClient.connect(doppler, client)).isInstanceOf(Throwable.class);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(doppler.metric("link_refused_total", "reason=\"handshake\""))
                        .isEqualTo(1));
    }

    private Emitter emitter(TlsMaterial material) throws SSLException {
        return Emitter.tls(doppler, material.clientContext("doppler", "h2").build());
    }

    private LinkClient linkClient(TlsMaterial material) {
        return LinkClient.connect(doppler, material.applyTo(new WebSocketClientOptions(), "doppler"));
    }

    private long refusedConnections() {
        return doppler.metric("ingress_connections_refused_total", "reason=\"handshake\"");
    }
}
