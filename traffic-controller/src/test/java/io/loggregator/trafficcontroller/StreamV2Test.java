package io.loggregator.trafficcontroller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.loggregator.link.v1.Batch;
import io.loggregator.link.v1.Delivery;
import io.loggregator.link.v1.Gap;
import io.loggregator.link.v1.Join;
import io.loggregator.link.v1.ReadUpTo;
import io.loggregator.streaming.v2.Positions;
import io.loggregator.streaming.v2.Start;
import io.loggregator.streaming.v2.Tags;
import io.loggregator.streaming.v2.ToClient;
import io.loggregator.trafficcontroller.AcknowledgingClient.Message;
import io.loggregator.trafficcontroller.StreamClient.Close;
import io.loggregator.trafficcontroller.link.FakeDoppler;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.CounterSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.LogSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.Selector;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients of {@code loggregator.stream.v2}, and what Dopplers hear of them. Time is the test's. */
class StreamV2Test extends ControllerFixture {
    private static final long PLENTY = 1 << 30;

    private final TestClock clock = new TestClock();

    @BeforeEach
    void start() throws Exception {
        doppler = FakeDoppler.start(vertx, "first run");
        controller = Controller.start(vertx, clock, Map.of(), doppler);
    }

    private AcknowledgingClient connect(String path) {
        return new AcknowledgingClient(vertx, controller.port(), path);
    }

    private static Start.Builder plenty() {
        return Start.newBuilder().setCredit(PLENTY);
    }

    private Join joined() {
        await().until(() -> !FakeDoppler.joins(doppler.linked()).isEmpty());
        List<Join> joins = FakeDoppler.joins(doppler.linked());
        return joins.get(joins.size() - 1);
    }

    private static int bytes(List<Envelope> envelopes) {
        return EnvelopeBatch.newBuilder().addAllBatch(envelopes).build().getSerializedSize();
    }

    // ---- what is asked for -------------------------------------------------------------------------------------

    @ParameterizedTest
    @CsvSource({
        "/firehose/a, LOG COUNTER GAUGE TIMER EVENT",
        "/firehose/a?filter-type=logs, LOG",
        "/firehose/a?filter-type=metrics, COUNTER GAUGE TIMER EVENT"
    })
    void aFirehoseIsOfAllKindsThatItsFilterLeaves(String path, String kinds) throws Exception {
        AcknowledgingClient client = connect(path).start(plenty());
        assertThat(client.subProtocol()).isEqualTo("loggregator.stream.v2");
        Join join = joined();
        assertThat(join.getProtocol()).isEqualTo("v2");
        assertThat(join.getSubscription()).isEqualTo("a");
        assertThat(join.getAlone()).isFalse();
        assertThat(join.getSelectorsList())
                .allSatisfy(selector -> assertThat(selector.getSourceId()).isEmpty());
        assertThat(join.getSelectorsList())
                .extracting(selector -> selector.getMessageCase().name())
                .containsExactlyInAnyOrder(kinds.split(" "));
    }

    @Test
    void anAppStreamIsOfAllKindsOfThatSourceAndSharedWithNobody() throws Exception {
        connect("/apps/app-1/stream").start(plenty());
        Join join = joined();
        assertThat(join.getAlone()).isTrue();
        assertThat(join.getSelectorsList())
                .hasSize(5)
                .allSatisfy(selector -> assertThat(selector.getSourceId()).isEqualTo("app-1"));
    }

    @Test
    void selectorsNarrowAnAppStreamAndNeverWidenIt() throws Exception {
        Selector anyLog =
                Selector.newBuilder().setLog(LogSelector.getDefaultInstance()).build();
        connect("/apps/app-1/stream").start(plenty().addSelectors(anyLog));
        assertThat(joined().getSelectorsList())
                .containsExactly(anyLog.toBuilder().setSourceId("app-1").build());

        AcknowledgingClient other = connect("/apps/app-1/stream");
        other.send(started(plenty().addSelectors(anyLog.toBuilder().setSourceId("app-2"))));
        assertThat(other.awaitClose()).isEqualTo(new Close(1008, "a selector of another source than the path's"));
    }

    @Test
    void aFirehoseTakesSelectorsAndAName() throws Exception {
        Selector requests = Selector.newBuilder()
                .setSourceId("gorouter")
                .setCounter(CounterSelector.newBuilder().setName("requests"))
                .build();
        connect("/firehose/a").start(plenty().addSelectors(requests).setDeterministicName("node-1"));
        Join join = joined();
        assertThat(join.getSelectorsList()).containsExactly(requests);
        assertThat(join.getDeterministicName()).isEqualTo("node-1");
    }

