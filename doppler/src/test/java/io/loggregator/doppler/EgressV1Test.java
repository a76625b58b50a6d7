package io.loggregator.doppler;

import static io.loggregator.doppler.RunningDoppler.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.link.v1.Hello;
import io.vertx.core.http.WebSocketClientOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.cloudfoundry.dropsonde.events.EventFactory;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope.EventType;
import org.cloudfoundry.loggregator.plumbing.BatchResponse;
import org.cloudfoundry.loggregator.plumbing.Filter;
import org.cloudfoundry.loggregator.plumbing.Response;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Event;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Gauge;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.GaugeValue;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Timer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code plumbing.Doppler} for Traffic Controllers of the Go release: who gets which envelopes. */
class EgressV1Test {
    private static final String APP = "11111111-2222-3333-4444-555555555555";

    @TempDir
    private Path directory;

    private Certificates platform;
    private RunningDoppler doppler;
    private Emitter emitter;
    private Subscriber subscriber;

    @BeforeEach
    void start() throws Exception {
        platform = new Certificates(directory, "platform");
        doppler = RunningDoppler.start(2, platform.settings());
        emitter = Emitter.tls(
                doppler, platform.of("metron").clientContext("doppler", "h2").build());
        subscriber = Subscriber.tls(
                doppler,
                platform.of("trafficcontroller").clientContext("doppler", "h2").build());
    }

    @AfterEach
    void stop() {
        subscriber.close();
        emitter.close();
        doppler.close();
    }

    /** One of each kind that v1 has, and one that it has not. */
    private static List<Envelope> mixed() {
        return List.of(
                Envelopes.log(APP, 1),
                Envelopes.log("other", 2),
                Envelopes.counter("component", 3),
                Envelopes.containerMetric(APP, 0, 4),
                gauge("component", 5),
                http(APP, 6),
                error("component", 7),
                Envelope.newBuilder()
                        .setTimestamp(8)
                        .setSourceId(APP)
                        .setEvent(Event.newBuilder().setTitle("no form in v1"))
                        .build());
    }

    private static Envelope gauge(String source, int number) {
        return Envelope.newBuilder()
                .setSourceId(source)
                .setTimestamp(number)
                .setGauge(Gauge.newBuilder()
                        .putMetrics(
                                "load",
                                GaugeValue.newBuilder().setUnit("1").setValue(1).build()))
                .build();
    }

    private static Envelope http(String app, int number) {
        return Envelope.newBuilder()
                .setSourceId(app)
                .setTimestamp(number)
                .putTags("request_id", "99999999-2222-3333-4444-555555555555")
                .setTimer(Timer.newBuilder().setName("http").setStart(1).setStop(2))
                .build();
    }

    private static Envelope error(String source, int number) {
        return Envelopes.log(source, number).toBuilder()
                .putTags("__v1_type", "Error")
                .build();
    }

