package io.loggregator.doppler;

import static io.loggregator.doppler.RunningDoppler.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.cloudfoundry.dropsonde.events.EventFactory;
import org.cloudfoundry.loggregator.plumbing.BatchResponse;
import org.cloudfoundry.loggregator.plumbing.DopplerGrpc;
import org.cloudfoundry.loggregator.v2.EgressGrpc;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EgressBatchRequest;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Readers at the router port that do not keep up: nobody waits for them, and they are told exactly what they missed. */
class EgressLossTest {
    private static final int LOG_MIB = 4;
    /** Envelopes of a bit more than a kibibyte. */
    private static final int PADDING = 1_024;
    /** Three times what the log holds. */
    private static final int SENT = 3 * LOG_MIB * 1_024;

    private static final int STEP = 1_024;

    private RunningDoppler doppler;
    private Emitter emitter;
    private Subscriber slow;

    @BeforeEach
    void start() {
        doppler = RunningDoppler.plain("LOG_BYTES", LOG_MIB + "MiB");
        emitter = Emitter.plain(doppler);
        slow = Subscriber.plain(doppler);
    }

    @AfterEach
    void stop() {
        slow.close();
        emitter.close();
        doppler.close();
    }

    private void emit() {
        emit(0, SENT);
    }

    private void emit(int from, int to) {
        emitter.emit(IntStream.range(from, to)
                .mapToObj(i -> Envelopes.log("app", i, PADDING))
                .toList());
    }

    @Test
    void aV2ReaderIsToldInItsStreamWhatItMissed() {
        Download<EnvelopeBatch> stream = Download.paused(
                        slow.channel(),
                        EgressGrpc.getBatchedReceiverMethod(),
                        EgressBatchRequest.newBuilder()
                                .setShardId("slow")
                                .addSelectors(Subscriber.log(""))
                                .build())
                .opened();
        try (Subscriber fast = Subscriber.plain(doppler)) {
            Download<EnvelopeBatch> all = fast.v2("", Subscriber.log(""));

            // A step is less than the log holds, so that only who does not read at all misses something.
            for (int sent = 0; sent < SENT; sent += STEP) {
                emit(sent, sent + STEP);
                List<Integer> numbers = Envelopes.numbers(0, sent + STEP);
                eventually(() ->
                        assertThat(Envelopes.numbers(Subscriber.envelopes(all))).isEqualTo(numbers));
            }
        }
        stream.resume();

        eventually(() -> assertThat(v2Told(stream).accountedFor()).isEqualTo(SENT));
        assertThat(v2Told(stream).lagsBeforeLoss())
                .as("told that it lags before the first loss, and once")
                .isEqualTo(1);
        assertThat(doppler.metric("lag_notices_total")).isEqualTo(1);
        assertThat(lost()).isPositive();
        assertThat(doppler.metric("dropped_total", "place=\"group\"")).isEqualTo(lost());
        doppler.balances();
    }

    private static Told v2Told(Download<EnvelopeBatch> stream) {
        Told told = new Told();
        for (Envelope envelope : Subscriber.envelopes(stream)) {
            String lost = envelope.getTagsMap().get("loss_count");
            if (isLag(envelope)) {
                told.lags();
            } else if (lost == null) {
                told.came((int) envelope.getTimestamp());
            } else {
                told.lost(Long.parseLong(lost));
            }
        }
        return told;
    }

    /** How many envelopes came to one that does not get all, with those that it was told are lost. */
    private static long counted(Download<EnvelopeBatch> stream) {
        return Subscriber.envelopes(stream).stream()
                .mapToLong(
                        envelope -> isLag(envelope) ? 0 : Long.parseLong(envelope.getTagsOrDefault("loss_count", "1")))
                .sum();
    }

    private static boolean isLag(Envelope envelope) {
        return envelope.containsTags("lag_millis");
    }

    @Test
    void aV1ReaderIsToldInItsStreamWhatItMissed() {
        Download<BatchResponse> stream = Download.paused(
                        slow.channel(), DopplerGrpc.getBatchSubscribeMethod(), Subscriber.request("slow", null))
                .opened();

        emit();
        stream.resume();

        eventually(() -> assertThat(v1Told(stream).accountedFor()).isEqualTo(SENT));
        assertThat(v1Told(stream).lagsBeforeLoss()).as("a line and a counter").isEqualTo(2);
        assertThat(lost()).isPositive();
        assertThat(doppler.metric("egress_stream_dropped_total", "protocol=\"v1\""))
                .isEqualTo(lost());
        assertThat(Subscriber.v1Envelopes(stream))
                .anySatisfy(
                        notice -> assertThat(notice.getLogMessage().getMessage().toStringUtf8())
                                .startsWith("Log message output is too high. "));
        doppler.balances();
    }

    private static Told v1Told(Download<BatchResponse> stream) {
        Told told = new Told();
        for (EventFactory.Envelope envelope : Subscriber.v1Envelopes(stream)) {
            if (envelope.containsTags("lag_millis")) {
                told.lags();
            } else if (envelope.hasCounterEvent()) {
                assertThat(envelope.getCounterEvent().getName()).isEqualTo("TruncatingBuffer.DroppedMessages");
                told.lost(envelope.getCounterEvent().getDelta());
            } else if (!envelope.getOrigin().equals("DopplerServer")) {
                told.came((int) envelope.getTimestamp());
            }
        }
        return told;
    }

    private long lost() {
        return doppler.metric("egress_stream_dropped_total");
    }

    @Test
    void anotherOfTheShardGoesOnInTheSlowOnesPlace() {
        EgressBatchRequest request = EgressBatchRequest.newBuilder()
                .setShardId("shard")
                .addSelectors(Subscriber.log(""))
                .build();
        Download.paused(slow.channel(), EgressGrpc.getBatchedReceiverMethod(), request)
                .opened();
        try (Subscriber fast = Subscriber.plain(doppler)) {
            Download<EnvelopeBatch> rest = fast.v2(request);
            emit();
            slow.close();

            eventually(() -> assertThat(doppler.metric("egress_streams")).isEqualTo(1));
            doppler.balances();
            // The connection takes no more of an unread stream than its flow control window.
            eventually(
                    () -> assertThat(counted(rest)).isBetween((long) SENT - Subscriber.WINDOW / PADDING, (long) SENT));
        }
    }
}
