package io.loggregator.trafficcontroller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.stream.Stream;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EgressBatchRequest;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Value;
import org.junit.jupiter.api.Test;

/** Readers on the RLP port that are told that they lag. */
class EgressLagTest extends EgressFixture {
    @Test
    void aReaderIsToldByEnvelopesWithTagsOfTheirOwn() {
        EgressClient reader = EgressClient.batched(
                        channel, logs("both").toBuilder().addSelectors(COUNTERS).build())
                .served();
        long member = joined("both").getMember();
        doppler.lag(member, 0, 1_500, 1_024, 4_096);
        doppler.deliver(member, 1, Envelopes.logs("app", "line", 0, 1));

        List<Envelope> got = reader.received(3);
        assertThat(got.subList(0, 2))
                .allSatisfy(notice -> assertThat(notice.getTagsMap())
                        .containsEntry("lag_millis", "1500")
                        .containsEntry("lag_bytes", "1024")
                        .containsEntry("lag_limit_bytes", "4096")
                        .doesNotContainKey("loss_count"));
        assertThat(got.get(0).getTagsMap()).containsEntry("source_type", "LGR");
        assertThat(got.get(0).getLog().getPayload().toStringUtf8()).startsWith("This reader lags: ");
        assertThat(got.get(1).getCounter().getName()).isEqualTo("LaggingReader.Notices");
        assertThat(got.get(2).getLog().getPayload().toStringUtf8()).isEqualTo("line-0");
        await().until(() -> controller.metric("lag_notices_total") == 1);
        assertThat(controller.metric("loss_notices_total")).isZero();
    }

    @Test
    void whoWantsTheOldTagsGetsThose() {
        EgressClient reader = EgressClient.batched(
                        channel,
                        EgressBatchRequest.newBuilder()
                                .setShardId("old")
                                .addSelectors(LOGS)
                                .build())
                .served();
        doppler.lag(joined("old").getMember(), 0, 1_500, 1_024, 4_096);
        Envelope notice = reader.received(1).get(0);
        assertThat(notice.getTagsMap()).isEmpty();
        assertThat(Stream.of("lag_millis", "source_type").map(notice.getDeprecatedTagsMap()::get))
                .containsExactly(
                        Value.newBuilder().setText("1500").build(),
                        Value.newBuilder().setText("LGR").build());
    }
}
