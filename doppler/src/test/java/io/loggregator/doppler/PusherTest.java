package io.loggregator.doppler;

import static io.loggregator.doppler.RunningDoppler.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.cloudfoundry.loggregator.plumbing.EnvelopeData;
import org.cloudfoundry.loggregator.plumbing.PushResponse;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code plumbing.DopplerIngestor/Pusher}. */
class PusherTest {
    private RunningDoppler doppler;
    private Emitter emitter;
    private LinkClient link;

    @BeforeEach
    void start() {
        doppler = RunningDoppler.plain();
        emitter = Emitter.plain(doppler);
        link = LinkClient.open(doppler);
        link.join(1, "firehose");
    }

    @AfterEach
    void stop() {
        link.close();
        emitter.close();
        doppler.close();
    }

    private static EnvelopeData data(byte[] envelope) {
        return EnvelopeData.newBuilder()
                .setPayload(ByteString.copyFrom(envelope))
                .build();
    }

    @Test
    void envelopesComeInOrderAndTheEndIsAnsweredWithOk() {
        Upload<EnvelopeData, PushResponse> upload = emitter.pusher();

        V1Envelopes.logs("app", 0, 3_000).forEach(envelope -> upload.send(data(envelope)));

        assertThat(upload.complete()).returns(Status.Code.OK, Status::getCode);
        assertThat(upload.answers()).containsExactly(PushResponse.getDefaultInstance());
        eventually(() -> assertThat(Envelopes.numbers(link.delivered(1))).isEqualTo(Envelopes.numbers(0, 3_000)));
        assertThat(received("messages")).isEqualTo(3_000);
        assertThat(received("envelopes")).isEqualTo(3_000);
        doppler.balances();
    }

    @Test
    void tagsArePreferred() {
        assertThat(emitter.pusher()
                        .send(data(V1Envelopes.log("app", 1).toByteArray()))
                        .complete()
                        .isOk())
                .isTrue();

        eventually(() -> assertThat(link.delivered(1)).singleElement().satisfies(envelope -> {
            assertThat(envelope.getSourceId()).isEqualTo("app");
            assertThat(envelope.getTagsMap()).containsEntry("origin", "rep").containsEntry("__v1_type", "LogMessage");
            assertThat(envelope.getDeprecatedTagsMap()).isEmpty();
        }));
    }

    @Test
    void aBadEnvelopeIsLeftOutAndTheStreamGoesOn() {
        Upload<byte[], byte[]> upload = emitter.rawPusher();
        byte[] good = data(V1Envelopes.log("app", 1).toByteArray()).toByteArray();

        upload.send(data("no envelope".getBytes(StandardCharsets.UTF_8)).toByteArray());
        upload.send(new byte[0]);
        upload.send(new byte[] {(byte) 0x0A, 100, 1});
        upload.send(new byte[] {(byte) 0xFF});
        upload.send(data(V1Envelopes.ofOldType()).toByteArray());
        upload.send(good);

        assertThat(upload.complete()).returns(Status.Code.OK, Status::getCode);
        eventually(() -> assertThat(link.delivered(1))
                .extracting(Envelope::getMessageCase)
                .containsExactly(Envelope.MessageCase.LOG));
        assertThat(leftOut("undecodable")).isEqualTo(4);
        assertThat(leftOut("unknown_event_type")).isEqualTo(1);
        assertThat(received("messages")).isEqualTo(6);
    }

    @Test
    void anEnvelopeLargerThanABatchIsTakenWhole() {
        byte[] large = V1Envelopes.log("app", 1, 5 << 20).toByteArray();
        assertThat(emitter.pusher().send(data(large)).complete().isOk()).isTrue();

        eventually(() -> assertThat(link.delivered(1))
                .singleElement()
                .satisfies(envelope ->
                        assertThat(envelope.getLog().getPayload().size()).isGreaterThan(5 << 20)));
    }

    @Test
    void aStopEndsAStreamInALull() {
        Upload<EnvelopeData, PushResponse> upload = emitter.pusher();
        upload.send(data(V1Envelopes.log("app", 1).toByteArray()));
        eventually(() -> assertThat(doppler.metric("ingress_total")).isEqualTo(1));

        doppler.doppler().stopAccepting(Duration.ofSeconds(10));

        assertThat(upload.end()).returns(Status.Code.OK, Status::getCode);
    }

    private long received(String what) {
        return doppler.metric("listeners_received_" + what + "_total", "protocol=\"grpc\"");
    }

    private long leftOut(String reason) {
        return doppler.metric("listeners_left_out_total", "protocol=\"grpc\"", "reason=\"" + reason + "\"");
    }
}
