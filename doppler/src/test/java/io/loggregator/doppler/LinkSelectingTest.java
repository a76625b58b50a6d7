package io.loggregator.doppler;

import static io.loggregator.doppler.RunningDoppler.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.link.v1.Delivery;
import io.loggregator.link.v1.Hello;
import io.loggregator.link.v1.Join;
import io.loggregator.link.v1.ReadUpTo;
import io.loggregator.link.v1.ToDoppler;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.Selector;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Clients of v2 behind a link: selectors and their limits, shares, resuming, taking over. */
class LinkSelectingTest {
    private RunningDoppler doppler;
    private Emitter emitter;
    private LinkClient link;

    @BeforeEach
    void start() {
        doppler = RunningDoppler.plain();
        emitter = Emitter.plain(doppler);
        link = LinkClient.open(doppler);
    }

    @AfterEach
    void stop() {
        link.close();
        emitter.close();
        doppler.close();
    }

    private static Join.Builder joining(long member, Selector... selectors) {
        return Join.newBuilder()
                .setMember(member)
                .setProtocol("v2")
                .setSubscription("nozzle")
                .addAllSelectors(List.of(selectors))
                .setWindowBytes(LinkClient.WIDE);
    }

    // ---- selectors ---------------------------------------------------------------------------------------------

    @Test
    void onlyWhatSomeSelectorTakesCrossesAndOnceForAll() {
        link.join(joining(1, Subscriber.log("app"), Subscriber.log("")), true);
        link.join(joining(2, Subscriber.counter("", "requests")), true);

        emitter.emit(List.of(
                Envelopes.log("app", 1),
                Envelopes.counter("router", 2),
                Envelopes.containerMetric("app", 0, 3),
                Envelopes.log("other", 4)));

        eventually(() -> assertThat(Envelopes.numbers(link.crossed())).containsExactly(1, 2, 4));
        // Two selectors take the first line.
        eventually(() -> assertThat(doppler.metric("egress_total")).isEqualTo(4));
        doppler.balances();
    }

    @Test
    void asManySelectorsAsAJoinMayHaveAreTaken() {
        link.join(joining(1, logsOf(1_000, "app-")), true);

        emitter.emit(List.of(Envelopes.log("app-999", 1), Envelopes.log("app-1000", 2)));

        eventually(() -> assertThat(Envelopes.numbers(link.crossed())).containsExactly(1));
        assertThat(doppler.metric("link_refused_total")).isZero();
    }

    @Test
    void aJoinWithMoreSelectorsEndsTheLink() {
        refused(joining(1, logsOf(1_001, "app-")), "a join with more than 1000 selectors");
    }

    @Test
    void aJoinWithSelectorsOfHugeNamesEndsTheLink() {
        refused(joining(1, logsOf(70, "x".repeat(1_000))), "a join with more than 65536 bytes of selectors");
        assertThat(doppler.metric("subscriptions")).isZero();
    }

    @Test
    void aJoinWithASelectorOfNoKindEndsTheLink() {
        refused(
                joining(
                        1,
                        Subscriber.log("app"),
                        Selector.newBuilder().setSourceId("app").build()),
                "a join with a selector of no kind");
    }

    @Test
    void aRefusedJoinEndsWhatJoinedBeforeAndLeavesOtherLinksAlone() {
        link.join(joining(1, Subscriber.log("")), false);
        try (LinkClient other = LinkClient.open(doppler)) {
            other.join(joining(1, Subscriber.log("")), true);
            refused(joining(2, logsOf(1_001, "app-")), "a join with more than 1000 selectors");

            emitter.emit(Envelopes.logs("app", 0, 10));

            eventually(() -> assertThat(other.delivered(1)).isEqualTo(Envelopes.logs("app", 0, 10)));
            doppler.balances();
        }
    }

    private void refused(Join.Builder join, String reason) {
        link.send(ToDoppler.newBuilder().setJoin(join));

        assertThat(link.closed()).isEqualTo("1002 " + reason);
        assertThat(doppler.metric("link_refused_total", "reason=\"protocol\"")).isEqualTo(1);
    }

    private static Selector[] logsOf(int count, String prefix) {
        return IntStream.range(0, count)
                .mapToObj(i -> Subscriber.log(prefix + i))
                .toArray(Selector[]::new);
    }

    // ---- shares ------------------------------------------------------------------------------------------------

