package io.loggregator.trafficcontroller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import io.loggregator.link.v1.Batch;
import io.loggregator.link.v1.Delivery;
import io.loggregator.trafficcontroller.link.FakeDoppler;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Readers on the RLP port that do not read, and what a stop gives those that do. */
class EgressReadingTest extends EgressFixture {
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
        assertThat(status.getDescription())
                .matches("slow consumer: nothing was read for 1.0 s while envelopes waited \\(SLOW_CONSUMER_TIMEOUT\\);"
                        + " took [\\d.]+ of [1-9]\\d* envelopes/s");
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

    @Test
    void whoLeavesHasConfirmedWhatItWasHanded() {
        EgressClient reader = EgressClient.batched(channel, logs("leaving")).served();
        long member = joined("leaving").getMember();
        doppler.deliver(member, 1, Envelopes.logs("app", "line", 0, 10));
        reader.received(10);
        reader.cancel();
        await().until(() -> FakeDoppler.leaves(doppler.linked()).contains(member));
        assertThat(doppler.confirmed(member, 0))
                .as("else others would get it again")
                .isEqualTo(1);
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
}
