package io.loggregator.trafficcontroller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.loggregator.link.v1.Batch;
import io.loggregator.link.v1.Delivery;
import io.loggregator.link.v1.Gap;
import io.loggregator.link.v1.Join;
import io.loggregator.trafficcontroller.link.FakeDoppler;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.CounterSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EgressBatchRequest;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EgressRequest;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EventSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.GaugeSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.LogSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.Selector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.TimerSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Counter;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Value;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Calls on the RLP port, and what Dopplers hear of them. */
@ExtendWith(BufferLeaks.class)
class EgressTest {
    private static final Vertx VERTX = Vertx.vertx();
    private static final int MIB = 1 << 20;
    private static final Selector LOGS =
            Selector.newBuilder().setLog(LogSelector.getDefaultInstance()).build();
    private static final Selector COUNTERS = Selector.newBuilder()
            .setCounter(CounterSelector.getDefaultInstance())
            .build();

    private FakeDoppler doppler;
    private Controller controller;
    private ManagedChannel channel;

    @BeforeEach
    void start() throws Exception {
        doppler = FakeDoppler.start(VERTX, "first run");
        start(Map.of());
    }

    private void start(Map<String, String> settings) throws Exception {
        stopController();
        controller = Controller.start(VERTX, Controller.TIMING, settings, doppler);
        channel = NettyChannelBuilder.forAddress("127.0.0.1", controller.rlpPort())
                .usePlaintext()
                .flowControlWindow(64 * 1024)
                .build();
    }

    private void stopController() {
        if (controller != null) {
            channel.shutdownNow();
            controller.close();
        }
    }

    @AfterEach
    void stop() {
        stopController();
        doppler.close();
    }

    @AfterAll
    static void close() {
        VERTX.close().await();
    }

    // ---- what is asked -------------------------------------------------------------------------------------------

