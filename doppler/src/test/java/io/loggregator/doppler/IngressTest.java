package io.loggregator.doppler;

import static java.util.Collections.nCopies;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.List;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorIngress.BatchSenderResponse;
import org.cloudfoundry.loggregator.v2.LoggregatorIngress.IngressResponse;
import org.cloudfoundry.loggregator.v2.LoggregatorIngress.SendResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What agents send and get answered. */
class IngressTest {
    private static final int LARGEST_MESSAGE = 10 * 1024 * 1024;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long MEMBER = 1;

    private RunningDoppler doppler;
    private Emitter emitter;
    private LinkClient link;

    @BeforeEach
    void start() {
        doppler = RunningDoppler.plain();
        emitter = Emitter.plain(doppler);
        link = LinkClient.open(doppler);
        link.join(MEMBER, "firehose");
    }

    @AfterEach
    void stop() {
        link.close();
        emitter.close();
        doppler.close();
    }

    @Test
    void thousandsOfEnvelopesInBatchesArriveOnceAndInOrder() {
        List<Envelope> sent = Envelopes.logs("app", 0, 10_000);

        Upload<?, BatchSenderResponse> upload = emitter.batchSender().sendAll(Envelopes.batches(sent, 37));

        assertThat(upload.complete()).returns(Status.Code.OK, Status::getCode);
        assertThat(upload.answers()).containsExactly(BatchSenderResponse.getDefaultInstance());
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(link.delivered(MEMBER)).isEqualTo(sent));
        everythingIsAccountedFor(10_000);
        assertThat(doppler.metric("ingress_messages_total")).isEqualTo(271);
    }

    @Test
    void singleEnvelopesArriveOnceAndInOrder() {
        List<Envelope> sent = Envelopes.logs("app", 0, 3_000);

        Upload<?, IngressResponse> upload = emitter.sender().sendAll(sent);

        assertThat(upload.complete()).returns(Status.Code.OK, Status::getCode);
        assertThat(upload.answers()).containsExactly(IngressResponse.getDefaultInstance());
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(link.delivered(MEMBER)).isEqualTo(sent));
        everythingIsAccountedFor(3_000);
    }

    @Test
    void aBatchCanBeSentInACallOfItsOwn() {
        List<Envelope> sent = Envelopes.logs("app", 0, 500);

        for (int i = 0; i < 500; i += 100) {
            assertThat(emitter.blocking().send(Envelopes.batch(sent.subList(i, i + 100))))
                    .isEqualTo(SendResponse.getDefaultInstance());
        }

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(link.delivered(MEMBER)).isEqualTo(sent));
        everythingIsAccountedFor(500);
    }

    @Test
    void aStreamWithoutAMessageIsAnsweredToo() {
        Upload<?, BatchSenderResponse> upload = emitter.batchSender();

        assertThat(upload.complete()).returns(Status.Code.OK, Status::getCode);
        assertThat(upload.answers()).containsExactly(BatchSenderResponse.getDefaultInstance());
    }

    @Test
    void anEmptyBatchIsNothing() {
        Upload<byte[], byte[]> upload = emitter.rawBatchSender().send(new byte[0]);

        assertThat(upload.complete()).returns(Status.Code.OK, Status::getCode);
        assertThat(doppler.metric("ingress_messages_total")).isEqualTo(1);
        assertThat(doppler.metric("ingress_total")).isZero();
        assertThat(doppler.metric("ingress_malformed_total")).isZero();
    }

    @Test
    void anEmptyEnvelopeIsAnEnvelope() {
        Upload<byte[], byte[]> upload = emitter.rawSender().send(new byte[0]);

        assertThat(upload.complete()).returns(Status.Code.OK, Status::getCode);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(link.delivered(MEMBER)).containsExactly(Envelope.getDefaultInstance()));
        everythingIsAccountedFor(1);
    }

    @Test
    void sourceIdsMayBeEmptyOrLong() {
        List<Envelope> sent = List.of(
                Envelopes.log("", 1),
                Envelopes.containerMetric("", 0, 2),
                Envelopes.log("s".repeat(10_240), 3),
                Envelopes.log("ü".repeat(10_240), 4));

        emitter.emit(sent);

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(link.delivered(MEMBER)).isEqualTo(sent));
        everythingIsAccountedFor(4);
    }

    @Test
    void aMessageOfExactlyTenMebibytesPasses() {
        Envelope largest = batchOf(LARGEST_MESSAGE);

        assertThat(emitter.batchSender().send(Envelopes.batch(largest)).complete())
                .returns(Status.Code.OK, Status::getCode);

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(link.delivered(MEMBER)).hasSize(1));
        assertThat(link.delivered(MEMBER).get(0).equals(largest)).isTrue();
        everythingIsAccountedFor(1);
    }

    @Test
    void aLargerMessageEndsItsStreamAndNoOther() {
        Upload<byte[], byte[]> other = emitter.rawBatchSender();
        other.send(Envelopes.batch(Envelopes.log("app", 0)).toByteArray());
        Envelope tooLarge = batchOf(LARGEST_MESSAGE + 1);

        Status end = emitter.batchSender().send(Envelopes.batch(tooLarge)).end();

        assertThat(end.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(doppler.metric("ingress_refused_total", "code=\"RESOURCE_EXHAUSTED\""))
                        .isEqualTo(1));
        other.send(Envelopes.batch(Envelopes.log("app", 1)).toByteArray());
        assertThat(other.complete()).returns(Status.Code.OK, Status::getCode);
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(Envelopes.numbers(link.delivered(MEMBER))).containsExactly(0, 1));
        everythingIsAccountedFor(2);
    }

    @Test
    void aMalformedEnvelopeInASoundBatchIsLeftOutAlone() {
        ByteArrayOutputStream batch = new ByteArrayOutputStream();
        batch.writeBytes(Envelopes.batch(Envelopes.logs("app", 0, 3)).toByteArray());
        byte[] truncatedVarint = {0x0A, 0x02, 0x08, (byte) 0x80};
        batch.writeBytes(truncatedVarint);
        batch.writeBytes(Envelopes.batch(Envelopes.logs("app", 3, 6)).toByteArray());

        Upload<byte[], byte[]> upload = emitter.rawBatchSender().send(batch.toByteArray());

        assertThat(upload.complete()).returns(Status.Code.OK, Status::getCode);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(link.delivered(MEMBER)).isEqualTo(Envelopes.logs("app", 0, 6)));
        assertThat(doppler.metric("ingress_malformed_total", "what=\"envelope\""))
                .isEqualTo(1);
        assertThat(doppler.metric("ingress_malformed_total", "what=\"batch\"")).isZero();
        assertThat(doppler.metric("ingress_malformed_total", "what=\"bytes\"")).isEqualTo(truncatedVarint.length);
        everythingIsAccountedFor(6);
    }

    @Test
    void anUnsoundBatchIsLeftOutWholeAndItsStreamGoesOn() {
        ByteArrayOutputStream batch = new ByteArrayOutputStream();
        batch.writeBytes(Envelopes.batch(Envelopes.log("app", 0)).toByteArray());
        batch.writeBytes(new byte[] {0x0A, 0x7F, 0x00});

        Upload<byte[], byte[]> upload = emitter.rawBatchSender()
                .send(batch.toByteArray())
                .send(Envelopes.batch(Envelopes.log("app", 1)).toByteArray());

        assertThat(upload.complete()).returns(Status.Code.OK, Status::getCode);
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(Envelopes.numbers(link.delivered(MEMBER))).containsExactly(1));
        assertThat(doppler.metric("ingress_malformed_total", "what=\"batch\"")).isEqualTo(1);
        assertThat(doppler.metric("ingress_malformed_total", "what=\"envelope\""))
                .isZero();
        assertThat(doppler.metric("ingress_malformed_total", "what=\"bytes\"")).isEqualTo(batch.size());
        everythingIsAccountedFor(1);
    }

    @Test
    void aMalformedSingleEnvelopeIsLeftOutAndItsStreamGoesOn() {
        Upload<byte[], byte[]> upload = emitter.rawSender()
                .send(new byte[] {0x08, (byte) 0x80})
                .send(Envelopes.log("app", 1).toByteArray());

        assertThat(upload.complete()).returns(Status.Code.OK, Status::getCode);
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(Envelopes.numbers(link.delivered(MEMBER))).containsExactly(1));
        assertThat(doppler.metric("ingress_malformed_total", "what=\"envelope\""))
                .isEqualTo(1);
        everythingIsAccountedFor(1);
    }

    @Test
    void streamsOfOneConnectionKeepTheirOrderEach() {
        List<Upload<byte[], byte[]>> uploads =
                nCopies(8, emitter).stream().map(Emitter::rawBatchSender).toList();

        for (int i = 0; i < 200; i++) {
            for (int stream = 0; stream < uploads.size(); stream++) {
                uploads.get(stream)
                        .send(Envelopes.batch(Envelopes.log("app-" + stream, i)).toByteArray());
            }
        }

        uploads.forEach(upload -> assertThat(upload.complete()).returns(Status.Code.OK, Status::getCode));
        await().atMost(PATIENCE).until(() -> link.delivered(MEMBER).size() == 1_600);
        for (int stream = 0; stream < uploads.size(); stream++) {
            String source = "app-" + stream;
            assertThat(link.delivered(MEMBER))
                    .filteredOn(envelope -> envelope.getSourceId().equals(source))
                    .isEqualTo(Envelopes.logs(source, 0, 200));
        }
        everythingIsAccountedFor(1_600);
    }

    /** An envelope that alone makes a batch of this many bytes. */
    private static Envelope batchOf(int bytes) {
        int padding = bytes - 64;
        Envelope envelope = Envelopes.log("app", 1, padding);
        while (Envelopes.batch(envelope).getSerializedSize() != bytes) {
            padding += bytes - Envelopes.batch(envelope).getSerializedSize();
            envelope = Envelopes.log("app", 1, padding);
        }
        return envelope;
    }

    private void everythingIsAccountedFor(long envelopes) {
        assertThat(doppler.metric("ingress_total")).isEqualTo(envelopes);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(doppler.metric("egress_total")).isEqualTo(envelopes));
        assertThat(doppler.metric("dropped_total")).isZero();
        assertThat(doppler.metric("subscription_envelopes_total", "what=\"accepted\""))
                .isEqualTo(envelopes);
    }
}
