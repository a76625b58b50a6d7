package io.loggregator.doppler;

import static io.loggregator.doppler.RunningDoppler.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.link.v1.Filter;
import io.loggregator.link.v1.Gap;
import io.loggregator.link.v1.Hello;
import io.loggregator.link.v1.Join;
import io.loggregator.link.v1.Received;
import io.loggregator.link.v1.Start;
import io.loggregator.link.v1.Tails;
import io.vertx.core.http.WebSocketClientOptions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Readers that do not keep up: ingress goes on, and they are told exactly what they missed. */
class LossTest {
    private static final int LOG_MIB = 4;
    /** Envelopes of a bit more than a kibibyte. */
    private static final int PADDING = 1_024;
    /** Three times what the log holds. */
    private static final int SENT = 3 * LOG_MIB * 1_024;

    private static final int SMALL_BUFFER = 64 << 10;

    private RunningDoppler doppler;
    private Emitter emitter;
    private LinkClient slow;

    @BeforeEach
    void start() {
        doppler = RunningDoppler.plain(
                "LOG_BYTES", LOG_MIB + "MiB", "DOPPLER_LINK_BUFFER", "256KiB", "LINK_PING_INTERVAL", "1m");
        emitter = Emitter.plain(doppler);
        slow = LinkClient.connect(doppler, new WebSocketClientOptions().setReceiveBufferSize(SMALL_BUFFER));
        slow.hello(Hello.newBuilder().setGraceMillis(60_000).setGroupsInGrace(10));
    }

    @AfterEach
    void stop() {
        slow.close();
        emitter.close();
        doppler.close();
    }

    @Test
    void aLinkThatDoesNotReadHoldsBackNeitherSendersNorOthers() {
        slow.join(1, "slow");
        slow.pause();
        try (LinkClient fast = LinkClient.open(doppler)) {
            fast.join(1, "fast");

            // Returns when the Doppler has taken all of it.
            emit(0, SENT);

            eventually(() -> assertThat(fast.delivered(1)).hasSize(SENT));
            assertThat(Envelopes.numbers(fast.delivered(1))).isEqualTo(Envelopes.numbers(0, SENT));
            assertThat(fast.gaps()).isEmpty();
        }
        assertThat(doppler.metric("link_full_total")).isPositive();
        slow.resume();
        eventually(
                () -> assertThat(slow.delivered(1).size() + lost(slow.gaps(1))).isEqualTo(SENT));
        whatIsMissingIsToldBeforeWhatComesNext();
        assertThat(dropped()).isEqualTo(lost(slow.gaps(1)));
        sums(2L * SENT);
    }

    @Test
    void aMemberWithAFullWindowIsToldWhatItMissed() {
        slow.join(
                Join.newBuilder()
                        .setMember(1)
                        .setProtocol("v1")
                        .setSubscription("slow")
                        .setWindowBytes(1 << 20),
                false);

        emit(0, SENT);
        eventually(() -> assertThat(doppler.metric("window_full_total")).isEqualTo(1));
        slow.confirmFromNowOn(1);

        eventually(
                () -> assertThat(slow.delivered(1).size() + lost(slow.gaps(1))).isEqualTo(SENT));
        whatIsMissingIsToldBeforeWhatComesNext();
        sums(SENT);
    }

    @Test
    void onlyWhatAFilterLetsPassIsLost() {
        slow.join(1, "slow", Filter.METRICS, true);
        slow.pause();
        List<Envelope> mixed = new ArrayList<>();
        for (int i = 0; i < SENT; i++) {
            mixed.add(Envelopes.log("app", i, PADDING));
            mixed.add(Envelopes.counter("padding".repeat(150), i));
        }

        emitter.emit(mixed);
        slow.resume();

        eventually(
                () -> assertThat(slow.delivered(1).size() + lost(slow.gaps(1))).isEqualTo(SENT));
        whatIsMissingIsToldBeforeWhatComesNext();
        sums(SENT);
    }

    private void whatIsMissingIsToldBeforeWhatComesNext() {
        assertThat(slow.gaps(1)).isNotEmpty().allSatisfy(gap -> {
            assertThat(gap.getReason()).isIn("lapped", "thinned");
            assertThat(gap.getFirstMillis()).isPositive().isLessThanOrEqualTo(gap.getLastMillis());
            assertThat(gap.getLastMillis()).isLessThanOrEqualTo(System.currentTimeMillis());
        });
        Told told = new Told();
        for (LinkClient.Received message : slow.received()) {
            if (message.header().hasGap()) {
                told.lost(message.header().getGap().getCount());
            }
            message.envelopes().forEach(envelope -> told.came(Envelopes.number(envelope)));
        }
        assertThat(told.accountedFor()).isEqualTo(SENT);
    }