    static Stream<Arguments> refused() {
        Selector nothing = Selector.newBuilder().setSourceId("app").build();
        EgressBatchRequest.Builder bomb = EgressBatchRequest.newBuilder();
        for (int i = 0; i < 1_001; i++) {
            bomb.addSelectors(LOGS);
        }
        return Stream.of(
                Arguments.of(EgressBatchRequest.newBuilder(), "Selectors cannot be empty"),
                Arguments.of(EgressBatchRequest.newBuilder().setShardId("a"), "Selectors cannot be empty"),
                Arguments.of(
                        EgressBatchRequest.newBuilder().addSelectors(LOGS).addSelectors(nothing),
                        "Selectors must have a Message"),
                Arguments.of(
                        EgressBatchRequest.newBuilder().setLegacySelector(nothing), "Selectors must have a Message"),
                Arguments.of(
                        EgressBatchRequest.newBuilder()
                                .setLegacySelector(LOGS)
                                .addSelectors(Selector.getDefaultInstance()),
                        "Selectors must have a Message"),
                Arguments.of(bomb, "1001 selectors, at most 1000 are served"),
                Arguments.of(
                        EgressBatchRequest.newBuilder()
                                .addSelectors(LOGS.toBuilder().setSourceId("a".repeat(100_000))),
                        "selectors of 100006 bytes, at most 65536 are served"),
                Arguments.of(
                        EgressBatchRequest.newBuilder().addSelectors(LOGS).setShardId("a".repeat(1025)),
                        "shard_id of 1025 characters, at most 1024 are served"),
                Arguments.of(
                        EgressBatchRequest.newBuilder().addSelectors(LOGS).setDeterministicName("a".repeat(1025)),
                        "deterministic_name of 1025 characters, at most 1024 are served"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void whatCannotBeServedIsAnInvalidArgument(EgressBatchRequest.Builder request, String why) throws Exception {
        EgressRequest same = EgressRequest.parseFrom(request.build().toByteArray());
        for (Status status : List.of(
                EgressClient.batched(channel, request.build()).status(),
                EgressClient.single(channel, same).status())) {
            assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            assertThat(status.getDescription()).isEqualTo(why);
        }
        await().until(() -> controller.metric("subscriptions") == 0);
        assertThat(controller.metric("rlp_streams_refused_total{code=\"INVALID_ARGUMENT\"}"))
                .isEqualTo(2);
    }

    @Test
    void oneStreamTooManyIsRefusedBeforeItIsLookedAtAndAnEndedOneMakesRoom() throws Exception {
        start(Map.of("MAX_EGRESS_STREAMS", "2"));
        EgressClient first = EgressClient.batched(channel, logs("a")).served();
        EgressClient second = EgressClient.batched(channel, logs("b")).served();
        Status third = EgressClient.batched(channel, EgressBatchRequest.getDefaultInstance())
                .status();
        assertThat(third.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(third.getDescription()).isEqualTo("unable to create stream, max egress streams reached: 2");
        assertThat(controller.metric("rejected_streams_total")).isEqualTo(1);
        first.cancel();
        await().until(() -> controller.metric("subscriptions") == 1);
        EgressClient.batched(channel, logs("c")).served();
        assertThat(second.isOpen()).isTrue();
    }

    @Test
    void aCallThatHalfClosesWithoutARequestIsRefused() {
        EgressClient silent = EgressClient.silent(channel);
        silent.halfClose();
        assertThat(silent.status().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    @Test
    void whatAReaderAsksForIsWhatTheDopplerHears() {
        List<Selector> selectors = List.of(
                LOGS.toBuilder().setSourceId("app").build(),
                COUNTERS.toBuilder()
                        .setCounter(CounterSelector.newBuilder().setName("requests"))
                        .build(),
                Selector.newBuilder()
                        .setGauge(GaugeSelector.newBuilder().addNames("cpu").addNames("memory"))
                        .build(),
                Selector.newBuilder()
                        .setTimer(TimerSelector.getDefaultInstance())
                        .build(),
                Selector.newBuilder()
                        .setEvent(EventSelector.getDefaultInstance())
                        .build());
        EgressClient.batched(
                        channel,
                        EgressBatchRequest.newBuilder()
                                .setShardId("shard")
                                .setDeterministicName("me")
                                .addAllSelectors(selectors)
                                .build())
                .served();
        Join join = joined("shard");
        assertThat(join.getProtocol()).isEqualTo("v2");
        assertThat(join.getSelectorsList()).containsExactlyInAnyOrderElementsOf(selectors);
        assertThat(join.getDeterministicName()).isEqualTo("me");
        assertThat(join.getAlone()).isFalse();
        assertThat(join.getResumeList()).isEmpty();
    }

    @Test
    void aReceiverKeepsItsDeterministicNameAndALegacySelectorCounts() {
        EgressClient.single(
                        channel,
                        EgressRequest.newBuilder()
                                .setShardId("shard")
                                .setDeterministicName("me")
                                .setLegacySelector(LOGS)
                                .build())
                .served();
        Join join = joined("shard");
        assertThat(join.getDeterministicName()).isEqualTo("me");
        assertThat(join.getSelectorsList()).containsExactly(LOGS);
    }

    @Test
    void whoHasNoShardIsAlone() {
        EgressClient.batched(channel, logs("")).served();
        EgressClient.batched(channel, logs("")).served();
        await().until(() -> FakeDoppler.joins(doppler.linked()).size() == 2);
        Set<String> groups = new HashSet<>();
        for (Join join : FakeDoppler.joins(doppler.linked())) {
            assertThat(join.getAlone()).isTrue();
            assertThat(join.getSubscription()).isNotEmpty();
            groups.add(join.getSubscription());
        }
        assertThat(groups).hasSize(2);
    }

    // ---- what is sent --------------------------------------------------------------------------------------------

    @Test
    @DisplayName("firehose_exporter: BatchedReceiver with a shard id, preferred tags and selectors by kind")
    void aReaderGetsWhatItSelectsOnceAndInOrder() {
        EgressClient reader = EgressClient.batched(
                        channel,
                        EgressBatchRequest.newBuilder()
                                .setShardId("firehose_exporter")
                                .setUsePreferredTags(true)
                                .addSelectors(COUNTERS)
                                .build())
                .served();
        long member = joined("firehose_exporter").getMember();
        List<Envelope> wanted = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            // The Doppler sends all who are on the link what any of them wants.
            List<Envelope> batch = new ArrayList<>(Envelopes.logs("app", "line", i, i + 2));
            Envelope counter = counter("n" + i);
            batch.add(1, counter);
            wanted.add(counter);
            doppler.deliver(member, i + 1, batch);
        }
        assertThat(reader.received(100)).isEqualTo(wanted);
        await().until(() -> doppler.confirmed(member, 0) == 100);
        assertThat(controller.metric("egress_total{endpoint=\"rlp\"}")).isEqualTo(100);
    }

    @Test
    void tagsComeInTheFormThatIsAskedFor() {
        Envelope mixed = counter("c").toBuilder()
                .putTags("both", "preferred")
                .putDeprecatedTags("both", Value.newBuilder().setText("old").build())
                .putDeprecatedTags("number", Value.newBuilder().setInteger(-7).build())
                .putDeprecatedTags("part", Value.newBuilder().setDecimal(1.5).build())
                .build();
        EgressBatchRequest old = EgressBatchRequest.newBuilder()
                .setShardId("old")
                .addSelectors(COUNTERS)
                .build();
        EgressClient preferred = EgressClient.batched(
                        channel,
                        old.toBuilder()
                                .setShardId("new")
                                .setUsePreferredTags(true)
                                .build())
                .served();
        EgressClient deprecated = EgressClient.batched(channel, old).served();
        doppler.batch(
                Batch.newBuilder()
                        .addDeliveries(Delivery.newBuilder()
                                .setMember(joined("new").getMember())
                                .setSequence(1))
                        .addDeliveries(Delivery.newBuilder()
                                .setMember(joined("old").getMember())
                                .setSequence(1))
                        .build(),
                List.of(mixed));
        Envelope inTags = preferred.received(1).get(0);
        assertThat(inTags.getDeprecatedTagsMap()).isEmpty();
        assertThat(inTags.getTagsMap())
                .containsAllEntriesOf(mixed.getTagsMap().entrySet().stream()
                        .filter(tag -> !tag.getKey().equals("both"))
                        .collect(java.util.stream.Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)))
                .containsEntry("both", "old")
                .containsEntry("number", "-7")
                .containsEntry("part", "1.5");
        Envelope inDeprecated = deprecated.received(1).get(0);
        assertThat(inDeprecated.getTagsMap()).isEmpty();
        assertThat(inDeprecated.getDeprecatedTagsMap())
                .containsEntry("both", Value.newBuilder().setText("preferred").build())
                .containsEntry("number", Value.newBuilder().setInteger(-7).build());
    }

    @Test
    void anEnvelopeThatTwoSelectorsTakeComesTwice() {
        EgressClient reader = EgressClient.batched(
                        channel,
                        EgressBatchRequest.newBuilder()
                                .setUsePreferredTags(true)
                                .addSelectors(LOGS)
                                .addSelectors(LOGS.toBuilder().setSourceId("a"))
                                .build())
                .served();
        await().until(() -> !FakeDoppler.joins(doppler.linked()).isEmpty());
        long member = FakeDoppler.joins(doppler.linked()).get(0).getMember();
        Envelope a = Envelopes.log("a", "a");
        Envelope b = Envelopes.log("b", "b");
        doppler.deliver(member, 1, List.of(a, counter("no"), b, a));
        assertThat(reader.received(5)).containsExactly(a, a, b, a, a);
    }

    @Test
    void aShareIsAllThatOneOfSeveralGets() {
        EgressClient reader = EgressClient.batched(
                        channel,
                        EgressBatchRequest.newBuilder()
                                .setShardId("s")
                                .setUsePreferredTags(true)
                                .addSelectors(COUNTERS)
                                .build())
                .served();
        long member = joined("s").getMember();
        List<Envelope> batch = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            batch.add(counter("n" + i));
        }
        for (int share = 0; share < 3; share++) {
            doppler.batch(
                    Batch.newBuilder()
                            .addDeliveries(Delivery.newBuilder()
                                    .setMember(member)
                                    .setSequence(share + 1)
                                    .setShareIndex(share)
                                    .setShareCount(3))
                            .build(),
                    batch);
        }
        assertThat(reader.received(50)).containsExactlyInAnyOrderElementsOf(batch);
    }

    @Test
    void aReceiverGetsEnvelopesOneByOne() {
        EgressClient reader = EgressClient.single(
                        channel,
                        EgressRequest.newBuilder()
                                .setShardId("single")
                                .setUsePreferredTags(true)
                                .addSelectors(LOGS)
                                .build())
                .served();
        long member = joined("single").getMember();
        List<Envelope> lines = Envelopes.logs("app", "line", 0, 500);
        doppler.deliver(member, 1, lines);
        assertThat(reader.received(500)).isEqualTo(lines);
        assertThat(reader.sizes()).hasSize(500);
        await().until(() -> doppler.confirmed(member, 0) == 1);
    }

    @Test
    void noMessageIsMoreThanADefaultClientTakes() {
        EgressClient reader = EgressClient.batched(channel, logs("big")).served();
        long member = joined("big").getMember();
        List<Envelope> batch = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            batch.add(Envelopes.log("app", "x".repeat(MIB)));
            batch.addAll(Envelopes.logs("app", "between", i, i + 1));
        }
        batch.add(Envelopes.log("app", "y".repeat(4 * MIB)));
        batch.add(Envelopes.log("app", "last"));
        doppler.deliver(member, 1, batch);
        // Logs are selected, so the loss is told by a line.
        List<Envelope> got = reader.received(12);
        assertThat(got.subList(0, 10)).isEqualTo(batch.subList(0, 10));
        assertThat(got.get(10).getTagsMap())
                .containsEntry("loss_reason", "too_large")
                .containsEntry("loss_count", "1");
        assertThat(got.get(11)).isEqualTo(batch.get(11));
        assertThat(reader.sizes()).allMatch(size -> size <= 4 * MIB);
        assertThat(controller.metric("too_large_total")).isEqualTo(1);
        await().until(() -> doppler.confirmed(member, 0) == 1);
    }

    @Test
    void aLossIsToldInItsPlace() {
        EgressClient reader = EgressClient.batched(
                        channel,
                        EgressBatchRequest.newBuilder()
                                .setShardId("gaps")
                                .setUsePreferredTags(true)
                                .addSelectors(LOGS)
                                .addSelectors(COUNTERS)
                                .build())
                .served();
        long member = joined("gaps").getMember();
        doppler.deliver(member, 1, Envelopes.logs("app", "line", 0, 1));
        doppler.gap(Gap.newBuilder()
                .setDelivery(Delivery.newBuilder().setMember(member).setSequence(2))
                .setCount(17)
                .setReason("lapped")
                .build());
        doppler.deliver(member, 3, Envelopes.logs("app", "line", 1, 2));
        List<Envelope> got = reader.received(4);
        assertThat(got.get(1).getTagsMap())
                .containsEntry("source_type", "LGR")
                .containsEntry("loss_count", "17")
                .containsEntry("loss_reason", "lapped");
        assertThat(got.get(2).getCounter())
                .isEqualTo(Counter.newBuilder()
                        .setName("TruncatingBuffer.DroppedMessages")
                        .setDelta(17)
                        .setTotal(17)
                        .build());
        assertThat(got.get(3).getLog().getPayload().toStringUtf8()).isEqualTo("line-1");
        await().until(() -> doppler.confirmed(member, 0) == 3);
        assertThat(controller.metric("loss_notices_total")).isEqualTo(1);
    }

    @Test
    void aLossIsToldInTheOldTagFormToo() {
        EgressClient reader = EgressClient.batched(
                        channel,
                        EgressBatchRequest.newBuilder()
                                .setShardId("old")
                                .addSelectors(LOGS)
                                .build())
                .served();
        doppler.gap(Gap.newBuilder()
                .setDelivery(Delivery.newBuilder()
                        .setMember(joined("old").getMember())
                        .setSequence(1))
                .setCount(3)
                .setReason("lapped")
                .build());
        Envelope notice = reader.received(1).get(0);
        assertThat(notice.getTagsMap()).isEmpty();
        assertThat(notice.getDeprecatedTagsMap())
                .containsEntry("loss_count", Value.newBuilder().setText("3").build());
    }

    // ---- who does not read ---------------------------------------------------------------------------------------

    @Test
    void aReaderThatNeverReadsIsEndedAndToldWhyWhileOthersGoOn() throws Exception {
        start(Map.of("SLOW_CONSUMER_TIMEOUT", "1s"));
        EgressClient stalled = EgressClient.batched(channel, logs("stalled"), 0);
        EgressClient healthy = EgressClient.batched(channel, logs("healthy")).served();
        long stalledMember = joined("stalled").getMember();
        long healthyMember = joined("healthy").getMember();
        int batches = 40;
        int lines = 10;
        for (int i = 0; i < batches; i++) {
            doppler.batch(
                    Batch.newBuilder()
                            .addDeliveries(Delivery.newBuilder()
                                    .setMember(stalledMember)
                                    .setSequence(i + 1))
                            .addDeliveries(Delivery.newBuilder()
                                    .setMember(healthyMember)
                                    .setSequence(i + 1))
                            .build(),
                    Envelopes.largeLogs("app", i * lines, (i + 1) * lines));
        }
        healthy.received(batches * lines);
        await().untilAsserted(
                        () -> assertThat(FakeDoppler.leaves(doppler.linked())).containsExactly(stalledMember));
        assertThat(controller.metric("doppler_proxy_slow_consumer_total")).isEqualTo(1);
        long confirmed = doppler.confirmed(stalledMember, 0);
        assertThat(confirmed).isLessThan(batches);
        assertThat(doppler.confirmed(healthyMember, 0)).isEqualTo(batches);
        stalled.request(Integer.MAX_VALUE);
        Status status = stalled.status();
        assertThat(status.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(status.getDescription()).contains("slow consumer").contains("SLOW_CONSUMER_TIMEOUT");
        assertThat(stalled.received())
                .as("what was confirmed, and nothing else")
                .hasSize((int) confirmed * lines);
        assertThat(healthy.isOpen()).isTrue();
    }

    @Test
    void oneThatDoesNotEvenReadTheEndIsCutOff() throws Exception {
        start(Map.of("SLOW_CONSUMER_TIMEOUT", "1s", "MAX_EGRESS_STREAMS", "1"));
        EgressClient stalled = EgressClient.batched(channel, logs("stalled"), 0);
        long member = joined("stalled").getMember();
        for (int i = 0; i < 40; i++) {
            doppler.deliver(member, i + 1, Envelopes.largeLogs("app", i * 10, (i + 1) * 10));
        }
        await().atMost(Duration.ofSeconds(60)).until(() -> controller.metric("subscriptions") == 0);
        stalled.request(Integer.MAX_VALUE);
        assertThat(stalled.status().getCode()).isEqualTo(Status.Code.CANCELLED);
        EgressClient.batched(channel, logs("next")).served();
    }

    @Test
    void aReaderThatReadsLittleByLittleIsNotSlow() throws Exception {
        start(Map.of("SLOW_CONSUMER_TIMEOUT", "2s"));
        EgressClient reader = EgressClient.batched(channel, logs("trickle"), 0);
        long member = joined("trickle").getMember();
        int batches = 20;
        int lines = 10;
        for (int i = 0; i < batches; i++) {
            doppler.deliver(member, i + 1, Envelopes.largeLogs("app", i * lines, (i + 1) * lines));
        }
        while (reader.received().size() < batches * lines) {
            int before = reader.sizes().size();
            reader.request(1);
            await().until(() -> reader.sizes().size() > before);
        }
        assertThat(reader.isOpen()).isTrue();
        assertThat(controller.metric("doppler_proxy_slow_consumer_total")).isZero();
    }

    @Test
    void callsThatComeAndGoLeaveNothingBehind() {
        for (int i = 0; i < 200; i++) {
            EgressClient reader = EgressClient.batched(channel, logs("flood"));
            if (i % 3 == 0) {
                reader.served();
            }
            reader.cancel();
        }
        await().until(() -> controller.metric("subscriptions") == 0);
        await().untilAsserted(() ->
                assertThat(FakeDoppler.leaves(doppler.linked())).hasSameSizeAs(FakeDoppler.joins(doppler.linked())));
    }

    // ---- the end -------------------------------------------------------------------------------------------------

    @Test
    void aStopEndsWithOkAfterAllThatCame() {
        EgressClient reader = EgressClient.batched(channel, logs("stopping")).served();
        long member = joined("stopping").getMember();
        doppler.deliver(member, 1, Envelopes.logs("app", "line", 0, 100));
        controller.stop();
        assertThat(reader.status().getCode()).isEqualTo(Status.Code.OK);
        assertThat(reader.received()).hasSize(100);
        assertThat(doppler.confirmed(member, 0)).isEqualTo(1);
    }

    private Join joined(String group) {
        doppler.member(group);
        return FakeDoppler.joins(doppler.linked()).stream()
                .filter(join -> join.getSubscription().equals(group))
                .reduce((first, second) -> second)
                .orElseThrow();
    }

    private static EgressBatchRequest logs(String shard) {
        return EgressBatchRequest.newBuilder()
                .setShardId(shard)
                .setUsePreferredTags(true)
                .addSelectors(LOGS)
                .build();
    }

    private static Envelope counter(String name) {
        return Envelope.newBuilder()
                .setTimestamp(1)
                .setSourceId("component")
                .setInstanceId("0")
                .putTags("origin", "test")
                .setCounter(Counter.newBuilder().setName(name).setDelta(1).setTotal(2))
                .build();
    }
}
