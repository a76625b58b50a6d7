package io.loggregator.doppler;

import static io.loggregator.doppler.RunningDoppler.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.loggregator.link.v1.Hello;
import io.loggregator.link.v1.Join;
import io.vertx.core.http.WebSocketClientOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.cloudfoundry.loggregator.v2.EgressGrpc;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EgressBatchRequest;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EgressRequest;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Counter;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Event;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Gauge;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.GaugeValue;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Timer;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Value;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code loggregator.v2.Egress} for RLPs of the Go release: which selectors take which envelopes, and how often. */
class EgressV2Test {
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
                platform.of("reverselogproxy").clientContext("doppler", "h2").build());
    }

    @AfterEach
    void stop() {
        subscriber.close();
        emitter.close();
        doppler.close();
    }

    private static List<Envelope> mixed() {
        return List.of(
                Envelopes.log("a", 1),
                Envelopes.log("b", 2),
                counter("a", "x", 3),
                counter("b", "y", 4),
                gauge("a", 5, "cpu"),
                gauge("a", 6, "cpu", "memory"),
                gauge("b", 7, "cpu", "memory", "disk"),
                Envelope.newBuilder()
                        .setSourceId("a")
                        .setTimestamp(8)
                        .setTimer(Timer.newBuilder().setName("http"))
                        .build(),
                Envelope.newBuilder()
                        .setSourceId("b")
                        .setTimestamp(9)
                        .setEvent(Event.newBuilder().setTitle("deployed"))
                        .build());
    }

    private static Envelope counter(String source, String name, int number) {
        return Envelope.newBuilder()
                .setSourceId(source)
                .setTimestamp(number)
                .setCounter(Counter.newBuilder().setName(name).setTotal(number))
                .build();
    }

    private static Envelope gauge(String source, int number, String... names) {
        Gauge.Builder gauge = Gauge.newBuilder();
        List.of(names).forEach(name -> gauge.putMetrics(name, GaugeValue.getDefaultInstance()));
        return Envelope.newBuilder()
                .setSourceId(source)
                .setTimestamp(number)
                .setGauge(gauge)
                .build();
    }

    @Test
    void aSelectorTakesItsKind() {
        List<Download<EnvelopeBatch>> streams = List.of(
                subscriber.v2("", Subscriber.log("")),
                subscriber.v2("", Subscriber.counter("", "")),
                subscriber.v2("", Subscriber.gauge("")),
                subscriber.v2("", Subscriber.timer("")),
                subscriber.v2("", Subscriber.event("")));

        emitter.emit(mixed());

        gets(streams.get(0), 1, 2);
        gets(streams.get(1), 3, 4);
        gets(streams.get(2), 5, 6, 7);
        gets(streams.get(3), 8);
        gets(streams.get(4), 9);
    }

    @Test
    void aSelectorWithASourceTakesNoOther() {
        Download<EnvelopeBatch> log = subscriber.v2("", Subscriber.log("a"));
        Download<EnvelopeBatch> both = subscriber.v2("", Subscriber.log("b"), Subscriber.timer("a"));

        emitter.emit(mixed());

        gets(log, 1);
        gets(both, 2, 8);
    }

    @Test
    void aCounterSelectorsNameIsExactAndAGaugeSelectorsNamesAreAllOfTheGauges() {
        Download<EnvelopeBatch> counter = subscriber.v2("", Subscriber.counter("", "x"));
        Download<EnvelopeBatch> gauge = subscriber.v2("", Subscriber.gauge("", "memory", "cpu"));

        emitter.emit(mixed());

        gets(counter, 3);
        gets(gauge, 6);
    }

    @Test
    void anEnvelopeComesOnceForEachSelectorThatTakesIt() {
        Download<EnvelopeBatch> twice = subscriber.v2("", Subscriber.log(""), Subscriber.log("a"));
        Download<EnvelopeBatch> same = subscriber.v2("", Subscriber.log("a"), Subscriber.log("a"));
        Download<EnvelopeBatch> names = subscriber.v2(
                "", Subscriber.counter("", "x"), Subscriber.counter("", ""), Subscriber.counter("a", "x"));

        emitter.emit(mixed());

        gets(twice, 1, 1, 2);
        gets(same, 1, 1);
        gets(names, 3, 3, 3, 4);
        doppler.balances();
    }

    @Test
    void manyCopiesAreCutIntoMessagesOfAHundred() {
        Download<EnvelopeBatch> twice = subscriber.v2("", Subscriber.log(""), Subscriber.log("app"));

        emitter.emit(Envelopes.logs("app", 0, 1_000));

        eventually(() -> assertThat(Subscriber.envelopes(twice)).hasSize(2_000));
        assertThat(twice.messages())
                .allSatisfy(batch -> assertThat(batch.getBatchCount()).isBetween(1, 100));
    }

    @Test
    void selectorsWithoutAMessageAndTheLegacySelectorSelectNothing() {
        Download<EnvelopeBatch> none = subscriber.v2("");
        Download<EnvelopeBatch> empty = subscriber.v2(
                "", LoggregatorEgress.Selector.newBuilder().setSourceId("a").build());
        Download<EnvelopeBatch> legacy = subscriber.v2(EgressBatchRequest.newBuilder()
                .setLegacySelector(Subscriber.log(""))
                .build());
        Download<EnvelopeBatch> witness = subscriber.v2("", Subscriber.log(""));

        emitter.emit(mixed());

        gets(witness, 1, 2);
        assertThat(List.of(none, empty, legacy)).allSatisfy(stream -> {
            assertThat(stream.messages()).isEmpty();
            assertThat(stream.hasEnded()).isFalse();
        });
    }

    @Test
    void envelopesComeAsTheyWereSentWhateverTagsArePreferred() {
        Envelope old = Envelopes.log("a", 1).toBuilder()
                .putDeprecatedTags("index", Value.newBuilder().setInteger(7).build())
                .putTags("job", "router")
                .build();
        Download<EnvelopeBatch> preferred = subscriber.v2(EgressBatchRequest.newBuilder()
                .setUsePreferredTags(true)
                .addSelectors(Subscriber.log(""))
                .build());
        Download<EnvelopeBatch> deprecated = subscriber.v2("", Subscriber.log(""));

        emitter.emit(List.of(old));

        eventually(() -> assertThat(Subscriber.envelopes(preferred)).containsExactly(old));
        eventually(() -> assertThat(Subscriber.envelopes(deprecated)).containsExactly(old));
    }

    @Test
    void streamsOfAShardWithTheSameSelectorsShareOneCopy() {
        Download<EnvelopeBatch> one = subscriber.v2("shard", Subscriber.log(""), Subscriber.timer(""));
        Download<EnvelopeBatch> two = subscriber.v2("shard", Subscriber.timer(""), Subscriber.log(""));
        Download<EnvelopeBatch> otherSelectors = subscriber.v2("shard", Subscriber.log(""));
        Download<EnvelopeBatch> alone = subscriber.v2("", Subscriber.log(""), Subscriber.timer(""));

        for (int i = 0; i < 50; i++) {
            emitter.emit(Envelopes.logs("app", 20 * i, 20 + 20 * i));
        }

        eventually(() -> {
            List<Envelope> both = new ArrayList<>(Subscriber.envelopes(one));
            both.addAll(Subscriber.envelopes(two));
            assertThat(Envelopes.numbers(both)).containsExactlyInAnyOrderElementsOf(Envelopes.numbers(0, 1_000));
        });
        assertThat(one.messages()).isNotEmpty();
        assertThat(two.messages()).isNotEmpty();
        eventually(() -> assertThat(Envelopes.numbers(Subscriber.envelopes(otherSelectors)))
                .isEqualTo(Envelopes.numbers(0, 1_000)));
        eventually(() ->
                assertThat(Envelopes.numbers(Subscriber.envelopes(alone))).isEqualTo(Envelopes.numbers(0, 1_000)));
        doppler.balances();
    }

    @Test
    void withADeterministicNameMetricsOfOneNameAlwaysGoToTheSameOfTheShard() {
        EgressBatchRequest.Builder request =
                EgressBatchRequest.newBuilder().setShardId("shard").addSelectors(Subscriber.counter("", ""));
        List<Download<EnvelopeBatch>> members = List.of(
                subscriber.v2(request.setDeterministicName("a").build()),
                subscriber.v2(request.setDeterministicName("b").build()),
                subscriber.v2(request.setDeterministicName("c").build()));
        int names = 20;
        List<Envelope> counters = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            counters.add(counter("app", "counter-" + i % names, i));
        }

        emitter.emit(counters);

        eventually(() -> assertThat(members.stream()
                        .flatMap(member -> Subscriber.envelopes(member).stream())
                        .map(Envelopes::number))
                .containsExactlyInAnyOrderElementsOf(Envelopes.numbers(0, 1_000)));
        assertThat(members)
                .flatExtracting(member -> Subscriber.envelopes(member).stream()
                        .map(envelope -> envelope.getCounter().getName())
                        .distinct()
                        .toList())
                .doesNotHaveDuplicates();
        assertThat(members).allSatisfy(member -> assertThat(member.messages()).isNotEmpty());
        doppler.balances();
    }

    @Test
    void aShardIsSharedWithReadersBehindTrafficControllers() {
        try (LinkClient link = LinkClient.connect(
                doppler, platform.of("traffic-controller").applyTo(new WebSocketClientOptions(), "doppler"))) {
            link.hello(Hello.newBuilder());
            Download<EnvelopeBatch> here = subscriber.v2("shard", Subscriber.log(""));
            link.join(
                    Join.newBuilder()
                            .setMember(1)
                            .setProtocol("v2")
                            .setSubscription("shard")
                            .addSelectors(Subscriber.log(""))
                            .setWindowBytes(1 << 20),
                    true);

            for (int i = 0; i < 50; i++) {
                emitter.emit(Envelopes.logs("app", 20 * i, 20 + 20 * i));
            }

            eventually(() -> {
                List<Envelope> both = new ArrayList<>(Subscriber.envelopes(here));
                both.addAll(link.delivered(1));
                assertThat(Envelopes.numbers(both)).containsExactlyInAnyOrderElementsOf(Envelopes.numbers(0, 1_000));
            });
            assertThat(here.messages()).isNotEmpty();
            assertThat(link.delivered(1)).isNotEmpty();
        }
    }

    @Test
    void theRequestInTheDocumentSelectsAllLogs() throws Exception {
        Matcher example = Pattern.compile("echo (\\p{XDigit}+) \\| xxd -r -p \\|\\n +curl [^\\n]*--http2 ")
                .matcher(Files.readString(Path.of("..", "docs", "protocols.md")));
        assertThat(example.find()).isTrue();
        byte[] message = HexFormat.of().parseHex(example.group(1));

        EgressBatchRequest request = EgressBatchRequest.parseFrom(Arrays.copyOfRange(message, 5, message.length));

        assertThat(message).startsWith(0, 0, 0, 0, message.length - 5);
        assertThat(request.getSelectorsList()).containsExactly(Subscriber.log(""));
    }

    @Test
    void receiverIsNotImplementedAsInTheGoRelease() {
        Status end = Download.of(
                        subscriber.channel(), EgressGrpc.getReceiverMethod(), EgressRequest.getDefaultInstance())
                .end();

        assertThat(end.getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
        assertThat(end.getDescription()).isEqualTo("use BatchedReceiver instead");
    }

    @Test
    void everyLaneIsRead() throws Exception {
        Download<EnvelopeBatch> all = subscriber.v2("", Subscriber.log(""));
        int agents = 8;

        for (int i = 0; i < agents; i++) {
            try (Emitter agent = Emitter.tls(
                    doppler,
                    platform.of("metron").clientContext("doppler", "h2").build())) {
                agent.emit(Envelopes.logs("app-" + i, 100 * i, 100 + 100 * i));
            }
        }

        eventually(() -> assertThat(Envelopes.numbers(Subscriber.envelopes(all)))
                .containsExactlyInAnyOrderElementsOf(Envelopes.numbers(0, 100 * agents)));
    }

    private static void gets(Download<EnvelopeBatch> stream, Integer... numbers) {
        eventually(() ->
                assertThat(Envelopes.numbers(Subscriber.envelopes(stream))).containsExactly(numbers));
    }
}