    // ---- what comes --------------------------------------------------------------------------------------------

    @Test
    void batchesComeAsTheyAreAndCountOnlyWhenAcknowledged() throws Exception {
        AcknowledgingClient client = connect("/firehose/a").start(plenty());
        long member = doppler.member("a");
        doppler.deliver(member, 1, Envelopes.logs("app", "one", 0, 2));
        Message first = client.next();
        assertThat(first.texts()).containsExactly("one-0", "one-1");
        assertThat(first.header().getBatch().getEnvelopes()).isEqualTo(2);
        assertThat(first.envelopes()).isEqualTo(Envelopes.logs("app", "one", 0, 2));
        doppler.deliver(member, 2, Envelopes.logs("app", "two", 0, 1));
        Message second = client.next();
        assertThat(second.header().getBatch().getMark())
                .isGreaterThan(first.header().getBatch().getMark());
        assertThat(doppler.confirmed(member, 0)).isZero();
        client.ack(first.header().getBatch().getMark());
        await().until(() -> doppler.confirmed(member, 0) == 1);
        client.ack(second.header().getBatch().getMark());
        await().until(() -> doppler.confirmed(member, 0) == 2);
        assertThat(controller.metric("stream_v2_egress_total")).isEqualTo(3);
    }

    @Test
    void aGapComesInItsPlaceAndIsAcknowledgedLikeABatch() throws Exception {
        AcknowledgingClient client = connect("/firehose/a").start(plenty());
        long member = doppler.member("a");
        doppler.deliver(member, 1, Envelopes.logs("app", "before", 0, 1));
        doppler.gap(Gap.newBuilder()
                .setDelivery(Delivery.newBuilder().setMember(member).setSequence(2))
                .setCount(7)
                .setFirstMillis(1_000)
                .setLastMillis(2_000)
                .setReason("lapped")
                .build());
        doppler.deliver(member, 3, Envelopes.logs("app", "after", 0, 1));
        assertThat(client.next().texts()).containsExactly("before-0");
        ToClient gap = client.next().header();
        assertThat(gap.getGap().toBuilder().clearMark().build())
                .isEqualTo(io.loggregator.streaming.v2.Gap.newBuilder()
                        .setCount(7)
                        .setTotal(7)
                        .setFirstMillis(1_000)
                        .setLastMillis(2_000)
                        .setReason("lapped")
                        .build());
        assertThat(client.next().texts()).containsExactly("after-0");
        client.ack(gap.getGap().getMark());
        await().until(() -> doppler.confirmed(member, 0) == 2);
    }

    @Test
    void whatAClientThatLeavesHasNotAcknowledgedIsNotConfirmed() throws Exception {
        AcknowledgingClient client = connect("/firehose/a").start(plenty());
        long member = doppler.member("a");
        doppler.deliver(member, 1, Envelopes.logs("app", "one", 0, 1));
        doppler.deliver(member, 2, Envelopes.logs("app", "two", 0, 1));
        long last = 0;
        for (int envelopes = 0; envelopes < 2; ) {
            Message message = client.next();
            if (envelopes == 0 && message.envelopes().size() == 1) {
                client.ack(message.header().getBatch().getMark());
                last = 1;
            }
            envelopes += message.envelopes().size();
        }
        long acknowledged = last;
        await().until(() -> doppler.confirmed(member, 0) == acknowledged);
        client.close();
        await().until(() -> FakeDoppler.leaves(doppler.linked()).contains(member));
        assertThat(doppler.confirmed(member, 0)).isEqualTo(acknowledged);
        await().until(() -> controller.metric("stream_v2_streams") == 0);
    }

    // ---- credit ------------------------------------------------------------------------------------------------

    @Test
    void nothingIsSentBeyondTheCredit() throws Exception {
        List<Envelope> batch = Envelopes.logs("app", "line", 0, 10);
        int size = bytes(batch);
        AcknowledgingClient client =
                connect("/firehose/a").start(Start.newBuilder().setCredit(2L * size));
        long member = doppler.member("a");
        int received = 0;
        for (int sequence = 1; sequence <= 5; sequence++) {
            doppler.deliver(member, sequence, batch);
        }
        while (received < 20) {
            received += client.next().envelopes().size();
        }
        // An answer shows that what was sent before has been dealt with.
        client.ack(0);
        AcknowledgingClient other = connect("/firehose/b").start(plenty());
        long otherMember = doppler.member("b");
        doppler.deliver(otherMember, 1, batch);
        assertThat(other.next().envelopes()).hasSize(10);
        assertThat(client.hasNext()).isFalse();
        client.credit(size);
        assertThat(client.next().envelopes()).hasSize(10);
        assertThat(client.hasNext()).isFalse();
        client.credit(2L * size);
        received = 0;
        while (received < 20) {
            received += client.next().envelopes().size();
        }
        client.credit(-1); // unsigned: more than anybody could use
        doppler.deliver(member, 6, batch);
        assertThat(client.next().envelopes()).hasSize(10);
    }

