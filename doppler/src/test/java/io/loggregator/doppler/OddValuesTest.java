package io.loggregator.doppler;

import static io.loggregator.doppler.RunningDoppler.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.grpc.Status;
import io.loggregator.link.v1.Join;
import io.loggregator.link.v1.ToDoppler;
import io.loggregator.rpc.RawMethods;
import java.util.List;
import org.cloudfoundry.dropsonde.events.EventFactory;
import org.cloudfoundry.dropsonde.events.HttpFactory;
import org.cloudfoundry.dropsonde.events.LogFactory;
import org.cloudfoundry.loggregator.plumbing.BatchResponse;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Text that is not UTF-8, and numbers of enums that nobody knows, wherever a peer may send them. */
class OddValuesTest {
    /** A string in field 1, and one in field 2. */
    private static final byte[] BAD_FIRST = {0x0A, 0x01, (byte) 0xFF};

    private static final byte[] BAD_SECOND = {0x12, 0x02, (byte) 0xC3, 0x28};

    private RunningDoppler doppler;
    private Emitter emitter;
    private Subscriber subscriber;

    @BeforeEach
    void start() {
        doppler = RunningDoppler.plain("DOPPLER_UDP_PORT", "0", "DOPPLER_UDP_UNSIGNED", "true");
        emitter = Emitter.plain(doppler);
        subscriber = Subscriber.plain(doppler);
    }

    @AfterEach
    void stop() {
        subscriber.close();
        emitter.close();
        doppler.close();
    }

    private static UnknownFieldSet number(int field, long value) {
        return UnknownFieldSet.newBuilder()
                .addField(
                        field,
                        UnknownFieldSet.Field.newBuilder().addVarint(value).build())
                .build();
    }

    // ---- text --------------------------------------------------------------------------------------------------

    @Test
    void anEnvelopeWithTextThatIsNotUtf8IsLeftOutAndCounted() {
        Download<EnvelopeBatch> read = subscriber.v2("", Subscriber.log(""));
        byte[] batch = Envelopes.batch(Envelopes.log("app", 1))
                .toByteString()
                .concat(ByteString.copyFrom(new byte[] {0x0A, (byte) BAD_SECOND.length}))
                .concat(ByteString.copyFrom(BAD_SECOND))
                .concat(Envelopes.batch(Envelopes.log("app", 2)).toByteString())
                .toByteArray();

        assertThat(emitter.rawBatchSender().send(batch).complete().getCode()).isEqualTo(Status.Code.OK);
        assertThat(emitter.rawSender().send(BAD_SECOND).complete().getCode()).isEqualTo(Status.Code.OK);

        eventually(
                () -> assertThat(Envelopes.numbers(Subscriber.envelopes(read))).containsExactly(1, 2));
        assertThat(doppler.metric("ingress_malformed_total", "what=\"envelope\""))
                .isEqualTo(2);
        assertThat(doppler.metric("ingress_total")).isEqualTo(2);
    }

    @Test
    void aV1EnvelopeWithTextThatIsNotUtf8IsUndecodable() {
        byte[] envelope = V1Envelopes.log("app", 1).toByteArray();
        // The first letter of the origin.
        envelope[2] = (byte) 0xFF;
        try (Datagrams sender = new Datagrams(doppler.doppler().v1Ports().get("udp"))) {
            sender.send(envelope).send(V1Envelopes.log("app", 2).toByteArray());

            eventually(() -> assertThat(doppler.metric("ingress_total")).isEqualTo(1));
            assertThat(doppler.metric("listeners_left_out_total", "protocol=\"udp\"", "reason=\"undecodable\""))
                    .isEqualTo(1);
        }
    }

    @Test
    void whatALineSaysMayBeAnyBytes() {
        Download<EnvelopeBatch> v2 = subscriber.v2("", Subscriber.log(""));
        Download<BatchResponse> v1 = subscriber.v1("", null);
        ByteString payload = ByteString.copyFrom(new byte[] {(byte) 0xFF, 0, (byte) 0xC3, 0x28});
        Envelope line = Envelope.newBuilder()
                .setSourceId("app")
                .setLog(Log.newBuilder().setPayload(payload))
                .build();

        emitter.emit(List.of(line));

        eventually(() -> assertThat(Subscriber.envelopes(v2)).containsExactly(line));
        eventually(() -> assertThat(Subscriber.v1Envelopes(v1))
                .singleElement()
                .satisfies(envelope ->
                        assertThat(envelope.getLogMessage().getMessage()).isEqualTo(payload)));
    }

