package io.loggregator.trafficcontroller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.loggregator.link.v1.Join;
import io.loggregator.streaming.v2.HeldBack;
import io.loggregator.streaming.v2.Start;
import io.loggregator.streaming.v2.ToClient;
import io.loggregator.trafficcontroller.AcknowledgingClient.Message;
import io.loggregator.trafficcontroller.link.FakeDoppler;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients of {@code loggregator.stream.v2} whose query filters. Time is the test's. */
class StreamV2FilterTest extends ControllerFixture {
    private final TestClock clock = new TestClock();

    @BeforeEach
    void start() throws Exception {
        doppler = FakeDoppler.start(vertx, "first run");
        controller = Controller.start(vertx, clock, Map.of(), doppler);
    }

    private AcknowledgingClient connect(String path) throws Exception {
        return new AcknowledgingClient(vertx, controller.port(), path)
                .start(Start.newBuilder().setCredit(1 << 30));
    }

    @ParameterizedTest
    @EnumSource(Filtered.class)
    void onlyWhatPassesTheFilterOfTheQueryComesAndTheRestIsCounted(Filtered filter) throws Exception {
        AcknowledgingClient firehose = connect("/firehose/a?" + filter.query());
        AcknowledgingClient appStream = connect("/apps/app/stream?" + filter.query());
        await().until(() -> FakeDoppler.joins(doppler.linked()).size() == 2);
        doppler.toAll(1, Filtered.envelopes("app"));
        for (AcknowledgingClient client : List.of(firehose, appStream)) {
            Message batch = client.next();
            assertThat(batch.envelopes()).isEqualTo(filter.passing("app"));
            assertThat(batch.header().getBatch().getEnvelopes())
                    .isEqualTo(filter.passing("app").size());
        }
        assertThat(controller.metric("stream_v2_held_back_total")).isEqualTo(2L * filter.heldBack());
        assertThat(FakeDoppler.joins(doppler.linked()))
                .as("clients share only with those that filter alike")
                .extracting(Join::getRefinement)
                .doesNotContain("");
    }

    @Test
    void aDeliveryOfWhichTheFilterLeavesNothingNeedsNoAckButWhatCameBefore() throws Exception {
        AcknowledgingClient client = connect("/firehose/a?grep=panic");
        long member = doppler.member("a");
        doppler.deliver(member, 1, Envelopes.logs("app", "calm", 0, 2));
        await().until(() -> doppler.confirmed(member, 0) == 1);
        doppler.deliver(member, 2, Envelopes.logs("app", "panic", 0, 1));
        doppler.deliver(member, 3, Envelopes.logs("app", "calm", 2, 3));
        Message panic = client.next();
        await().until(() -> controller.metric("stream_v2_held_back_total") == 3);
        assertThat(doppler.confirmed(member, 0)).isEqualTo(1);
        client.ack(panic.header().getBatch().getMark());
        await().until(() -> doppler.confirmed(member, 0) == 3);
    }

    @Test
    void howManyWereHeldBackIsToldEveryTenSecondsIfAnyWereAndBeforeTheEnd() throws Exception {
        AcknowledgingClient client = connect("/firehose/a?grep=b-");
        long member = doppler.member("a");
        doppler.deliver(
                member,
                1,
                List.of(Envelopes.log("app", "a-0"), Envelopes.log("app", "b-0"), Envelopes.log("app", "a-1")));
        assertThat(client.next().texts()).containsExactly("b-0");
        clock.advance(Duration.ofMillis(9_999), 1);
        doppler.deliver(member, 2, Envelopes.logs("app", "b", 1, 2));
        Message batch = client.next();
        assertThat(batch.texts()).containsExactly("b-1");
        client.ack(batch.header().getBatch().getMark());
        clock.advance(Duration.ofMillis(1));
        assertThat(client.next().header()).isEqualTo(heldBack(2, 2));

        // Nothing was held back since.
        clock.advance(Duration.ofSeconds(10), 1);
        doppler.deliver(member, 3, Envelopes.logs("app", "b", 2, 3));
        assertThat(client.next().texts()).containsExactly("b-2");
        // Ten seconds are over already; from here on they count again.
        doppler.deliver(member, 4, Envelopes.logs("app", "a", 2, 3));
        assertThat(client.next().header()).isEqualTo(heldBack(1, 3));
        doppler.deliver(member, 5, Envelopes.logs("app", "a", 3, 7));
        clock.advance(Duration.ofSeconds(9), 1);
        doppler.deliver(member, 6, Envelopes.logs("app", "b", 3, 4));
        assertThat(client.next().texts()).containsExactly("b-3");
        controller.stop();
        assertThat(client.next().header()).isEqualTo(heldBack(4, 7));
        assertThat(client.next().header().hasBye()).isTrue();
    }

    private static ToClient heldBack(long count, long total) {
        return ToClient.newBuilder()
                .setHeldBack(HeldBack.newBuilder().setCount(count).setTotal(total))
                .build();
    }
}
