package io.loggregator.doppler.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.loggregator.rpc.RawMethods;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages of every size, one after the other in the same array. */
class IncomingMessageTest {
    private static final MethodDescriptor<IncomingMessage, byte[]> METHOD =
            IncomingMessage.readBy(RawMethods.batchSender());

    /** As gRPC hands over what it received. */
    private static final class Received extends ByteArrayInputStream implements KnownLength {
        Received(byte[] bytes) {
            super(bytes);
        }
    }

    @Property(tries = 200)
    void theBytesAreThoseThatCame(@ForAll long seed, @ForAll @IntRange(max = 100_000) int size, @ForAll boolean known) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        InputStream stream = known ? new Received(bytes) : new ByteArrayInputStream(bytes);
        IncomingMessage message = METHOD.parseRequest(stream);
        assertThat(copy(message)).isEqualTo(bytes);
        assertThat(message.length()).isEqualTo(size);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100, 126, 127, 128, 16_382, 16_383, 16_384, 1 << 20, 3 << 20})
    void anEnvelopeBecomesABatchOfOne(int payload) throws InvalidProtocolBufferException {
        Envelope envelope = Envelope.newBuilder()
                .setLog(Log.newBuilder().setPayload(ByteString.copyFrom(new byte[payload])))
                .build();
        IncomingMessage message = METHOD.parseRequest(new Received(envelope.toByteArray()));
        message.becomeBatch();
        assertThat(EnvelopeBatch.parseFrom(copy(message)))
                .isEqualTo(EnvelopeBatch.newBuilder().addBatch(envelope).build());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 127, 128})
    void anEnvelopeWithNothingOrLittleInItDoes(int size) throws InvalidProtocolBufferException {
        Envelope envelope = Envelope.newBuilder().setSourceId("s".repeat(size)).build();
        IncomingMessage message = METHOD.parseRequest(new Received(envelope.toByteArray()));
        message.becomeBatch();
        assertThat(EnvelopeBatch.parseFrom(copy(message)).getBatchList()).containsExactly(envelope);
    }

    private static byte[] copy(IncomingMessage message) {
        return ByteString.copyFrom(message.bytes(), message.from(), message.length())
                .toByteArray();
    }
}