    @Test
    void aBatchThatIsLargerThanAllTheCreditGoesWhenThatIsAllBack() throws Exception {
        List<Envelope> small = Envelopes.logs("app", "small", 0, 1);
        List<Envelope> large = Envelopes.largeLogs("app", 0, 3);
        AcknowledgingClient client =
                connect("/firehose/a").start(Start.newBuilder().setCredit(1_000));
        long member = doppler.member("a");
        doppler.deliver(member, 1, small);
        client.next();
        doppler.deliver(member, 2, large);
        client.credit(bytes(small) - 1);
        AcknowledgingClient other = connect("/firehose/b").start(plenty());
        doppler.deliver(doppler.member("b"), 1, small);
        other.next();
        assertThat(client.hasNext()).isFalse();
        client.credit(1);
        assertThat(client.next().envelopes()).hasSize(3);
        doppler.deliver(member, 3, small);
        client.credit(bytes(large));
        assertThat(client.next().texts()).containsExactly("small-0");
    }

    @Test
    void aClientWithoutCreditIsWaitedForOnlyIfSomethingWaits() throws Exception {
        List<Envelope> batch = Envelopes.logs("app", "line", 0, 1);
        AcknowledgingClient client =
                connect("/firehose/a").start(Start.newBuilder().setCredit(bytes(batch)));
        long member = doppler.member("a");
        doppler.deliver(member, 1, batch);
        client.next();
        clock.advance(Duration.ofSeconds(10), 2);
        assertThat(controller.metric("stream_v2_streams")).isEqualTo(1);
        doppler.deliver(member, 2, batch);
        doppler.deliver(member, 3, batch);
        // Time passes for it from when something was seen to wait.
        await().pollInterval(Duration.ofMillis(50)).until(() -> {
            clock.advance(Duration.ofMillis(500));
            return client.hasNext();
        });
        String reason = client.next().header().getBye().getReason();
        assertThat(reason).matches("too slow: took 0 of \\d\\.\\d envelopes/s, nothing taken for 5000 ms");
        assertThat(client.awaitClose()).isEqualTo(new Close(1008, reason));
        assertThat(controller.metric("doppler_proxy_slow_consumer_total")).isEqualTo(1);
    }

    @Test
    void aClientThatAcknowledgesNothingIsClosedOnceItHasMuch() throws Exception {
        AcknowledgingClient client = connect("/firehose/a").start(plenty());
        long member = doppler.member("a");
        doppler.deliver(member, 1, Envelopes.largeLogs("app", 0, 10));
        client.next();
        clock.advance(Duration.ofSeconds(20), 2);
        doppler.deliver(member, 2, Envelopes.largeLogs("app", 10, 20));
        client.next();
        clock.advance(Duration.ofSeconds(6));
        String reason = client.next().header().getBye().getReason();
        assertThat(reason).matches("too slow: took 0 of \\d\\.\\d envelopes/s, nothing acknowledged for 5000 ms");
        assertThat(client.awaitClose()).isEqualTo(new Close(1008, reason));
        assertThat(controller.metric("stream_v2_unacknowledged_total")).isEqualTo(1);
        assertThat(doppler.confirmed(member, 0)).isZero();
    }

    // ---- positions ---------------------------------------------------------------------------------------------

    @Test
    void anAppStreamIsToldWhereItIsAndGoesOnThere() throws Exception {
        AcknowledgingClient client = connect("/apps/app/stream").start(plenty().setPositions(Positions.EVERY_BATCH));
        Join first = joined();
        deliverUpTo(first.getMember(), 1, 500);
        Message message = client.next();
        String position = message.header().getBatch().getPosition();
        assertThat(position).isNotEmpty().matches("[A-Za-z0-9_-]+");
        client.ack(message.header().getBatch().getMark());
        client.close();
        await().until(() -> FakeDoppler.leaves(doppler.linked()).contains(first.getMember()));

        connect("/apps/app/stream").start(plenty().setResume(position));
        await().until(() -> FakeDoppler.joins(doppler.linked()).size() == 2);
        Join second = joined();
        assertThat(second.getSubscription()).isEqualTo(first.getSubscription());
        assertThat(second.getAlone()).isTrue();
        assertThat(second.getResumeList())
                .containsExactly(
                        ReadUpTo.newBuilder().setPosition(500).setCount(1).build());
    }