    @Test
    void tailsAreToldSourceBySource() {
        slow.follow("a", "b");
        slow.pause();
        List<Envelope> mixed = new ArrayList<>();
        for (int i = 0; i < SENT; i++) {
            mixed.add(Envelopes.log(i % 4 == 0 ? "a" : i % 4 == 1 ? "nobody" : "b", i, PADDING));
        }

        emitter.emit(mixed);
        slow.resume();

        eventually(() -> assertThat(slow.tailed("a").size() + lostOf("a")).isEqualTo(SENT / 4));
        eventually(() -> assertThat(slow.tailed("b").size() + lostOf("b")).isEqualTo(SENT / 2));
        assertThat(lostOf("a")).isPositive();
        assertThat(slow.gaps()).allMatch(gap -> List.of("a", "b").contains(gap.getSourceId()));
        assertThat(Envelopes.numbers(slow.tailed("a"))).isSorted().doesNotHaveDuplicates();
        assertThat(doppler.metric("dropped_total", "place=\"tail\"")).isEqualTo(lostOf("a") + lostOf("b"));
    }

    private long lostOf(String source) {
        return lost(slow.gaps().stream()
                .filter(gap -> gap.getSourceId().equals(source))
                .toList());
    }

    @Test
    void whatNobodyConfirmedComesAgainOrIsToldAsUnconfirmed() {
        slow.join(1, "firehose", Filter.ALL, false);
        // In parts that the log holds, so that this client, however slow it is, gets everything once.
        int part = SENT / 12;
        for (int to = part; to <= SENT; to += part) {
            int sent = to;
            emit(sent - part, sent);
            eventually(() -> assertThat(slow.delivered(1)).hasSize(sent));
        }

        slow.leave(1);
        slow.join(2, "firehose");

        eventually(
                () -> assertThat(slow.delivered(2).size() + lost(slow.gaps(2))).isEqualTo(SENT));
        assertThat(slow.gaps(2)).extracting(Gap::getReason).containsExactly("unconfirmed");
        int told = Math.toIntExact(lost(slow.gaps(2)));
        assertThat(Envelopes.numbers(slow.delivered(2))).isEqualTo(Envelopes.numbers(told, SENT));
        assertThat(doppler.metric("dropped_total", "reason=\"unconfirmed\"")).isEqualTo(told);
        sums(SENT);
    }

    @Test
    void aGroupInGraceIsToldWhatDidNotFit() {
        slow.join(1, "firehose");
        slow.leave(1);

        emit(0, SENT);
        slow.join(2, "firehose");

        eventually(
                () -> assertThat(slow.delivered(2).size() + lost(slow.gaps(2))).isEqualTo(SENT));
        int told = Math.toIntExact(lost(slow.gaps(2)));
        assertThat(told).isPositive();
        assertThat(Envelopes.numbers(slow.delivered(2)))
                .isSorted()
                .doesNotHaveDuplicates()
                .endsWith(SENT - 1);
        sums(SENT);
    }

    @Test
    void tailsThatComeBackTooLateAreToldThatSomethingIsMissing() {
        slow.follow("app");
        emit(0, 10);
        eventually(() -> assertThat(slow.tailed("app")).hasSize(10));
        slow.cut();
        emit(10, SENT);

        try (LinkClient next = LinkClient.open(doppler)) {
            next.tails(Tails.newBuilder()
                    .addAdd("app")
                    .setStart(Start.newBuilder()
                            .addReceived(Received.newBuilder()
                                    .setPosition(slow.batches().get(0).getEnd()))));

            eventually(() -> assertThat(next.gaps()).singleElement().satisfies(gap -> {
                assertThat(gap.getSourceId()).isEmpty();
                assertThat(gap.getCount()).isZero();
                assertThat(gap.getReason()).isEqualTo("link_down");
            }));
            assertThat(doppler.metric("tail_unknown_losses_total")).isEqualTo(1);
            eventually(() -> assertThat(next.tailed("app")).isNotEmpty().last().returns(SENT - 1, Envelopes::number));
            List<Integer> numbers = Envelopes.numbers(next.tailed("app"));
            assertThat(numbers).isEqualTo(Envelopes.numbers(numbers.get(0), SENT));
        }
    }

