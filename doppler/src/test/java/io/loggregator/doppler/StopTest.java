package io.loggregator.doppler;

import static io.loggregator.doppler.RunningDoppler.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.loggregator.link.v1.Filter;
import io.vertx.core.Future;
import java.util.List;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.cloudfoundry.loggregator.v2.LoggregatorIngress.BatchSenderResponse;
import org.junit.jupiter.api.Test;

/** A stop: nothing more comes in, what is there is handed over, then links end. */
class StopTest {
    @Test
    void nothingThatWasAcceptedIsLostForReadersThatConfirm() {
        try (RunningDoppler doppler = RunningDoppler.plain(2);
                Emitter emitter = Emitter.plain(doppler);
                LinkClient link = LinkClient.open(doppler)) {
            link.join(1, "firehose");
            Upload<EnvelopeBatch, BatchSenderResponse> upload = emitter.batchSender();
            upload.sendAll(Envelopes.batches(Envelopes.logs("app", 0, 20_000), 10));
            eventually(() -> assertThat(doppler.metric("ingress_total")).isPositive());

            doppler.doppler().stopAccepting();
            RunningDoppler.await(doppler.doppler().drained());
            RunningDoppler.await(doppler.doppler().stopLinks());

            assertThat(upload.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(link.closed()).startsWith("1001 ");
            int accepted = Math.toIntExact(doppler.metric("ingress_total"));
            List<Integer> delivered = Envelopes.numbers(link.delivered(1));
            assertThat(delivered).isEqualTo(Envelopes.numbers(0, accepted));
            assertThat(doppler.metric("egress_total")).isEqualTo(accepted);
            assertThat(doppler.metric("dropped_total")).isZero();
        }
    }

    @Test
    void itIsDrainedWhenAllIsConfirmedAndNotBefore() {
        try (RunningDoppler doppler = RunningDoppler.plain();
                Emitter emitter = Emitter.plain(doppler);
                LinkClient link = LinkClient.open(doppler)) {
            link.join(1, "firehose", Filter.ALL, false);
            emitter.emit(Envelopes.logs("app", 0, 1_000));
            eventually(() -> assertThat(link.delivered(1)).hasSize(1_000));

            doppler.doppler().stopAccepting();
            Future<Void> drained = doppler.doppler().drained();
            link.settle();
            assertThat(drained.isComplete()).isFalse();

            link.confirmFromNowOn(1);
            RunningDoppler.await(drained);
            assertThat(doppler.metric("egress_total")).isEqualTo(1_000);
        }
    }

    @Test
    void groupsThatWaitForSomebodyDoNotHoldItUp() {
        try (RunningDoppler doppler = RunningDoppler.plain();
                Emitter emitter = Emitter.plain(doppler);
                LinkClient link = LinkClient.open(doppler)) {
            link.join(1, "firehose");
            link.leave(1);
            emitter.emit(Envelopes.logs("app", 0, 1_000));

            doppler.doppler().stopAccepting();
            RunningDoppler.await(doppler.doppler().drained());
        }
    }

    @Test
    void newStreamsAreRefused() {
        try (RunningDoppler doppler = RunningDoppler.plain();
                Emitter emitter = Emitter.plain(doppler)) {
            emitter.emit(Envelopes.logs("app", 0, 1));

            doppler.doppler().stopAccepting();

            assertThat(emitter.batchSender().complete().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(doppler.metric("ingress_total")).isEqualTo(1);
        }
    }
}
