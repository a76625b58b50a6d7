package io.loggregator.doppler;

import static io.loggregator.doppler.RunningDoppler.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.loggregator.link.v1.Filter;
import io.loggregator.link.v1.Gap;
import io.loggregator.link.v1.Join;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.cloudfoundry.loggregator.v2.LoggregatorIngress.BatchSenderResponse;
import org.junit.jupiter.api.Test;

/** A stop: nothing more comes in, what is there is handed over, what does not fit is told, then links end. */
class StopTest {
    /** More than any test needs. */
    private static final Duration AMPLE = Duration.ofMinutes(5);
    /** So little that what has to wait does not fit. */
    private static final Duration SHORT = Duration.ofMillis(200);

    @Test
    void nothingThatWasAcceptedIsLostForReadersThatConfirm() {
        try (RunningDoppler doppler = RunningDoppler.plain(2);
                Emitter emitter = Emitter.plain(doppler);
                LinkClient link = LinkClient.open(doppler)) {
            link.join(1, "firehose");
            Upload<EnvelopeBatch, BatchSenderResponse> upload = emitter.batchSender();
            upload.sendAll(Envelopes.batches(Envelopes.logs("app", 0, 20_000), 10));
            eventually(() -> assertThat(doppler.metric("ingress_total")).isPositive());

            doppler.stopAccepting();
            RunningDoppler.await(doppler.doppler().handOver(AMPLE));
            RunningDoppler.await(doppler.doppler().stopReaders());

            upload.end();
            assertThat(link.closed()).startsWith("1001 ");
            int accepted = Math.toIntExact(doppler.metric("ingress_total"));
            List<Integer> delivered = Envelopes.numbers(link.delivered(1));
            assertThat(delivered).isEqualTo(Envelopes.numbers(0, accepted));
            assertThat(doppler.metric("egress_total")).isEqualTo(accepted);
            assertThat(doppler.metric("dropped_total")).isZero();
        }
    }

    @Test
    void aSilentStreamIsAnsweredAsIfTheAgentHadEndedIt() {
        try (RunningDoppler doppler = RunningDoppler.plain();
                Emitter emitter = Emitter.plain(doppler)) {
            Upload<EnvelopeBatch, BatchSenderResponse> upload = emitter.batchSender();
            upload.sendAll(Envelopes.batches(Envelopes.logs("app", 0, 1_000), 100));
            eventually(() -> assertThat(doppler.metric("ingress_total")).isEqualTo(1_000));

            doppler.stopAccepting();

            assertThat(upload.end().getCode()).isEqualTo(Status.Code.OK);
            assertThat(upload.answers()).hasSize(1);
        }
    }

    @Test
    void theHandOverEndsWhenAllIsConfirmedAndNotBefore() {
        try (RunningDoppler doppler = RunningDoppler.plain();
                Emitter emitter = Emitter.plain(doppler);
                LinkClient link = LinkClient.open(doppler)) {
            link.join(1, "firehose", Filter.ALL, false);
            emitter.emit(Envelopes.logs("app", 0, 1_000));
            eventually(() -> assertThat(link.delivered(1)).hasSize(1_000));

            doppler.stopAccepting();
            Future<Void> handedOver = doppler.doppler().handOver(AMPLE);
            link.settle();
            assertThat(handedOver.isComplete()).isFalse();

            link.confirmFromNowOn(1);
            RunningDoppler.await(handedOver);
            assertThat(doppler.metric("egress_total")).isEqualTo(1_000);
        }
    }

    @Test
    void aClientThatComesBackGetsWhatWaitedForIt() {
        try (RunningDoppler doppler = RunningDoppler.plain();
                Emitter emitter = Emitter.plain(doppler);
                LinkClient link = LinkClient.open(doppler);
                LinkClient elsewhere = LinkClient.open(doppler)) {
            link.join(1, "firehose");
            link.leave(1);
            emitter.emit(Envelopes.logs("app", 0, 1_000));

            doppler.stopAccepting();
            Future<Void> handedOver = doppler.doppler().handOver(AMPLE);
            link.settle();
            assertThat(handedOver.isComplete()).isFalse();

            elsewhere.join(7, "firehose");
            RunningDoppler.await(handedOver);
            assertThat(Envelopes.numbers(elsewhere.delivered(7))).isEqualTo(Envelopes.numbers(0, 1_000));
            assertThat(doppler.metric("dropped_total")).isZero();
        }
    }

