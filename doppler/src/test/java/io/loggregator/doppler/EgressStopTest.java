package io.loggregator.doppler;

import static io.loggregator.doppler.RunningDoppler.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.stream.IntStream;
import org.cloudfoundry.loggregator.plumbing.BatchResponse;
import org.cloudfoundry.loggregator.v2.EgressGrpc;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EgressBatchRequest;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.junit.jupiter.api.Test;

/** A stop: readers at the router port get what was taken in, then their streams end with OK. */
class EgressStopTest {
    private static final Duration AMPLE = Duration.ofMinutes(5);
    private static final Duration SHORT = Duration.ofMillis(200);

    @Test
    void streamsEndWithOkWhenAllHasBeenWritten() {
        try (RunningDoppler doppler = RunningDoppler.plain(2);
                Emitter emitter = Emitter.plain(doppler);
                Subscriber subscriber = Subscriber.plain(doppler)) {
            Download<EnvelopeBatch> v2 = subscriber.v2("shard", Subscriber.log(""));
            Download<BatchResponse> v1 = subscriber.v1("", null);
            Download<EnvelopeBatch> nothing = subscriber.v2("");
            emitter.emit(Envelopes.logs("app", 0, 20_000));

            doppler.stopAccepting();
            RunningDoppler.await(doppler.doppler().handOver(AMPLE));
            RunningDoppler.await(doppler.doppler().stopReaders());

            assertThat(v2.end().getCode()).isEqualTo(Status.Code.OK);
            assertThat(v1.end().getCode()).isEqualTo(Status.Code.OK);
            assertThat(nothing.end().getCode()).isEqualTo(Status.Code.OK);
            assertThat(Envelopes.numbers(Subscriber.envelopes(v2))).isEqualTo(Envelopes.numbers(0, 20_000));
            assertThat(Subscriber.v1Envelopes(v1)).hasSize(20_000);
            assertThat(doppler.metric("dropped_total")).isZero();
        }
    }

    @Test
    void theHandOverWaitsForASlowReader() {
        try (RunningDoppler doppler = RunningDoppler.plain();
                Emitter emitter = Emitter.plain(doppler);
                Subscriber subscriber = Subscriber.plain(doppler)) {
            Download<EnvelopeBatch> slow = paused(subscriber);
            emit(emitter);

            doppler.stopAccepting();
            Future<Void> handedOver = doppler.doppler().handOver(AMPLE);
            assertThat(handedOver.isComplete()).isFalse();

            slow.resume();
            RunningDoppler.await(handedOver);
            RunningDoppler.await(doppler.doppler().stopReaders());
            assertThat(slow.end().getCode()).isEqualTo(Status.Code.OK);
            assertThat(Subscriber.envelopes(slow)).hasSize(5_000);
        }
    }

    @Test
    void aReaderThatTakesNothingHoldsNoStopUp() {
        try (RunningDoppler doppler = RunningDoppler.plain();
                Emitter emitter = Emitter.plain(doppler);
                Subscriber subscriber = Subscriber.plain(doppler)) {
            paused(subscriber);
            emit(emitter);
            eventually(() ->
                    assertThat(doppler.metric("egress_stream_waiting_bytes")).isPositive());

            doppler.stopAccepting();
            Future<Void> handedOver = doppler.doppler().handOver(SHORT);
            assertThatThrownBy(() -> RunningDoppler.await(handedOver)).hasMessageContaining("did not fit");
            RunningDoppler.await(doppler.doppler().stopReaders());

            eventually(() -> assertThat(doppler.metric("egress_streams")).isZero());
        }
    }

    private static Download<EnvelopeBatch> paused(Subscriber subscriber) {
        return Download.paused(
                        subscriber.channel(),
                        EgressGrpc.getBatchedReceiverMethod(),
                        EgressBatchRequest.newBuilder()
                                .addSelectors(Subscriber.log(""))
                                .build())
                .opened();
    }

    private static void emit(Emitter emitter) {
        emitter.emit(IntStream.range(0, 5_000)
                .mapToObj(i -> Envelopes.log("app", i, 1_000))
                .toList());
    }
}
