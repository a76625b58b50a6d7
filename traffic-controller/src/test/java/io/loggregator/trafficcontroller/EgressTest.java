package io.loggregator.trafficcontroller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.loggregator.link.v1.Batch;
import io.loggregator.link.v1.Delivery;
import io.loggregator.link.v1.Gap;
import io.loggregator.link.v1.Join;
import io.loggregator.rpc.RawMethods;
import io.loggregator.trafficcontroller.link.FakeDoppler;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.CounterSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EgressBatchRequest;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EgressRequest;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EventSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.GaugeSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.Selector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.TimerSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Counter;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Value;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Calls on the RLP port, and what Dopplers hear of them. */
class EgressTest extends EgressFixture {
    // ---- what is asked -------------------------------------------------------------------------------------------

    static Stream<Arguments> refused() {
        Selector nothing = Selector.newBuilder().setSourceId("app").build();
        EgressBatchRequest.Builder bomb = EgressBatchRequest.newBuilder();
        EgressBatchRequest.Builder gauges = EgressBatchRequest.newBuilder();
        for (int i = 0; i < 1_001; i++) {
            bomb.addSelectors(LOGS);
        }
        for (int i = 0; i < 501; i++) {
            gauges.addSelectors(gauge("n" + i));
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
                        EgressBatchRequest.newBuilder().addSelectors(LOGS).setShardId("ü".repeat(513)),
                        "shard_id of 1026 bytes, at most 1024 are served"),
                Arguments.of(gauges, "1002 selectors and gauge names, at most 1000 are served"),
                Arguments.of(
                        EgressBatchRequest.newBuilder()
                                .addSelectors(LOGS)
                                .addSelectors(LOGS.toBuilder().setSourceId("a".repeat(1025))),
                        "source_id of 1025 bytes, at most 1024 are served"),
                Arguments.of(
                        EgressBatchRequest.newBuilder()
                                .addSelectors(COUNTERS.toBuilder()
                                        .setCounter(CounterSelector.newBuilder().setName("ü".repeat(513)))),
                        "name of 1026 bytes, at most 1024 are served"),
                Arguments.of(
                        EgressBatchRequest.newBuilder().addSelectors(gauge("cpu", "a".repeat(1025))),
                        "name of 1025 bytes, at most 1024 are served"),
                Arguments.of(
                        EgressBatchRequest.newBuilder().addSelectors(LOGS).setDeterministicName("a".repeat(1025)),
                        "deterministic_name of 1025 bytes, at most 1024 are served"));
    }

    private static Selector gauge(String... names) {
        return Selector.newBuilder()
                .setGauge(GaugeSelector.newBuilder().addAllNames(List.of(names)))
                .build();
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
    void aRequestThatIsNoneOrHasTextThatIsNotUtf8IsAnInvalidArgument() throws Exception {
        byte[] cutOff = {0x0A, 0x7F, 0x01};
        byte[] badShard = {0x0A, 0x01, (byte) 0xFF};
        byte[] badSource = {0x22, 0x03, 0x0A, 0x01, (byte) 0xFF};
        for (byte[] request : List.of(cutOff, badShard, badSource)) {
            for (var method : List.of(RawMethods.batchedReceiver(), RawMethods.receiver())) {
                Iterator<byte[]> answers =
                        ClientCalls.blockingServerStreamingCall(channel, method, CallOptions.DEFAULT, request);
                assertThatExceptionOfType(StatusRuntimeException.class)
                        .isThrownBy(answers::hasNext)
                        .extracting(refused -> refused.getStatus().getCode())
                        .isEqualTo(Status.Code.INVALID_ARGUMENT);
            }
        }
        // Counted when the stream has ended here, which its client may know before.
        await().untilAsserted(
                        () -> assertThat(controller.metric("rlp_streams_refused_total{code=\"INVALID_ARGUMENT\"}"))
                                .isEqualTo(6));
        await().untilAsserted(
                        () -> assertThat(controller.metric("subscriptions")).isZero());
    }

    @Test
    void aRequestThatIsTooLargeIsRefused() {
        Status end = EgressClient.batched(channel, logs("a".repeat(4 * MIB))).status();
        assertThat(end.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        await().until(() -> controller.metric("rlp_streams_refused_total{code=\"RESOURCE_EXHAUSTED\"}") == 1);
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
                gauge("cpu", "memory"),
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
                .setFirstMillis(Instant.parse("2026-01-02T03:04:05.006Z").toEpochMilli())
                .setLastMillis(Instant.parse("2026-01-02T03:04:07Z").toEpochMilli())
                .setReason("lapped")
                .build());
        doppler.deliver(member, 3, Envelopes.logs("app", "line", 1, 2));
        List<Envelope> got = reader.received(4);
        assertThat(got.get(1).getTagsMap()).containsEntry("source_type", "LGR");
        assertThat(got.subList(1, 3))
                .allSatisfy(notice -> assertThat(notice.getTagsMap())
                        .containsEntry("loss_count", "17")
                        .containsEntry("loss_reason", "lapped")
                        .containsEntry("loss_first", "2026-01-02T03:04:05.006Z")
                        .containsEntry("loss_last", "2026-01-02T03:04:07Z"));
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
                .setFirstMillis(1_000)
                .setLastMillis(2_500)
                .setReason("lapped")
                .build());
        Envelope notice = reader.received(1).get(0);
        assertThat(notice.getTagsMap()).isEmpty();
        assertThat(notice.getDeprecatedTagsMap())
                .containsEntry("loss_count", text("3"))
                .containsEntry("loss_reason", text("lapped"))
                .containsEntry("loss_first", text("1970-01-01T00:00:01Z"))
                .containsEntry("loss_last", text("1970-01-01T00:00:02.500Z"));
    }

    private static Value text(String value) {
        return Value.newBuilder().setText(value).build();
    }
}
