package io.loggregator.doppler;

import static io.loggregator.doppler.RunningDoppler.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.link.v1.Received;
import io.loggregator.link.v1.Start;
import io.loggregator.link.v1.Tails;
import java.util.List;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** App tails: what crosses the link for them, and where they go on when a link is lost. */
class TailsTest {
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

    @Test
    void onlySourcesThatAreFollowedCross() {
        link.follow("a", "c");

        emitter.emit(List.of(
                Envelopes.log("a", 1), Envelopes.log("b", 2), Envelopes.counter("c", 3), Envelopes.log("aa", 4)));
        emitter.emit(Envelopes.logs("a", 5, 1_000));

        eventually(() -> assertThat(link.tailed("a")).hasSize(996));
        assertThat(link.tailed("c")).containsExactly(Envelopes.counter("c", 3));
        assertThat(link.crossed()).hasSize(997);
        assertThat(Envelopes.numbers(link.tailed("a").subList(1, 996))).isEqualTo(Envelopes.numbers(5, 1_000));
    }

    @Test
    void anEnvelopeCrossesOnceForTailsAndFirehosesTogether() {
        link.join(1, "firehose");
        link.join(2, "another");
        link.follow("a");

        emitter.emit(List.of(Envelopes.log("a", 1), Envelopes.log("b", 2)));

        eventually(() -> assertThat(Envelopes.numbers(link.delivered(1))).containsExactly(1, 2));
        assertThat(Envelopes.numbers(link.delivered(2))).containsExactly(1, 2);
        assertThat(Envelopes.numbers(link.tailed("a"))).containsExactly(1);
        assertThat(Envelopes.numbers(link.crossed())).containsExactly(1, 2);
        assertThat(link.batches()).hasSize(1).first().satisfies(batch -> {
            assertThat(batch.getTails()).isTrue();
            assertThat(batch.getDeliveriesList()).hasSize(2);
        });
        eventually(() -> assertThat(doppler.metric("egress_total")).isEqualTo(4));
        doppler.balances();
    }

    @Test
    void everyLinkGetsWhatItsTailsFollow() {
        try (LinkClient other = LinkClient.open(doppler)) {
            link.follow("a", "b");
            other.follow("b", "c");

            emitter.emit(List.of(Envelopes.log("a", 1), Envelopes.log("b", 2), Envelopes.log("c", 3)));

            eventually(() -> assertThat(Envelopes.numbers(link.crossed())).containsExactly(1, 2));
            eventually(() -> assertThat(Envelopes.numbers(other.crossed())).containsExactly(2, 3));
        }
    }

    @Test
    void sourcesComeAndGo() {
        link.follow("a");
        emitter.emit(Envelopes.logs("a", 0, 10));
        eventually(() -> assertThat(link.tailed("a")).hasSize(10));

        link.tails(Tails.newBuilder().addAdd("b").addRemove("a"));
        emitter.emit(List.of(Envelopes.log("a", 10), Envelopes.log("b", 11)));

        eventually(
                () -> assertThat(Envelopes.numbers(link.crossed())).endsWith(11).doesNotContain(10));
    }

    @Test
    void nothingComesBeforeTheFirstSetIsComplete() {
        link.tails(Tails.newBuilder().addAdd("a"));
        emitter.emit(Envelopes.logs("a", 0, 10));
        link.settle();
        assertThat(link.crossed()).isEmpty();

        link.follow("b");
        emitter.emit(Envelopes.logs("a", 10, 20));

        eventually(() -> assertThat(Envelopes.numbers(link.crossed())).isEqualTo(Envelopes.numbers(10, 20)));
    }

    @Test
    void platformMetricsAreEverythingButLogs() {
        link.tails(Tails.newBuilder().setPlatform(true).setStart(Start.getDefaultInstance()));

        emitter.emit(List.of(Envelopes.log("doppler", 1), Envelopes.counter("doppler", 2), Envelopes.counter("", 3)));

        eventually(() -> assertThat(Envelopes.numbers(link.crossed())).containsExactly(2, 3));
    }

    @Test
    void anEmptySourceIdCanBeFollowed() {
        link.follow("");

        emitter.emit(List.of(Envelopes.log("", 1), Envelopes.log("a", 2)));

        eventually(() -> assertThat(Envelopes.numbers(link.crossed())).containsExactly(1));
    }

    @Test
    void aNewLinkGoesOnAfterWhatAnEarlierOneBrought() {
        link.follow("a");
        emitter.emit(Envelopes.logs("a", 0, 50));
        eventually(() -> assertThat(link.tailed("a")).hasSize(50));
        long position = link.batches().get(link.batches().size() - 1).getEnd();
        link.cut();
        emitter.emit(Envelopes.logs("a", 50, 100));

        try (LinkClient next = LinkClient.open(doppler)) {
            next.tails(Tails.newBuilder().addAdd("a").setStart(startAt(position)));
            emitter.emit(Envelopes.logs("a", 100, 150));

            eventually(() -> assertThat(Envelopes.numbers(next.tailed("a"))).isEqualTo(Envelopes.numbers(50, 150)));
            assertThat(next.gaps()).isEmpty();
        }
    }

    @Test
    void whereNothingWasReceivedFromThisRunTheLossOfTheLinkIsMadeUpByAge() {
        emitter.emit(Envelopes.logs("a", 0, 50));

        link.tails(Tails.newBuilder()
                .addAdd("a")
                .setStart(Start.newBuilder()
                        .addReceived(Received.newBuilder().setLane(7).setPosition(12))
                        .setAgeMillis(60_000)));
        emitter.emit(Envelopes.logs("a", 50, 100));

        eventually(() -> assertThat(Envelopes.numbers(link.tailed("a"))).isEqualTo(Envelopes.numbers(0, 100)));
    }

    @Test
    void withoutPositionAndAgeTailsStartNow() {
        emitter.emit(Envelopes.logs("a", 0, 50));

        link.follow("a");
        emitter.emit(Envelopes.logs("a", 50, 100));

        eventually(() -> assertThat(Envelopes.numbers(link.tailed("a"))).isEqualTo(Envelopes.numbers(50, 100)));
    }

    @Test
    void aPositionBeyondTheHeadIsTheHead() {
        emitter.emit(Envelopes.logs("a", 0, 50));

        link.tails(Tails.newBuilder().addAdd("a").setStart(startAt(1L << 40)));
        emitter.emit(Envelopes.logs("a", 50, 100));

        eventually(() -> assertThat(Envelopes.numbers(link.tailed("a"))).isEqualTo(Envelopes.numbers(50, 100)));
    }

    private static Start.Builder startAt(long position) {
        return Start.newBuilder().addReceived(Received.newBuilder().setLane(0).setPosition(position));
    }

    @Test
    void tailsOfAnotherLinkAreNoneOfItsBusiness() {
        try (LinkClient other = LinkClient.open(doppler)) {
            link.follow("a");
            other.follow("a");
            other.cut();

            List<Envelope> sent = Envelopes.logs("a", 0, 10);
            emitter.emit(sent);

            eventually(() -> assertThat(link.tailed("a")).isEqualTo(sent));
        }
    }
}
