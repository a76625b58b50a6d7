package io.loggregator.doppler;

import static io.loggregator.doppler.RunningDoppler.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.link.v1.Batch;
import io.loggregator.link.v1.Filter;
import io.loggregator.link.v1.Hello;
import io.loggregator.link.v1.Join;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Clients that share a subscription: who gets what, and what becomes of it when they leave. */
class GroupsTest {
    private RunningDoppler doppler;
    private Emitter emitter;
    private LinkClient here;
    private LinkClient there;

    @BeforeEach
    void start() {
        doppler = RunningDoppler.plain();
        emitter = Emitter.plain(doppler);
        here = LinkClient.open(doppler);
        there = LinkClient.open(doppler);
    }

    @AfterEach
    void stop() {
        there.close();
        here.close();
        emitter.close();
        doppler.close();
    }

    @Test
    void membersOnAllLinksTakeTurnsAndEachEnvelopeComesOnce() {
        here.join(1, "shared");
        here.join(2, "shared");
        there.join(1, "shared");
        there.join(7, "shared");

        sendOneByOne(0, 40);

        eventually(
                () -> assertThat(Stream.of(here.delivered(1), here.delivered(2), there.delivered(1), there.delivered(7))
                                .flatMap(List::stream)
                                .sorted(Comparator.comparing(Envelopes::number))
                                .toList())
                        .isEqualTo(Envelopes.logs("app", 0, 40)));
        assertThat(List.of(here.delivered(1), here.delivered(2), there.delivered(1), there.delivered(7)))
                .allSatisfy(share -> assertThat(share).hasSize(10));
        sums(40, 40, 0);
    }

    @Test
    void differentSubscriptionsGetEverythingEachAndShareWhatCrossesTheLink() {
        here.join(1, "a");
        here.join(2, "b");

        emitter.emit(Envelopes.logs("app", 0, 1_000));

        eventually(() -> assertThat(here.delivered(1)).hasSize(1_000));
        assertThat(here.delivered(1)).isEqualTo(Envelopes.logs("app", 0, 1_000));
        assertThat(here.delivered(2)).isEqualTo(Envelopes.logs("app", 0, 1_000));
        assertThat(here.crossed()).hasSize(1_000);
        sums(1_000, 2_000, 0);
    }

    @Test
    void protocolAndFilterAreOfAGroupsIdentity() {
        Join.Builder join = Join.newBuilder().setSubscription("same").setWindowBytes(LinkClient.WIDE);
        here.join(join.clone().setMember(1).setProtocol("v1"), true);
        here.join(join.clone().setMember(2).setProtocol("v2"), true);
        here.join(join.clone().setMember(3).setProtocol("v1").setFilter(Filter.LOGS), true);
        here.join(join.clone().setMember(4).setProtocol("v1").setFilter(Filter.METRICS), true);
        List<Envelope> logs = Envelopes.logs("app", 0, 100);
        List<Envelope> counters = IntStream.range(0, 50)
                .mapToObj(i -> Envelopes.counter("app", i))
                .toList();
        List<Envelope> all = new ArrayList<>(logs);
        all.addAll(counters);

        emitter.emit(all);

        eventually(() -> assertThat(here.delivered(1)).isEqualTo(all));
        eventually(() -> assertThat(here.delivered(2)).isEqualTo(all));
        eventually(() -> assertThat(here.delivered(3)).isEqualTo(logs));
        eventually(() -> assertThat(here.delivered(4)).isEqualTo(counters));
        assertThat(doppler.metric("subscriptions")).isEqualTo(4);
        sums(150, 450, 0);
    }

    @Test
    void onlyWhatAFilterLetsPassCrossesTheLink() {
        here.join(1, "logs", Filter.LOGS, true);

        emitter.emit(List.of(Envelopes.log("a", 0), Envelopes.counter("a", 1), Envelopes.log("b", 2)));

        eventually(() -> assertThat(Envelopes.numbers(here.crossed())).containsExactly(0, 2));
        sums(3, 2, 0);
    }

    @Test
    void deliveriesToAMemberAreNumberedFromOne() {
        here.join(1, "shared");
        there.join(1, "shared");

        sendOneByOne(0, 20);

        eventually(() -> assertThat(here.delivered(1)).hasSize(10));
        assertThat(here.sequences(1).get(0))
                .isEqualTo(LongStream.rangeClosed(1, 10).boxed().toList());
        eventually(() -> assertThat(there.delivered(1)).hasSize(10));
        assertThat(there.sequences(1).get(0))
                .isEqualTo(LongStream.rangeClosed(1, 10).boxed().toList());
    }