    @Test
    void whoComesWithAPositionThatCannotBeUsedIsToldSoFirst() throws Exception {
        AcknowledgingClient client = connect("/apps/app/stream").start(plenty().setResume("AQ-x_9"));
        deliverUpTo(joined().getMember(), 1, 500);
        Message first = client.next();
        assertThat(first.header().getGap().getReason()).isEqualTo("link_down");
        assertThat(first.header().getGap().getCount()).isZero();
        assertThat(client.next().header().hasBatch()).isTrue();
    }

    private void deliverUpTo(long member, long sequence, long end) {
        doppler.batch(
                Batch.newBuilder()
                        .setEnd(end)
                        .addDeliveries(Delivery.newBuilder().setMember(member).setSequence(sequence))
                        .build(),
                Envelopes.logs("app", "line", 0, 1));
    }

    @Test
    void aPositionComesOnceASecondUnlessTheClientSaysOtherwise() throws Exception {
        AcknowledgingClient client = connect("/apps/app/stream").start(plenty());
        AcknowledgingClient never = connect("/apps/app/stream").start(plenty().setPositions(Positions.NEVER));
        await().until(() -> FakeDoppler.joins(doppler.linked()).size() == 2);
        for (Join join : FakeDoppler.joins(doppler.linked())) {
            deliverUpTo(join.getMember(), 1, 500);
        }
        Message batch = client.next();
        assertThat(batch.header().getBatch().getPosition()).isEmpty();
        assertThat(never.next().header().getBatch().getPosition()).isEmpty();
        clock.advance(Duration.ofSeconds(1));
        ToClient told = client.next().header();
        assertThat(told.getPosition().getMark())
                .isEqualTo(batch.header().getBatch().getMark());
        assertThat(told.getPosition().getPosition()).isNotEmpty();
        clock.advance(Duration.ofSeconds(1), 4);
        assertThat(client.hasNext()).as("nothing new").isFalse();
        assertThat(never.hasNext()).isFalse();
    }

    // ---- what must not be sent ---------------------------------------------------------------------------------

    private static io.loggregator.streaming.v2.ToServer started(Start.Builder start) {
        return io.loggregator.streaming.v2.ToServer.newBuilder().setStart(start).build();
    }

    @ParameterizedTest
    @ValueSource(strings = {"no header", "too long a header", "rubbish", "bytes after the header", "nothing"})
    void whatIsNoMessageEndsTheStream(String what) throws Exception {
        AcknowledgingClient client = connect("/firehose/a");
        client.sendRaw(
                switch (what) {
                    case "no header" -> new byte[] {(byte) 0x80};
                    case "too long a header" -> new byte[] {5, 1};
                    case "rubbish" -> new byte[] {2, 0x0F, 0x0F};
                    case "bytes after the header" -> new byte[] {2, 0x12, 0, 1};
                    default -> new byte[] {};
                });
        assertThat(client.awaitClose()).isEqualTo(new Close(1002, "not a message of loggregator.stream.v2"));
        assertThat(controller.metric("stream_v2_violations_total")).isEqualTo(1);
    }

    @Test
    void messagesOutOfPlaceEndTheStream() throws Exception {
        AcknowledgingClient text = connect("/firehose/a");
        text.sendText("I'm alive");
        assertThat(text.awaitClose()).isEqualTo(new Close(1002, "a text message"));
        AcknowledgingClient empty = connect("/firehose/a");
        empty.sendRaw(new byte[] {0});
        assertThat(empty.awaitClose()).isEqualTo(new Close(1002, "an unexpected message"));
        AcknowledgingClient early = connect("/firehose/a");
        early.ack(0);
        assertThat(early.awaitClose()).isEqualTo(new Close(1002, "the first message must be a start"));
        AcknowledgingClient twice = connect("/firehose/a").start(plenty());
        twice.send(started(plenty()));
        assertThat(twice.awaitClose()).isEqualTo(new Close(1002, "a second start"));
        AcknowledgingClient eager = connect("/firehose/a").start(plenty());
        eager.ack(1);
        assertThat(eager.awaitClose()).isEqualTo(new Close(1002, "an ack of mark 1 after mark 0"));
        AcknowledgingClient negative = connect("/firehose/a").start(plenty());
        negative.ack(-1);
        assertThat(negative.awaitClose())
                .isEqualTo(new Close(1002, "an ack of mark 18446744073709551615 after mark 0"));
    }

