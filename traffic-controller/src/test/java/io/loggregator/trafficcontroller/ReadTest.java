package io.loggregator.trafficcontroller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.loggregator.link.v1.Join;
import io.loggregator.node.settings.Settings;
import io.loggregator.trafficcontroller.edge.RawClient;
import io.loggregator.trafficcontroller.gateway.GatewayCertificate;
import io.loggregator.trafficcontroller.gateway.SseClient;
import io.loggregator.trafficcontroller.link.FakeDoppler;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients of {@code /v2/read}, and what Dopplers hear of them. */
@Timeout(120)
class ReadTest extends ControllerFixture {
    @TempDir
    private Path directory;

    @BeforeEach
    void start() throws Exception {
        doppler = FakeDoppler.start(vertx, "first run");
        controller = Controller.start(vertx, Controller.TIMING, Map.of(), doppler);
    }

    private void restart(Map<String, String> settings) throws Exception {
        controller.close();
        controller = Controller.start(vertx, Controller.TIMING, settings, doppler);
    }

    private SseClient read(String query, String... headers) throws Exception {
        RawClient raw = new RawClient(controller.gatewayPort());
        raw.patience(20_000);
        return new SseClient(raw, query, headers);
    }

    private Join joined(int count) {
        await().until(() -> FakeDoppler.joins(doppler.linked()).size() == count);
        return FakeDoppler.joins(doppler.linked()).get(count - 1);
    }

    @Test
    @DisplayName("compatibility 8: 64-bit numbers are strings, names are snake_case")
    void envelopesComeAsCanonicalJson() throws Exception {
        try (SseClient client = read("?log&counter")) {
            Join join = joined(1);
            assertThat(join.getProtocol()).isEqualTo("v2");
            assertThat(join.getSelectorsCount()).isEqualTo(2);
            Envelope counter = Envelopes.counter("app", "requests", 3, 40);
            Envelope line = Envelope.newBuilder(Envelopes.log("app", "hi", 1_500_000_000_000_000_000L))
                    .clearTags()
                    .clearDeprecatedTags()
                    .clearInstanceId()
                    .build();
            doppler.deliver(join.getMember(), 1, List.of(line, counter));
            assertThat(client.line()).matches("id: [A-Za-z0-9_-]+");
            assertThat(client.line())
                    .startsWith("data: {\"batch\":[{\"timestamp\":\"1500000000000000000\",\"source_id\":\"app\","
                            + "\"instance_id\":\"\",\"deprecated_tags\":{},\"tags\":{},"
                            + "\"log\":{\"payload\":\"aGk=\",\"type\":\"OUT\"}},")
                    .contains("\"counter\":{\"name\":\"requests\",\"delta\":\"3\",\"total\":\"40\"}")
                    .endsWith("}]}");
            assertThat(client.line()).isEmpty();
        }
        await().until(() -> !FakeDoppler.leaves(doppler.linked()).isEmpty());
    }

    @Test
    void filtersAreKeptToHereAndOnlySelectedEnvelopesCome() throws Exception {
        try (SseClient client = read("?log&grep=b$")) {
            Join join = joined(1);
            assertThat(join.getRefinement()).isEqualTo("grep=2:b$");
            doppler.deliver(
                    join.getMember(),
                    1,
                    List.of(Envelopes.log("app", "a"), Envelopes.counter("app", "b", 1, 1), Envelopes.log("app", "b")));
            assertThat(client.line()).startsWith("id: ");
            assertThat(client.line()).contains("\"payload\":\"Yg==\"").doesNotContain("YQ==", "counter");
            await().until(() -> controller.metric("gateway_held_back_total") == 1);
            assertThat(controller.metric("gateway_egress_total")).isEqualTo(1);
        }
    }

    @Test
    void whoComesBackWithAnIdTellsTheDopplerWhereItWas() throws Exception {
        String id;
        try (SseClient client = read("?log")) {
            Join join = joined(1);
            doppler.deliver(join.getMember(), 1, List.of(Envelopes.log("app", "a")));
            id = client.line().substring("id: ".length());
        }
        try (SseClient again = read("?log", "Last-Event-ID: " + id)) {
            assertThat(again.status).isEqualTo(200);
            Join first = FakeDoppler.joins(doppler.linked()).get(0);
            Join second = joined(2);
            assertThat(second.getSubscription()).isEqualTo(first.getSubscription());
            assertThat(second.getAlone()).isTrue();
        }
    }