    @Test
    void endsOfBatchesAreThePositionsOfOneLog() {
        here.join(1, "firehose");

        sendOneByOne(0, 10);

        eventually(() -> assertThat(here.delivered(1)).hasSize(10));
        int size = Envelopes.batch(Envelopes.log("app", 0)).getSerializedSize();
        // Timestamp 0 is not on the wire.
        int first = size;
        int next = Envelopes.batch(Envelopes.log("app", 1)).getSerializedSize();
        assertThat(here.batches().stream().map(Batch::getEnd).toList())
                .isEqualTo(LongStream.range(0, 10)
                        .map(i -> first + i * next)
                        .boxed()
                        .toList());
    }

    @Test
    void whatALostLinkDidNotConfirmGoesToAnother() {
        here.join(1, "shared", Filter.ALL, false);
        there.join(1, "shared");
        sendOneByOne(0, 40);
        eventually(() -> assertThat(here.delivered(1)).hasSize(20));

        here.cut();

        eventually(() -> assertThat(
                        Envelopes.numbers(there.delivered(1)).stream().sorted().toList())
                .isEqualTo(Envelopes.numbers(0, 40)));
        assertThat(doppler.metric("redelivered_total")).isEqualTo(20);
        sums(40, 40, 0);
    }

    @Test
    void whatAMemberThatLeavesHadConfirmedDoesNotComeAgain() {
        here.join(1, "shared", Filter.ALL, false);
        sendOneByOne(0, 10);
        eventually(() -> assertThat(here.delivered(1)).hasSize(10));
        here.confirm(1, 0, 6);

        here.leave(1);
        there.join(1, "shared");

        eventually(() -> assertThat(Envelopes.numbers(there.delivered(1))).containsExactly(6, 7, 8, 9));
        sums(10, 10, 0);
    }

    @Test
    void noMoreIsOutToAMemberThanItsWindow() {
        int size = Envelopes.batch(Envelopes.log("app", 1)).getSerializedSize();
        here.join(window(2L * size), false);

        sendOneByOne(1, 6);
        here.settle();

        assertThat(Envelopes.numbers(here.delivered(1))).containsExactly(1, 2);

        here.confirmFromNowOn(1);
        eventually(() -> assertThat(Envelopes.numbers(here.delivered(1))).containsExactly(1, 2, 3, 4, 5));
        sums(5, 5, 0);
    }

    @Test
    void oneBatchMayAlwaysBeOut() {
        here.join(window(1), false);

        sendOneByOne(0, 3);
        here.settle();

        assertThat(Envelopes.numbers(here.delivered(1))).containsExactly(0);
    }

    @Test
    void aMemberWithAClosedWindowGetsNothingMoreAndTheOthersGetIt() {
        here.join(window(LinkClient.WIDE), true);
        sendOneByOne(0, 3);
        eventually(() -> assertThat(here.delivered(1)).hasSize(3));

        here.window(1, 0);
        here.settle();
        sendOneByOne(3, 6);
        here.settle();
        assertThat(here.delivered(1)).hasSize(3);

        there.join(window(LinkClient.WIDE), true);
        eventually(() -> assertThat(Envelopes.numbers(there.delivered(1))).containsExactly(3, 4, 5));
        sums(6, 6, 0);
    }

    @Test
    void aWindowCanBeMadeWider() {
        here.join(window(1), false);
        sendOneByOne(0, 3);
        here.settle();
        assertThat(Envelopes.numbers(here.delivered(1))).containsExactly(0);

        here.window(1, LinkClient.WIDE);

        eventually(() -> assertThat(Envelopes.numbers(here.delivered(1))).containsExactly(0, 1, 2));
    }

    @Test
    void aMemberWhoseWindowIsFullHoldsNobodyUp() {
        here.join(window(1), false);
        there.join(window(LinkClient.WIDE), true);

        sendOneByOne(0, 50);

        eventually(() -> assertThat(there.delivered(1)).hasSize(49));
        assertThat(Envelopes.numbers(here.delivered(1))).containsExactly(0);
        here.confirmFromNowOn(1);
        sums(50, 50, 0);
    }