    @Test
    void aRequestWithTextThatIsNotUtf8IsRefused() {
        byte[] badSelector = {0x22, (byte) BAD_FIRST.length, BAD_FIRST[0], BAD_FIRST[1], BAD_FIRST[2]};
        assertThat(Download.of(subscriber.channel(), RawMethods.batchedReceiver(), badSelector)
                        .end()
                        .getCode())
                .isEqualTo(Status.Code.INVALID_ARGUMENT);
        for (var method : List.of(
                RawMethods.batchedReceiver(),
                RawMethods.subscribe(),
                RawMethods.batchSubscribe(),
                RawMethods.recentLogs(),
                RawMethods.containerMetrics())) {
            assertThat(Download.of(subscriber.channel(), method, BAD_FIRST)
                            .end()
                            .getCode())
                    .as(method.getFullMethodName())
                    .isEqualTo(Status.Code.INVALID_ARGUMENT);
        }
        eventually(() -> assertThat(doppler.metric("egress_streams")).isZero());
        eventually(() -> assertThat(doppler.metric("ingress_refused_total", "code=\"INVALID_ARGUMENT\""))
                .isEqualTo(6));
    }

    @Test
    void aJoinWithTextThatIsNotUtf8IsNoLinkMessage() {
        try (LinkClient link = LinkClient.open(doppler)) {
            // Of a member 1; the protocol is in field 2.
            link.sendBytes(
                    new byte[] {0x08, 0x12, 0x06, 0x08, 0x01, BAD_SECOND[0], BAD_SECOND[1], BAD_SECOND[2], BAD_SECOND[3]
                    });

            assertThat(link.closed()).isEqualTo("1002 not a link message");
            assertThat(doppler.metric("link_refused_total", "reason=\"protocol\""))
                    .isEqualTo(1);
        }
    }

    // ---- enums -------------------------------------------------------------------------------------------------

    @Test
    void aLineOfAnUnknownTypeComesAsItWasAndToV1ReadersAsNoOutput() {
        Download<EnvelopeBatch> v2 = subscriber.v2("", Subscriber.log(""));
        Download<BatchResponse> v1 = subscriber.v1("", null);
        Envelope line = Envelopes.log("app", 1).toBuilder()
                .setLog(Envelopes.log("app", 1).getLog().toBuilder().setTypeValue(77))
                .build();

        emitter.emit(List.of(line));

        eventually(() -> assertThat(Subscriber.envelopes(v2)).containsExactly(line));
        eventually(() -> assertThat(Subscriber.v1Envelopes(v1))
                .singleElement()
                .satisfies(envelope -> assertThat(envelope.getLogMessage().getMessageType())
                        .isEqualTo(LogFactory.LogMessage.MessageType.ERR)));
    }

    @Test
    void v1RequestsOfAnUnknownMethodAndPeerComeToV1ReadersAsTheFirstOnes() {
        Download<BatchResponse> v1 = subscriber.v1("", null);
        EventFactory.Envelope known = V1Envelopes.ofEachType().get(5);
        ByteString unknown = known.getHttpStartStop()
                .toByteString()
                .concat(number(HttpFactory.HttpStartStop.METHOD_FIELD_NUMBER, 99)
                        .toByteString())
                .concat(number(HttpFactory.HttpStartStop.PEERTYPE_FIELD_NUMBER, 99)
                        .toByteString());
        UnknownFieldSet replaced = UnknownFieldSet.newBuilder()
                .addField(
                        EventFactory.Envelope.HTTPSTARTSTOP_FIELD_NUMBER,
                        UnknownFieldSet.Field.newBuilder()
                                .addLengthDelimited(unknown)
                                .build())
                .build();
        byte[] envelope = known.toBuilder()
                .clearHttpStartStop()
                .build()
                .toByteString()
                .concat(replaced.toByteString())
                .toByteArray();
        try (Datagrams sender = new Datagrams(doppler.doppler().v1Ports().get("udp"))) {
            sender.send(envelope);

            eventually(() -> assertThat(Subscriber.v1Envelopes(v1))
                    .singleElement()
                    .satisfies(read -> {
                        assertThat(read.getHttpStartStop().getMethod()).isEqualTo(HttpFactory.Method.GET);
                        assertThat(read.getHttpStartStop().getPeerType()).isEqualTo(HttpFactory.PeerType.Client);
                    }));
        }
    }

    @Test
    void aSelectorOfAnUnknownKindTakesNothingBesideThoseThatAreKnown() {
        LoggregatorEgress.Selector later = LoggregatorEgress.Selector.newBuilder()
                .setSourceId("app")
                .setUnknownFields(number(77, 1))
                .build();
        Download<EnvelopeBatch> read = subscriber.v2("", later, Subscriber.log("other"));

        emitter.emit(List.of(Envelopes.log("app", 1), Envelopes.log("other", 2)));

        eventually(
                () -> assertThat(Envelopes.numbers(Subscriber.envelopes(read))).containsExactly(2));
    }

    @Test
    void aFilterThatTheDopplerDoesNotKnowIsNone() {
        try (LinkClient link = LinkClient.open(doppler)) {
            link.send(ToDoppler.newBuilder()
                    .setJoin(Join.newBuilder()
                            .setMember(1)
                            .setProtocol("v1")
                            .setSubscription("x")
                            .setFilterValue(77)
                            .setWindowBytes(LinkClient.WIDE)));
            link.settle();

            emitter.emit(List.of(Envelopes.log("app", 1), Envelopes.counter("app", 2)));

            eventually(() -> assertThat(Envelopes.numbers(link.crossed())).containsExactly(1, 2));
        }
    }
}