    @Test
    void tailsWithANameAreToldToTheEnvelopeWhatALinkThatBrokeDidNotBring() {
        try (LinkClient first = LinkClient.open(doppler, ofOneEventLoop())) {
            first.follow("app");
            emit(0, 10);
            eventually(() -> assertThat(first.tailed("app")).hasSize(10));
            // Most of it is written to the socket, or waits for that, when the link breaks.
            first.pause();
            emit(10, SENT);
            first.reset();
            List<LinkClient.Received> inAll = first.receivedInAll();
            long end = inAll.stream()
                    .mapToLong(message -> message.header().getBatch().getEnd())
                    .max()
                    .orElseThrow();
            int arrived = inAll.stream()
                    .mapToInt(message ->
                            message.header().hasBatch() ? message.envelopes().size() : 0)
                    .sum();
            emit(SENT, SENT + 10);

            try (LinkClient next = LinkClient.open(doppler, ofOneEventLoop())) {
                next.tails(Tails.newBuilder()
                        .addAdd("app")
                        .setStart(Start.newBuilder()
                                .addReceived(Received.newBuilder().setPosition(end))));

                eventually(() -> assertThat(
                                arrived + lost(next.gaps()) + next.tailed("app").size())
                        .isEqualTo(SENT + 10));
                assertThat(next.gaps()).isNotEmpty().allSatisfy(gap -> {
                    assertThat(gap.getSourceId()).isEqualTo("app");
                    assertThat(gap.getCount()).isPositive();
                });
                assertThat(doppler.metric("dropped_total", "place=\"tail\"")).isEqualTo(lost(next.gaps()));
            }
        }
    }

    @Test
    void tailsThatStartAnewGetNothingOfWhatThoseBeforeThemMissed() {
        try (LinkClient first = LinkClient.open(doppler, ofOneEventLoop())) {
            first.follow("app");
            first.cut();
            emit(0, SENT);
            try (LinkClient next = LinkClient.open(doppler, ofOneEventLoop())) {
                next.tails(Tails.newBuilder()
                        .addAdd("app")
                        .setStart(Start.newBuilder().setAnew(true)));
                next.settle();
                emit(SENT, SENT + 10);

                eventually(() -> assertThat(Envelopes.numbers(next.tailed("app")))
                        .isEqualTo(Envelopes.numbers(SENT, SENT + 10)));
                assertThat(next.gaps()).isEmpty();
            }
        }
    }

    @Test
    void aNewGroupIsToldOfALossOnlyIfItsClientNeedsWhatTheLogMayNoLongerHold() {
        emit(0, SENT);
        slow.join(joining("moved").setMember(1).setNeededMillis(1), false);
        slow.join(joining("came before").setMember(2).setNeededMillis(60_000), false);
        for (int member = 1; member <= 2; member++) {
            int each = member;
            eventually(
                    () -> assertThat(slow.delivered(each)).isNotEmpty().last().returns(SENT - 1, Envelopes::number));
        }

        assertThat(slow.gaps(1)).isEmpty();
        assertThat(slow.gaps(2)).singleElement().satisfies(gap -> {
            assertThat(gap.getCount()).isZero();
            assertThat(gap.getReason()).isEqualTo("lapped");
            assertThat(gap.getEnd()).isPositive();
        });
        assertThat(slow.delivered(1)).hasSameSizeAs(slow.delivered(2));
    }

    /** Of links whose tails go on with those of the one before. */
    private static Hello.Builder ofOneEventLoop() {
        return Hello.newBuilder().setGraceMillis(60_000).setGroupsInGrace(10).setTails("of one event loop");
    }

    private static Join.Builder joining(String subscription) {
        return Join.newBuilder()
                .setProtocol("v1")
                .setSubscription(subscription)
                .setWindowBytes(LinkClient.WIDE)
                .setAgeMillis(60_000);
    }

    @Test
    void aMemberThatDiesAmidAFloodLosesNothingThatIsNotTold() {
        slow.join(1, "shared", Filter.ALL, false);
        slow.pause();
        try (LinkClient other = LinkClient.open(doppler)) {
            other.join(1, "shared");
            emit(0, SENT);

            slow.cut();

            eventually(() -> assertThat(
                            new HashSet<>(Envelopes.numbers(other.delivered(1))).size() + lost(other.gaps(1)))
                    .isEqualTo(SENT));
            assertThat(Envelopes.numbers(other.delivered(1))).doesNotHaveDuplicates();
        }
        sums(SENT);
    }

    private void emit(int from, int to) {
        emitter.emit(IntStream.range(from, to)
                .mapToObj(i -> Envelopes.log("app", i, PADDING))
                .toList());
    }

    /** What groups lost because they were late. */
    private long dropped() {
        return doppler.metric("dropped_total", "place=\"group\"", "reason=\"lapped\"")
                + doppler.metric("dropped_total", "place=\"group\"", "reason=\"thinned\"");
    }

    private static long lost(List<Gap> gaps) {
        return gaps.stream().mapToLong(Gap::getCount).sum();
    }

    /** What all groups were to get is what was confirmed and what was dropped. */
    private void sums(long wanted) {
        eventually(() -> assertThat(doppler.metric("egress_total") + doppler.metric("dropped_total", "place=\"group\""))
                .isEqualTo(wanted));
        doppler.balances();
    }
}