    private static Join.Builder window(long bytes) {
        return Join.newBuilder()
                .setMember(1)
                .setProtocol("v1")
                .setSubscription("shared")
                .setWindowBytes(bytes);
    }

    @Test
    void aGroupInGraceGoesOnWhereItWas() {
        here.join(1, "firehose");
        emitter.emit(Envelopes.logs("app", 0, 100));
        eventually(() -> assertThat(here.delivered(1)).hasSize(100));
        sums(100, 100, 0);

        here.leave(1);
        emitter.emit(Envelopes.logs("app", 100, 200));
        there.join(1, "firehose");

        eventually(() -> assertThat(there.delivered(1)).isEqualTo(Envelopes.logs("app", 100, 200)));
        sums(200, 200, 0);
    }

    @Test
    void withoutGraceAGroupEndsWithItsLastMember() {
        try (LinkClient link = LinkClient.open(doppler, Hello.newBuilder().setGroupsInGrace(100))) {
            link.join(1, "firehose", Filter.ALL, false);
            emitter.emit(Envelopes.logs("app", 0, 100));
            eventually(() -> assertThat(link.delivered(1)).hasSize(100));

            link.leave(1);
            emitter.emit(Envelopes.logs("app", 100, 200));
            link.join(2, "firehose");
            emitter.emit(Envelopes.logs("app", 200, 300));

            eventually(() -> assertThat(link.delivered(2)).isEqualTo(Envelopes.logs("app", 200, 300)));
            // The second hundred was nobody's.
            assertThat(doppler.metric("dropped_total", "reason=\"abandoned\"")).isEqualTo(100);
            eventually(() -> assertThat(doppler.metric("egress_total")).isEqualTo(100));
        }
    }

    @Test
    void onlySoManyGroupsWaitInGrace() {
        Hello.Builder hello = Hello.newBuilder().setGraceMillis(60_000).setGroupsInGrace(1);
        try (LinkClient link = LinkClient.open(doppler, hello)) {
            link.join(1, "first");
            link.join(2, "second");
            link.leave(1);
            link.leave(2);

            assertThat(doppler.metric("subscriptions")).isEqualTo(1);
            assertThat(doppler.metric("subscriptions_forgotten_total", "reason=\"too_many\""))
                    .isEqualTo(1);
        }
    }

    @Test
    void aGraceBeyondAllMeasureIsCutToADay() {
        Hello.Builder hello = Hello.newBuilder().setGraceMillis(Long.MAX_VALUE).setGroupsInGrace(1);
        try (LinkClient link = LinkClient.open(doppler, hello)) {
            link.join(1, "firehose");
            link.leave(1);

            assertThat(doppler.metric("subscriptions")).isEqualTo(1);
        }
    }

    @Test
    void aClientThatSubscribedBeforeTheLinkWasThereGetsWhatCameSince() {
        emitter.emit(Envelopes.logs("app", 0, 100));

        here.join(window(LinkClient.WIDE).setAgeMillis(60_000), true);
        emitter.emit(Envelopes.logs("app", 100, 200));

        eventually(() -> assertThat(here.delivered(1)).isEqualTo(Envelopes.logs("app", 0, 200)));
        sums(200, 200, 0);
    }

    @Test
    void aNewGroupStartsWithWhatArrivesFromNowOn() {
        emitter.emit(Envelopes.logs("app", 0, 100));

        here.join(1, "firehose");
        emitter.emit(Envelopes.logs("app", 100, 200));

        eventually(() -> assertThat(here.delivered(1)).isEqualTo(Envelopes.logs("app", 100, 200)));
        assertThat(here.gaps()).isEmpty();
        eventually(() -> assertThat(doppler.metric("egress_total")).isEqualTo(100));
    }

    /** Each envelope in a call of its own, so that each is handed out on its own. */
    private void sendOneByOne(int from, int to) {
        for (int i = from; i < to; i++) {
            emitter.blocking().send(Envelopes.batch(Envelopes.log("app", i)));
        }
    }

    private void sums(long ingress, long egress, long dropped) {
        assertThat(doppler.metric("ingress_total")).isEqualTo(ingress);
        eventually(() -> assertThat(doppler.metric("egress_total")).isEqualTo(egress));
        assertThat(doppler.metric("dropped_total")).isEqualTo(dropped);
        doppler.balances();
    }
}