    @Test
    void withoutAFilterEverythingComes() {
        Download<BatchResponse> none = subscriber.v1("", null);
        Download<BatchResponse> empty = subscriber.v1("", Filter.getDefaultInstance());

        emitter.emit(mixed());

        eventually(() -> assertThat(timestamps(none)).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L));
        eventually(() -> assertThat(timestamps(empty)).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L));
        assertThat(Subscriber.v1Envelopes(none))
                .extracting(EventFactory.Envelope::getEventType)
                .containsExactly(
                        EventType.LogMessage,
                        EventType.LogMessage,
                        EventType.CounterEvent,
                        EventType.ContainerMetric,
                        EventType.ValueMetric,
                        EventType.HttpStartStop,
                        EventType.Error);
    }

    @Test
    void aLogFilterLeavesLogMessagesAndAMetricFilterAllElse() {
        Download<BatchResponse> logs = subscriber.v1("", Subscriber.logs(""));
        Download<BatchResponse> metrics = subscriber.v1("", Subscriber.metrics(""));

        emitter.emit(mixed());

        eventually(() -> assertThat(timestamps(logs)).containsExactly(1L, 2L));
        eventually(() -> assertThat(timestamps(metrics)).containsExactly(3L, 4L, 5L, 6L, 7L));
    }

    @Test
    void anAppIdLeavesWhatV1SeesUnderIt() {
        Download<BatchResponse> all = subscriber.v1("", Subscriber.app(APP));
        Download<BatchResponse> logs = subscriber.v1("", Subscriber.logs(APP));
        Download<BatchResponse> metrics = subscriber.v1("", Subscriber.metrics(APP));
        Download<BatchResponse> platform = subscriber.v1("", Subscriber.app("system"));
        Download<BatchResponse> nobody = subscriber.v1("", Subscriber.app("nobody"));

        emitter.emit(mixed());

        eventually(() -> assertThat(timestamps(all)).containsExactly(1L, 4L, 6L));
        eventually(() -> assertThat(timestamps(logs)).containsExactly(1L));
        eventually(() -> assertThat(timestamps(metrics)).containsExactly(4L, 6L));
        eventually(() -> assertThat(timestamps(platform)).containsExactly(3L, 5L, 7L));
        assertThat(nobody.messages()).isEmpty();
    }

    @Test
    void streamsWithoutAShardGetAllOfItEach() {
        Download<BatchResponse> one = subscriber.v1("", null);
        Download<BatchResponse> two = subscriber.v1("", null);

        emitter.emit(Envelopes.logs("app", 1, 2_001));

        eventually(() -> assertThat(timestamps(one)).isEqualTo(numbers(1, 2_001)));
        eventually(() -> assertThat(timestamps(two)).isEqualTo(numbers(1, 2_001)));
    }

    @Test
    void streamsOfAShardWithTheSameFilterShareOneCopy() {
        Download<BatchResponse> one = subscriber.v1("shard", null);
        Download<BatchResponse> two = subscriber.v1("shard", Filter.getDefaultInstance());
        Download<BatchResponse> otherFilter = subscriber.v1("shard", Subscriber.logs(""));
        Download<BatchResponse> otherShard = subscriber.v1("another", null);

        for (int i = 0; i < 50; i++) {
            emitter.emit(Envelopes.logs("app", 1 + 20 * i, 21 + 20 * i));
        }

        eventually(() -> {
            List<Long> both = new ArrayList<>(timestamps(one));
            both.addAll(timestamps(two));
            assertThat(both).containsExactlyInAnyOrderElementsOf(numbers(1, 1_001));
        });
        assertThat(one.messages()).isNotEmpty();
        assertThat(two.messages()).isNotEmpty();
        eventually(() -> assertThat(timestamps(otherFilter)).isEqualTo(numbers(1, 1_001)));
        eventually(() -> assertThat(timestamps(otherShard)).isEqualTo(numbers(1, 1_001)));
    }

    @Test
    void whatAStreamThatLeavesHadNotBeenWrittenGoesToTheOthersOfItsShard() {
        Download<BatchResponse> stays = subscriber.v1("shard", null);
        Download<BatchResponse> leaves = subscriber.v1("shard", null);
        leaves.cancel();
        eventually(() ->
                assertThat(doppler.metric("egress_streams", "protocol=\"v1\"")).isEqualTo(1));

        emitter.emit(Envelopes.logs("app", 1, 1_001));

        eventually(() -> assertThat(timestamps(stays)).isEqualTo(numbers(1, 1_001)));
    }

    @Test
    void aShardIsSharedWithClientsBehindOurTrafficControllers() {
        try (LinkClient link = link()) {
            Download<BatchResponse> stream = subscriber.v1("shard", null);
            link.join(1, "shard");

            emitInTwenties(1, 1_001);

            eventually(() -> assertThat(both(stream, link)).containsExactlyInAnyOrderElementsOf(numbers(1, 1_001)));
            assertThat(stream.messages()).isNotEmpty();
            assertThat(link.delivered(1)).isNotEmpty();

            stream.cancel();
            eventually(() -> assertThat(doppler.metric("egress_streams", "protocol=\"v1\""))
                    .isZero());
            emitInTwenties(1_001, 1_201);
            eventually(() -> assertThat(timestamps(link)).containsAll(numbers(1_001, 1_201)));

            Download<BatchResponse> back = subscriber.v1("shard", null);
            link.leave(1);
            emitInTwenties(1_201, 1_401);
            eventually(() -> assertThat(timestamps(back)).isEqualTo(numbers(1_201, 1_401)));
            assertThat(both(stream, link)).containsExactlyInAnyOrderElementsOf(numbers(1, 1_201));
        }
        doppler.balances();
    }

    @Test
    void whatAClientBehindATrafficControllerHasNotConfirmedGoesToTheStreamsOfItsShard() {
        try (LinkClient link = link()) {
            Download<BatchResponse> stream = subscriber.v1("shard", Subscriber.logs(""));
            link.join(1, "shard", io.loggregator.link.v1.Filter.LOGS, false);
            emitInTwenties(1, 1_001);
            eventually(() -> assertThat(both(stream, link)).hasSize(1_000));
            assertThat(link.delivered(1)).isNotEmpty();

            link.leave(1);

            eventually(() -> assertThat(timestamps(stream)).containsExactlyInAnyOrderElementsOf(numbers(1, 1_001)));
        }
        doppler.balances();
    }

    private LinkClient link() {
        LinkClient link = LinkClient.connect(
                doppler, platform.of("traffic-controller").applyTo(new WebSocketClientOptions(), "doppler"));
        link.hello(Hello.newBuilder().setGraceMillis(60_000).setGroupsInGrace(100));
        return link;
    }

    private void emitInTwenties(int from, int to) {
        for (int i = from; i < to; i += 20) {
            emitter.emit(Envelopes.logs("app", i, i + 20));
        }
    }

    private static List<Long> timestamps(LinkClient link) {
        return link.delivered(1).stream().map(Envelope::getTimestamp).toList();
    }

    private static List<Long> both(Download<BatchResponse> stream, LinkClient link) {
        return Stream.concat(timestamps(stream).stream(), timestamps(link).stream())
                .toList();
    }

    @Test
    void subscribeSendsOneEnvelopeAtATime() {
        Download<Response> singles = subscriber.v1Singles("", null);

        emitter.emit(Envelopes.logs("app", 1, 1_001));

        eventually(() -> assertThat(singles.messages().stream()
                        .map(response -> Subscriber.parse(response.getPayload()).getTimestamp())
                        .toList())
                .isEqualTo(numbers(1, 1_001)));
    }

    @Test
    void aBatchHasAHundredEnvelopesAtMost() {
        Download<BatchResponse> batches = subscriber.v1("", null);

        emitter.emit(Envelopes.logs("app", 1, 5_001));

        eventually(() -> assertThat(timestamps(batches)).isEqualTo(numbers(1, 5_001)));
        assertThat(batches.messages())
                .allSatisfy(batch -> assertThat(batch.getPayloadCount()).isBetween(1, 100));
    }

    @Test
    void whatIsWrittenIsCounted() {
        Download<BatchResponse> all = subscriber.v1("shard", null);

        emitter.emit(Envelopes.logs("app", 1, 1_001));

        eventually(() -> assertThat(timestamps(all)).hasSize(1_000));
        eventually(() -> assertThat(doppler.metric("egress_stream_envelopes_total", "protocol=\"v1\""))
                .isEqualTo(1_000));
        eventually(() -> assertThat(doppler.metric(
                        "subscription_envelopes_total",
                        "protocol=\"v1\"",
                        "subscription=\"shard\"",
                        "what=\"delivered\""))
                .isEqualTo(1_000));
        eventually(
                () -> assertThat(doppler.metric("egress_stream_waiting_bytes")).isZero());
    }

    private static List<Long> timestamps(Download<BatchResponse> download) {
        return Subscriber.v1Envelopes(download).stream()
                .map(EventFactory.Envelope::getTimestamp)
                .toList();
    }

    private static List<Long> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> (long) i).toList();
    }
}