    @Test
    void membersWithNamesAreToldTheirSharesInTheOrderOfTheNamesOnWhicheverLink() {
        try (LinkClient other = LinkClient.open(doppler)) {
            link.join(joining(1, Subscriber.log("")).setDeterministicName("b"), true);
            other.join(joining(1, Subscriber.log("")).setDeterministicName("a"), true);

            emitter.emit(Envelopes.logs("app", 0, 100));

            eventually(() -> assertThat(doppler.metric("egress_total")).isEqualTo(100));
            assertThat(deliveries(link, 1)).isNotEmpty().allMatch(one -> isShare(one, 1));
            assertThat(deliveries(other, 1)).isNotEmpty().allMatch(one -> isShare(one, 0));
            doppler.balances();
        }
    }

    private static boolean isShare(Delivery delivery, int index) {
        return delivery.getShareIndex() == index && delivery.getShareCount() == 2;
    }

    private static List<Delivery> deliveries(LinkClient link, long member) {
        return link.batches().stream()
                .flatMap(batch -> batch.getDeliveriesList().stream())
                .filter(delivery -> delivery.getMember() == member)
                .toList();
    }

    @Test
    void countersOfOneNameGoToOneMember() {
        link.join(joining(1, Subscriber.counter("", "")).setDeterministicName("a"), true);
        link.join(joining(2, Subscriber.counter("", "")).setDeterministicName("b"), true);

        for (int i = 0; i < 10; i++) {
            emitter.blocking().send(Envelopes.batch(Envelopes.counter("app-" + i, i)));
        }

        eventually(() -> assertThat(doppler.metric("egress_total")).isEqualTo(10));
        assertThat(Stream.concat(deliveries(link, 1).stream(), deliveries(link, 2).stream())
                        .map(Delivery::getMember)
                        .distinct())
                .hasSize(1);
    }

    @Test
    void whoIsLeftGetsEverythingAgain() {
        link.join(joining(1, Subscriber.log("")).setDeterministicName("a"), true);
        link.join(joining(2, Subscriber.log("")).setDeterministicName("b"), true);
        link.leave(2);

        emitter.emit(Envelopes.logs("app", 0, 10));

        eventually(() -> assertThat(link.crossed()).hasSize(10));
        assertThat(deliveries(link, 1)).isNotEmpty().allMatch(one -> one.getShareCount() == 0);
    }

    // ---- groups of one client ----------------------------------------------------------------------------------

    private static Join.Builder alone(long member) {
        return joining(member, Subscriber.log("")).setAlone(true);
    }

    /** The client has so many envelopes, up to the end of so many batches of one. */
    private ReadUpTo has(int envelopes, LinkClient from) {
        return ReadUpTo.newBuilder()
                .setLane(0)
                .setPosition(from.batches().get(envelopes - 1).getEnd())
                .setCount(envelopes)
                .build();
    }

    private void sendOneByOne(int from, int to) {
        for (int i = from; i < to; i++) {
            emitter.blocking().send(Envelopes.batch(Envelopes.log("app", i)));
        }
    }

    private static void has(LinkClient link, long member, int from, int to) {
        eventually(() -> assertThat(link.delivered(member)).isEqualTo(logs(from, to)));
    }

    private static List<Envelope> logs(int from, int to) {
        return Envelopes.logs("app", from, to);
    }

    @Test
    void aClientThatComesBackByAnotherLinkGoesOnExactlyWhereItIs() {
        link.join(alone(1), false);
        sendOneByOne(0, 6);
        has(link, 1, 0, 6);
        ReadUpTo four = has(4, link);

        link.cut();
        try (LinkClient other = LinkClient.open(doppler)) {
            other.join(alone(1).addResume(four), true);
            sendOneByOne(6, 8);

            has(other, 1, 4, 8);
            assertThat(other.gaps()).isEmpty();
            doppler.balances();
        }
    }

    @Test
    void aClientTakesItsGroupOverFromALinkThatIsNotKnownToBeGone() {
        link.join(alone(1), false);
        sendOneByOne(0, 3);
        has(link, 1, 0, 3);

        try (LinkClient other = LinkClient.open(doppler)) {
            other.join(alone(9).addResume(has(2, link)), true);
            sendOneByOne(3, 6);

            has(other, 9, 2, 6);
            // What the earlier one says now is nobody's.
            link.confirm(1, 0, 3);
            link.leave(1);
            assertThat(link.delivered(1)).isEqualTo(logs(0, 3));
            assertThat(doppler.metric("subscriptions")).isEqualTo(1);
            doppler.balances();
        }
    }