    @Test
    void whoComesBackWithAnIdThatCannotBeUsedIsToldSoBeforeAnythingElse() throws Exception {
        try (SseClient client = read("?log", "Last-Event-ID: AQ-x_9")) {
            doppler.deliver(joined(1).getMember(), 1, List.of(Envelopes.log("app", "a")));
            assertThat(client.line()).startsWith("id: ");
            assertThat(client.line()).contains("\"loss_reason\":\"link_down\"", "\"loss_count\":\"0\"");
            assertThat(controller.metric("unknown_positions_total")).isEqualTo(1);
        }
        try (SseClient client = read("?log")) {
            doppler.deliver(joined(2).getMember(), 1, List.of(Envelopes.log("app", "a")));
            assertThat(client.line()).startsWith("id: ");
            assertThat(client.line()).contains("\"payload\":\"YQ==\"").doesNotContain("loss_reason");
        }
    }

    @Test
    void aBodyEndsWithTheReasonWhenAnotherConnectionGoesOnFromItsPosition() throws Exception {
        try (SseClient client = read("?log")) {
            long member = joined(1).getMember();
            doppler.moved(member + 1);
            doppler.deliver(member, 1, List.of(Envelopes.log("app", "a")));
            doppler.moved(member);
            doppler.moved(member);
            assertThat(client.line()).startsWith("id: ");
            assertThat(client.line()).startsWith("data: ");
            assertThat(client.line()).isEmpty();
            assertThat(client.line()).isEqualTo(": another connection goes on from this one's position");
            assertThat(client.line()).isNull();
            await().until(() -> FakeDoppler.leaves(doppler.linked()).equals(List.of(member)));
            assertThat(controller.metric("streams_moved_total")).isEqualTo(1);
        }
    }

    @Test
    void aStopEndsTheBodies() throws Exception {
        try (SseClient client = read("?log")) {
            joined(1);
            controller.stop();
            assertThat(client.line()).isNull();
        }
    }

    @Test
    void aStreamEndsAfterItsTimeoutWhereThatIsSet() throws Exception {
        restart(Map.of("STREAM_TIMEOUT", "200ms"));
        try (SseClient client = read("?log")) {
            assertThat(client.line()).isEqualTo("event: closing");
            assertThat(client.line()).isEqualTo("data: closing due to stream timeout");
            assertThat(client.line()).isEmpty();
            assertThat(client.line()).isNull();
        }
        assertThat(controller.metric("gateway_expired_total")).isEqualTo(1);
        long member = joined(1).getMember();
        await().untilAsserted(
                        () -> assertThat(FakeDoppler.leaves(doppler.linked())).containsExactly(member));
    }

    @Test
    void itIsNotSetByDefault() throws Exception {
        Settings settings = Settings.load(
                TrafficControllerSettings.ALL,
                Controller.environment(Map.of(), doppler),
                null,
                TrafficControllerSettings::rules);
        assertThat(settings.get(TrafficControllerSettings.STREAM_TIMEOUT)).isZero();
    }

    @Test
    void overTlsAStreamIsReadByHttp2() throws Exception {
        GatewayCertificate certificate = new GatewayCertificate(directory);
        restart(Map.of(
                "HTTP_CERT_PATH", certificate.files().certificate().toString(),
                "HTTP_KEY_PATH", certificate.files().key().toString()));
        URI uri = URI.create("https://localhost:" + controller.gatewayPort() + "/v2/read?log");
        HttpResponse<Stream<String>> response =
                certificate.http2().send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofLines());
        assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(response.statusCode()).isEqualTo(200);
        doppler.deliver(joined(1).getMember(), 1, List.of(Envelopes.log("app", "a")));
        try (Stream<String> lines = response.body()) {
            assertThat(lines.limit(2).toList())
                    .satisfiesExactly(
                            id -> assertThat(id).startsWith("id: "),
                            data -> assertThat(data).contains("\"payload\":\"YQ==\""));
        }
    }
}
