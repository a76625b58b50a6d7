package io.loggregator.trafficcontroller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.loggregator.streaming.v2.Gap;
import io.loggregator.streaming.v2.Start;
import io.loggregator.trafficcontroller.AcknowledgingClient.Message;
import io.loggregator.trafficcontroller.StreamClient.Library;
import io.loggregator.trafficcontroller.fanout.Timing;
import io.loggregator.trafficcontroller.link.FakeDoppler;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Dopplers that are gone without a goodbye, and who is told that something may be lost with them. */
class LostDopplerTest extends ControllerFixture {
    private static final Duration GRACE = Duration.ofSeconds(30);
    private static final String LOST = "A Doppler was lost, last heard of at ";
    private static final String UNKNOWN = ". An unknown number of messages dropped (Total 0 messages dropped) from ";

    private final TestClock clock = new TestClock();
    private final Instant begun = Instant.now();

    @BeforeEach
    void start() throws Exception {
        doppler = FakeDoppler.start(vertx, "first run");
        controller = Controller.start(
                vertx,
                new Timing(clock, Controller.TICK, Duration.ofSeconds(5)),
                Map.of("FIREHOSE_GRACE", GRACE.toSeconds() + "s"),
                doppler);
    }

    @Test
    void whenAnotherRunIsWhereItWasItsReadersAreToldBeforeWhatThatOneSends() {
        StreamClient firehose = connect("/firehose/nozzle");
        StreamClient app = follow("app");
        doppler.deliver(doppler.member("nozzle"), 1, List.of(Envelopes.log("app", "before")));
        doppler.tails(1, List.of(Envelopes.log("app", "before")));
        firehose.received(1);
        app.received(1);
        later();

        doppler.restartAs("second run");
        doppler.linkedAfter(1);
        doppler.deliver(doppler.member("nozzle"), 1, List.of(Envelopes.log("app", "after")));
        doppler.tails(1, List.of(Envelopes.log("app", "after")));

        List<Envelope> got = firehose.received(4);
        assertThat(text(got.get(1))).startsWith(LOST).contains(UNKNOWN);
        assertThat(got.get(1).getLogMessage().getSourceType()).isEqualTo("LGR");
        assertThat(heardOf(got.get(1))).isBetween(begun.minusMillis(1), Instant.now());
        assertThat(got.get(2).getCounterEvent().getName()).isEqualTo("TruncatingBuffer.DroppedMessages");
        assertThat(text(got.get(3))).isEqualTo("after");
        got = app.received(4);
        assertThat(text(got.get(1))).startsWith(LOST);
        assertThat(text(got.get(3))).isEqualTo("after");
        assertThat(controller.metric("dopplers_lost_total")).isEqualTo(1);
    }

    @Test
    void nobodyIsToldOfOneThatIsBack() {
        StreamClient app = follow("app");
        later();
        doppler.breakLink();
        doppler.linkedAfter(1);
        clock.advance(GRACE, 1);
        doppler.tails(1, List.of(Envelopes.log("app", "after")));
        assertThat(text(app.received(1).get(0))).isEqualTo("after");
        assertThat(controller.metric("dopplers_lost_total")).isZero();
    }

    @Test
    void nobodyIsToldOfOneThatSaidGoodbye() {
        StreamClient app = follow("app");
        later();
        doppler.goodbye();
        doppler.restartAs("second run");
        doppler.linkedAfter(1);
        clock.advance(GRACE, 1);
        doppler.tails(1, List.of(Envelopes.log("app", "after")));
        assertThat(text(app.received(1).get(0))).isEqualTo("after");
    }

    @Test
    void oneThatStaysAwayIsLostAfterTheGrace() {
        StreamClient app = follow("app");
        later();
        doppler.stopListening();
        await().until(() -> controller.metric("doppler_links") == 0);
        StreamClient late = connect("/apps/app/stream");
        clock.advance(GRACE.minusMillis(1), 2);
        assertThat(app.count()).isZero();

        clock.advance(Duration.ofMillis(1), 2);

        assertThat(text(app.received(2).get(0))).startsWith(LOST);
        assertThat(controller.metric("dopplers_lost_total")).isEqualTo(1);
        doppler.listenAgain();
        doppler.linkedAfter(1);
        doppler.tails(1, List.of(Envelopes.log("app", "after")));
        // Who came when the link was gone had nothing to lose.
        assertThat(text(late.received(1).get(0))).isEqualTo("after");
    }

    /** What they had not been sent may have come long before the Doppler was last heard of. */
    @Test
    void whoHadNoRoomIsToldNoTimes() throws Exception {
        AcknowledgingClient behind = acknowledging("behind", 1 << 10);
        AcknowledgingClient upToDate = acknowledging("up-to-date", 16 << 20);
        long member = doppler.member("behind");
        doppler.member("up-to-date");
        for (int sequence = 1; sequence <= 80; sequence++) {
            doppler.deliver(member, sequence, Envelopes.largeLogs("app", 0, 16));
        }
        while (!behind.next().header().hasBatch()) {}
        later();

        doppler.restartAs("second run");

        Gap told = gap(upToDate);
        assertThat(told.getCount()).isZero();
        assertThat(told.getReason()).isEqualTo("doppler_lost");
        assertThat(Instant.ofEpochMilli(told.getFirstMillis())).isBetween(begun.minusMillis(1), Instant.now());
        assertThat(told.getLastMillis()).isGreaterThanOrEqualTo(told.getFirstMillis());
        behind.credit(16 << 20);
        told = gap(behind);
        assertThat(told.getReason()).isEqualTo("doppler_lost");
        assertThat(told.getFirstMillis()).isZero();
    }

    private AcknowledgingClient acknowledging(String subscription, long credit) throws Exception {
        return new AcknowledgingClient(vertx, controller.port(), "/firehose/" + subscription)
                .start(Start.newBuilder().setCredit(credit));
    }

    private static Gap gap(AcknowledgingClient client) throws Exception {
        Message message = client.next();
        while (!message.header().hasGap()) {
            message = client.next();
        }
        return message.header().getGap();
    }

    private StreamClient connect(String path) {
        return Library.VERTX.connect(vertx, controller.port(), path);
    }

    private StreamClient follow(String app) {
        StreamClient client = connect("/apps/" + app + "/stream");
        await().until(() -> FakeDoppler.followed(doppler.linked()).contains(app));
        return client;
    }

    /** So much later that who is there was there before. */
    private void later() {
        clock.advance(Duration.ofMillis(1));
    }

    private static String text(Envelope envelope) {
        return envelope.getLogMessage().getMessage().toStringUtf8();
    }

    private static Instant heardOf(Envelope notice) {
        String text = text(notice);
        return Instant.parse(text.substring(LOST.length(), text.indexOf(UNKNOWN)));
    }
}