    @Test
    void onlyWhoTakesTheMessageIsToldThatItsClientReadsElsewhere() {
        Hello.Builder hello = Hello.newBuilder().setGraceMillis(60_000).setGroupsInGrace(100);
        try (LinkClient old = LinkClient.open(doppler, hello.clone().setTails("old"));
                LinkClient told =
                        LinkClient.open(doppler, hello.clone().setTails("new").setTakesMoved(true))) {
            old.join(alone(5), true);
            told.join(alone(6), true);
            link.join(alone(7), true);

            eventually(() -> assertThat(moved(told)).containsExactly(6L));
            old.settle();
            assertThat(moved(old)).isEmpty();
            assertThat(moved(link)).isEmpty();
        }
    }

    @Test
    void aClientThatHasNothingButWhatItNamesGetsAgainWhatItsDeadConnectionConfirmed() {
        link.join(alone(1), true);
        sendOneByOne(0, 3);
        eventually(() -> assertThat(doppler.metric("egress_total")).isEqualTo(3));

        try (LinkClient other = LinkClient.open(doppler)) {
            other.join(alone(9), false);
            other.settle();
            assertThat(other.delivered(9)).as("does not say").isEmpty();
            other.leave(9);
            other.join(alone(10).setResumeComplete(true), false);
            has(other, 10, 0, 3);
        }
    }

    @Test
    void ofAClientsConnectionsTheOneThatBeganToReadLastReads() {
        Hello.Builder hello = Hello.newBuilder().setTakesMoved(true);
        try (LinkClient live = LinkClient.open(doppler, hello.clone().setTails("live"));
                LinkClient dead = LinkClient.open(doppler, hello.clone().setTails("dead"))) {
            live.join(alone(1).setReadingMillis(5_000), true);
            dead.join(alone(2).setReadingMillis(60_000), true);
            sendOneByOne(0, 3);
            has(live, 1, 0, 3);
            assertThat(dead.delivered(2)).isEmpty();
            assertThat(moved(dead)).containsExactly(2L);
        }
    }

    private static List<Long> moved(LinkClient link) {
        return link.received().stream()
                .filter(message -> message.header().hasMoved())
                .map(message -> message.header().getMoved().getMember())
                .toList();
    }

    @Test
    void aGroupThatIsNoMoreBeginsWhereItsClientSays() {
        try (LinkClient hasty = LinkClient.open(doppler, Hello.newBuilder().setGroupsInGrace(1))) {
            hasty.join(alone(1), true);
            sendOneByOne(0, 4);
            has(hasty, 1, 0, 4);
            hasty.leave(1);
            assertThat(doppler.metric("subscriptions")).isZero();

            hasty.join(alone(2).addResume(has(1, hasty)), true);
            sendOneByOne(4, 5);

            has(hasty, 2, 1, 5);
        }
    }

    @Test
    void whatIsGoneFromTheLogIsToldExactly() {
        try (RunningDoppler small = RunningDoppler.plain("LOG_BYTES", "4MiB");
                Emitter agent = Emitter.plain(small);
                LinkClient first = LinkClient.open(small);
                LinkClient second = LinkClient.open(small)) {
            first.join(alone(1), true);
            agent.blocking().send(Envelopes.batch(Envelopes.log("app", 0)));
            has(first, 1, 0, 1);
            ReadUpTo one = has(1, first);
            first.leave(1);
            for (int i = 1; i <= 140; i++) {
                agent.blocking().send(Envelopes.batch(Envelopes.log("app", i, 50_000)));
            }

            second.join(alone(1).addResume(one), true);

            eventually(() -> assertThat(Envelopes.numbers(second.delivered(1))).endsWith(140));
            assertThat(second.gaps(1)).singleElement().satisfies(gap -> {
                assertThat(gap.getReason()).isEqualTo("thinned");
                assertThat(gap.getDelivery().getSequence()).isEqualTo(1);
                assertThat(gap.getCount() + second.delivered(1).size()).isEqualTo(140);
            });
            small.balances();
        }
    }

    @Test
    void aFloodOfReconnectsKeepsNoMoreThanTheGroupsInGrace() {
        for (int i = 0; i < 40; i++) {
            Hello.Builder hello = Hello.newBuilder().setGraceMillis(60_000).setGroupsInGrace(3);
            try (LinkClient fleeting = LinkClient.open(doppler, hello)) {
                fleeting.join(joining(1, Subscriber.log("")).setSubscription("shared-" + i), false);
                fleeting.join(alone(2).setSubscription("own-" + i), false);
                emitter.blocking().send(Envelopes.batch(Envelopes.log("app", i)));
                fleeting.cut();
            }
        }

        eventually(() -> assertThat(doppler.metric("subscriptions")).isEqualTo(2 * 3));
        // Of each group that was forgotten, what nobody had confirmed.
        eventually(() -> assertThat(doppler.metric("dropped_total", "reason=\"abandoned\""))
                .isPositive());
    }
}