    @Test
    void whatWaitsForAClientThatDoesNotComeBackIsCounted() {
        try (RunningDoppler doppler = RunningDoppler.plain();
                Emitter emitter = Emitter.plain(doppler);
                LinkClient link = LinkClient.open(doppler)) {
            link.join(1, "firehose");
            link.leave(1);
            emitter.emit(Envelopes.logs("app", 0, 1_000));

            doppler.stopAccepting();
            RunningDoppler.await(doppler.doppler().handOver(SHORT));
            assertThat(doppler.metric("dropped_total", "reason=\"stopped\"", "place=\"group\""))
                    .isEqualTo(1_000);
            assertThat(doppler.metric("subscription_envelopes_total", "what=\"stopped\""))
                    .isEqualTo(1_000);
        }
    }

    @Test
    void whatDoesNotFitIsToldExactlyAndBeforeTheGoodbye() {
        try (RunningDoppler doppler = RunningDoppler.plain();
                Emitter emitter = Emitter.plain(doppler);
                LinkClient link = LinkClient.open(doppler)) {
            link.join(
                    Join.newBuilder()
                            .setMember(1)
                            .setProtocol("v1")
                            .setSubscription("firehose")
                            .setWindowBytes(1),
                    false);
            emitter.emit(Envelopes.logs("app", 0, 100));
            eventually(() -> assertThat(link.delivered(1)).isNotEmpty());
            int sent = link.delivered(1).size();
            emitter.emit(Envelopes.logs("app", 100, 1_000));

            doppler.stopAccepting();
            Future<Void> handedOver = doppler.doppler().handOver(SHORT);
            assertThatThrownBy(() -> RunningDoppler.await(handedOver)).hasMessageContaining("1000 envelopes");
            link.confirmFromNowOn(1);
            link.settle();
            RunningDoppler.await(doppler.doppler().stopReaders());

            assertThat(link.closed()).startsWith("1001 ");
            assertThat(link.delivered(1)).hasSize(sent);
            Gap gap = link.gaps(1).get(0);
            assertThat(gap.getReason()).isEqualTo("stopped");
            assertThat(gap.getCount()).isEqualTo(1_000 - sent);
            assertThat(gap.getDelivery().getSequence()).isEqualTo(2);
            assertThat(doppler.metric("dropped_total", "reason=\"stopped\"")).isEqualTo(1_000 - sent);
            assertThat(doppler.metric("egress_total")).isEqualTo(sent);
            assertThat(link.received().get(link.received().size() - 1).header().hasGoodbye())
                    .isTrue();
        }
    }

    @Test
    void whatWasSentAndNotConfirmedIsUncertain() {
        try (RunningDoppler doppler = RunningDoppler.plain();
                Emitter emitter = Emitter.plain(doppler);
                LinkClient link = LinkClient.open(doppler)) {
            link.join(1, "firehose", Filter.ALL, false);
            emitter.emit(Envelopes.logs("app", 0, 1_000));
            eventually(() -> assertThat(link.delivered(1)).hasSize(1_000));

            doppler.stopAccepting();
            Future<Void> handedOver = doppler.doppler().handOver(SHORT);
            assertThatThrownBy(() -> RunningDoppler.await(handedOver)).hasMessageContaining("1000 envelopes");
            RunningDoppler.await(doppler.doppler().stopReaders());

            eventually(() -> assertThat(doppler.metric("dropped_total", "reason=\"unconfirmed\""))
                    .isEqualTo(1_000));
            assertThat(link.gaps()).isEmpty();
        }
    }

    @Test
    void newStreamsAreRefused() {
        try (RunningDoppler doppler = RunningDoppler.plain();
                Emitter emitter = Emitter.plain(doppler)) {
            emitter.emit(Envelopes.logs("app", 0, 1));

            doppler.stopAccepting();

            assertThat(emitter.batchSender().complete().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(doppler.metric("ingress_total")).isEqualTo(1);
        }
    }
}