    @Test
    void aMessageThatIsTooLongEndsTheStream() throws Exception {
        AcknowledgingClient client = connect("/firehose/a");
        client.sendRaw(new byte[70_000]);
        // The rest of it is not read, so a reset may overtake the close.
        assertThat(client.awaitClose().code()).isIn(1002, 1006, 1009);
        await().until(() -> controller.metric("stream_v2_streams") == 0);
        assertThat(controller.metric("stream_v2_violations_total")).isEqualTo(1);
    }

    @Test
    void aStartThatAsksForWhatItCannotHaveEndsTheStream() throws Exception {
        Selector log =
                Selector.newBuilder().setLog(LogSelector.getDefaultInstance()).build();
        assertRefused("/firehose/a", Start.newBuilder(), "a start without credit");
        assertRefused("/firehose/a", plenty().setTagsValue(9), "tags: no such value: 9");
        assertRefused("/firehose/a", plenty().setPositionsValue(9), "positions: no such value: 9");
        assertRefused(
                "/firehose/a",
                plenty().addSelectors(Selector.newBuilder().setSourceId("x")),
                "a selector without log, counter, gauge, timer or event");
        assertRefused(
                "/firehose/a?filter-type=logs",
                plenty().addSelectors(log),
                "filter-type and selectors exclude each other");
        assertRefused("/apps/a/stream", plenty().setDeterministicName("x"), "deterministic_name is for the firehose");
        Start.Builder bomb = plenty();
        for (int i = 0; i <= 1_000; i++) {
            bomb.addSelectors(log);
        }
        assertRefused("/firehose/a", bomb, "more than 1000 selectors");
        assertThat(FakeDoppler.joins(doppler.linked())).isEmpty();
        assertThat(controller.metric("stream_v2_violations_total")).isEqualTo(7);
    }

    private void assertRefused(String path, Start.Builder start, String reason) throws Exception {
        AcknowledgingClient client = connect(path);
        client.send(started(start));
        assertThat(client.awaitClose()).isEqualTo(new Close(1008, reason));
    }

    @Test
    void aClientThatDoesNotStartIsClosed() throws Exception {
        AcknowledgingClient client = connect("/firehose/a");
        await().until(() -> controller.metric("stream_v2_streams") == 1);
        clock.advance(Duration.ofSeconds(10));
        assertThat(client.awaitClose()).isEqualTo(new Close(1008, "no start within 10 s"));
    }

    // ---- the end -----------------------------------------------------------------------------------------------

    @Test
    void atAStopAClientCanAcknowledgeFirstAndIsToldToGoElsewhere() throws Exception {
        AcknowledgingClient client = connect("/firehose/a").start(plenty());
        long member = doppler.member("a");
        doppler.deliver(member, 1, Envelopes.logs("app", "last", 0, 1));
        Message last = client.next();
        Thread stopping = new Thread(controller::stop);
        stopping.start();
        await().until(() -> doppler.linked().said().stream()
                .anyMatch(said -> said.hasWindow() && said.getWindow().getBytes() == 0));
        client.ack(last.header().getBatch().getMark());
        assertThat(client.next().header().getBye().getReason()).isEqualTo("this Traffic Controller stops");
        assertThat(client.awaitClose()).isEqualTo(new Close(1001, "this Traffic Controller stops"));
        stopping.join();
        assertThat(doppler.confirmed(member, 0)).isEqualTo(1);
    }

    @Test
    void whosePositionAnotherConnectionGoesOnFromIsToldSo() throws Exception {
        AcknowledgingClient client = connect("/apps/app/stream").start(plenty());
        doppler.moved(joined().getMember());
        String reason = "another connection goes on from this one's position";
        assertThat(client.next().header().getBye().getReason()).isEqualTo(reason);
        assertThat(client.awaitClose()).isEqualTo(new Close(1008, reason));
    }

    @Test
    void tagsComeInTheFormThatIsAskedFor() throws Exception {
        AcknowledgingClient client = connect("/firehose/a").start(plenty().setTags(Tags.AS_ACCEPTED));
        doppler.deliver(doppler.member("a"), 1, Envelopes.logs("app", "one", 0, 1));
        assertThat(client.next().envelopes()).isEqualTo(Envelopes.logs("app", "one", 0, 1));
    }
}
