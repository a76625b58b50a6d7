package io.loggregator.rehearsal.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.benchmarks.load.Stamp;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.cloudfoundry.dropsonde.events.EventFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DatagramEmitterTest {
    private static final String SECRET = "secret";
    private static final int SIGNATURE = 32;
    private static final int PHASE = 3;

    @Test
    void sendsSignedLogsThatAreNumberedInTheirOrder() throws Exception {
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                DatagramEmitter emitter =
                        new DatagramEmitter((InetSocketAddress) socket.getLocalSocketAddress(), 4, SECRET, 100)) {
            emitter.begin(PHASE);
            emitter.resume();
            for (long number = 0; number < 3; number++) {
                byte[] datagram = receive(socket);
                byte[] envelope = Arrays.copyOfRange(datagram, SIGNATURE, datagram.length);
                assertThat(Arrays.copyOf(datagram, SIGNATURE)).isEqualTo(signature(envelope));
                byte[] text = EventFactory.Envelope.parseFrom(envelope)
                        .getLogMessage()
                        .getMessage()
                        .toByteArray();
                assertThat(Stamp.phase(text, 0)).isEqualTo(PHASE);
                assertThat(Stamp.source(text, 0)).isEqualTo(4);
                assertThat(Stamp.sequence(text, 0)).isEqualTo(number);
            }
            emitter.pause();
            assertThat(emitter.sent()).isGreaterThanOrEqualTo(3);
            emitter.begin(PHASE + 1);
            assertThat(emitter.sent()).isZero();
        }
    }

    private static byte[] receive(DatagramSocket socket) throws Exception {
        DatagramPacket packet = new DatagramPacket(new byte[2_048], 2_048);
        socket.receive(packet);
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    private static byte[] signature(byte[] envelope) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        return mac.doFinal(envelope);
    }
}
