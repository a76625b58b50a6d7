package io.loggregator.doppler;

import static io.loggregator.doppler.RunningDoppler.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.loggregator.link.v1.Filter;
import java.util.List;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.cloudfoundry.loggregator.v2.LoggregatorIngress.BatchSenderResponse;
import org.junit.jupiter.api.Test;

/** Agents' connections grow old: they are told to connect anew, then their streams end in a lull, with an answer. */
class IngressAgeTest {
    @Test
    void anOldStreamIsAnsweredInALullAndTheNextOneHasAnotherConnection() {
        try (RunningDoppler doppler = RunningDoppler.plain("INGRESS_MAX_AGE", "2s");
                Emitter emitter = Emitter.plain(doppler);
                LinkClient link = LinkClient.open(doppler)) {
            link.join(1, "firehose", Filter.ALL, true);
            Upload<EnvelopeBatch, BatchSenderResponse> first = emitter.batchSender();
            List<EnvelopeBatch> batches = Envelopes.batches(Envelopes.logs("app", 0, 2_000), 100);
            first.sendAll(batches.subList(0, 10));

            assertThat(first.end().getCode()).isEqualTo(Status.Code.OK);
            assertThat(first.answers()).hasSize(1);
            assertThat(emitter.batchSender()
                            .sendAll(batches.subList(10, 20))
                            .complete()
                            .getCode())
                    .isEqualTo(Status.Code.OK);

            eventually(() -> assertThat(Envelopes.numbers(link.delivered(1))).isEqualTo(Envelopes.numbers(0, 2_000)));
            assertThat(doppler.metric("ingress_refused_total")).isZero();
            assertThat(doppler.metric("ingress_streams_ended_total")).isPositive();
        }
    }

    @Test
    void withoutALimitStreamsLiveOn() {
        try (RunningDoppler aging = RunningDoppler.plain("INGRESS_MAX_AGE", "2s");
                RunningDoppler lasting = RunningDoppler.plain("INGRESS_MAX_AGE", "0s");
                Emitter toAging = Emitter.plain(aging);
                Emitter toLasting = Emitter.plain(lasting)) {
            Upload<EnvelopeBatch, BatchSenderResponse> lasts = toLasting.batchSender();
            Upload<EnvelopeBatch, BatchSenderResponse> ends = toAging.batchSender();
            ends.end();
            assertThat(lasts.hasEnded()).isFalse();
            assertThat(lasts.complete().getCode()).isEqualTo(Status.Code.OK);
        }
    }
}
