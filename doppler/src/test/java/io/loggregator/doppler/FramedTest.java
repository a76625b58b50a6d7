package io.loggregator.doppler;

import static io.loggregator.doppler.RunningDoppler.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.loggregator.node.tls.TlsMaterial;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** v1 envelopes in frames over TCP and TLS. */
class FramedTest {
    private static final int LARGEST = 128 * 1024;

    private static RunningDoppler plain(int lanes) {
        return RunningDoppler.plain(lanes, "DOPPLER_TCP_PORT", "0");
    }

    private static int port(RunningDoppler doppler, String protocol) {
        return doppler.doppler().v1Ports().get(protocol);
    }

    private static byte[] head(int length) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(length)
                .array();
    }

    private static byte[] frames(List<byte[]> envelopes) {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        for (byte[] envelope : envelopes) {
            frames.writeBytes(head(envelope.length));
            frames.writeBytes(envelope);
        }
        return frames.toByteArray();
    }

    @Test
    void framesComeInOrderHoweverTheBytesArrive() {
        try (RunningDoppler doppler = plain(2);
                LinkClient link = LinkClient.open(doppler);
                RawConnection connection = new RawConnection(port(doppler, "tcp"))) {
            link.join(1, "firehose");
            byte[] frames = frames(V1Envelopes.logs("app", 0, 300));

            connection.send(Arrays.copyOf(frames, 40_000));
            for (int i = 40_000; i < frames.length; i++) {
                connection.send(new byte[] {frames[i]});
            }

            eventually(() -> assertThat(Envelopes.numbers(link.delivered(1))).isEqualTo(Envelopes.numbers(0, 300)));
            assertThat(doppler.metric("listeners_connections", "protocol=\"tcp\""))
                    .isEqualTo(1);
            doppler.balances();
        }
    }

    @Test
    void aBadEnvelopeIsSkippedAndTheConnectionKept() {
        try (RunningDoppler doppler = plain(1);
                RawConnection connection = new RawConnection(port(doppler, "tcp"))) {
            byte[] good = V1Envelopes.log("app", 1).toByteArray();

            connection.send(frames(
                    List.of(good, new byte[0], new byte[100], new byte[LARGEST], V1Envelopes.ofOldType(), good)));
            connection.send(frames(List.of(new byte[0])));

            eventually(() -> assertThat(received(doppler, "messages", "tcp")).isEqualTo(7));
            assertThat(received(doppler, "envelopes", "tcp")).isEqualTo(2);
            assertThat(doppler.metric("listeners_left_out_total", "protocol=\"tcp\"", "undecodable"))
                    .isEqualTo(4);
            assertThat(doppler.metric("listeners_left_out_total", "protocol=\"tcp\"", "unknown_event_type"))
                    .isEqualTo(1);
        }
    }

    @Test
    void aLengthAboveTheLimitClosesTheConnection() {
        try (RunningDoppler doppler = plain(1)) {
            byte[] good = frames(List.of(V1Envelopes.log("app", 1).toByteArray()));
            for (int length : new int[] {LARGEST + 1, Integer.MAX_VALUE, Integer.MIN_VALUE, -1}) {
                try (RawConnection connection = new RawConnection(port(doppler, "tcp"))) {
                    connection.send(good).send(head(length));

                    assertThat(connection.readToEnd()).isEmpty();
                }
            }

            eventually(() -> assertThat(errors(doppler, "frame_too_long")).isEqualTo(4));
            assertThat(doppler.metric("ingress_total")).isEqualTo(4);
            eventually(() -> assertThat(doppler.metric("listeners_connections", "protocol=\"tcp\""))
                    .isZero());
        }
    }

    @Test
    void anEndBetweenFramesIsSilentAndAnEndWithinOneIsCounted() {
        try (RunningDoppler doppler = plain(1)) {
            byte[] frame = frames(List.of(V1Envelopes.log("app", 1).toByteArray()));
            try (RawConnection whole = new RawConnection(port(doppler, "tcp"))) {
                whole.send(frame);
            }
            eventually(() -> assertThat(doppler.metric("ingress_total")).isEqualTo(1));
            for (int length : new int[] {1, 4, frame.length - 1}) {
                try (RawConnection part = new RawConnection(port(doppler, "tcp"))) {
                    part.send(Arrays.copyOf(frame, length));
                }
            }

            eventually(() -> assertThat(errors(doppler, "ended_in_frame")).isEqualTo(3));
            assertThat(doppler.metric("listeners_receive_errors_total")).isEqualTo(3);
            assertThat(doppler.metric("ingress_total")).isEqualTo(1);
        }
    }

    @Test
    void aStopTakesWhatWasSentAndClosesInALull() {
        try (RunningDoppler doppler = plain(1);
                RawConnection connection = new RawConnection(port(doppler, "tcp"))) {
            connection.send(frames(V1Envelopes.logs("app", 0, 1_000)));
            eventually(() -> assertThat(doppler.metric("listeners_connections", "protocol=\"tcp\""))
                    .isEqualTo(1));

            doppler.doppler().stopAccepting(Duration.ofSeconds(10));

            assertThat(connection.readToEnd()).isEmpty();
            assertThat(doppler.metric("ingress_total")).isEqualTo(1_000);
            assertThat(doppler.metric("listeners_receive_errors_total")).isZero();
        }
    }

    @Test
    void overTlsClientsShowACertificateOfTheAuthority(@TempDir Path directory) throws Exception {
        Certificates platform = new Certificates(directory, "platform");
        Map<String, String> settings = new HashMap<>(platform.settings());
        settings.put("DOPPLER_TLS_PORT", "0");
        settings.put("ROUTER_CLIENT_NAMES", "metron");
        try (RunningDoppler doppler = RunningDoppler.start(1, settings)) {
            try (SSLSocket metron = socket(doppler, platform.of("metron"))) {
                metron.getOutputStream().write(frames(V1Envelopes.logs("app", 0, 500)));
                metron.getOutputStream().flush();
                eventually(
                        () -> assertThat(received(doppler, "envelopes", "tls")).isEqualTo(500));
            }
            refused(doppler, platform.nobody(), "no_certificate", 1);
            refused(doppler, platform.of("somebody"), "name", 1);
            // A JDK's client does not show a certificate that the server would not trust.
            refused(doppler, new Certificates(directory, "foreign").of("metron", platform), "no_certificate", 2);
            try (RawConnection plain = new RawConnection(port(doppler, "tls"))) {
                plain.send(frames(V1Envelopes.logs("app", 0, 1)));
                plain.readToEnd();
            }

            eventually(() -> assertThat(refusals(doppler, "not_tls")).isEqualTo(1));
            assertThat(doppler.metric("ingress_total")).isEqualTo(500);
            eventually(() -> assertThat(doppler.metric("listeners_connections", "protocol=\"tls\""))
                    .isZero());
        }
    }

    private static void refused(RunningDoppler doppler, TlsMaterial client, String reason, int times) throws Exception {
        try (SSLSocket socket = socket(doppler, client)) {
            assertThatThrownBy(() -> {
                        // In TLS 1.3 the client learns it when it reads.
                        socket.getOutputStream().write(frames(V1Envelopes.logs("app", 0, 1)));
                        if (socket.getInputStream().read() < 0) {
                            throw new IOException("closed");
                        }
                    })
                    .isInstanceOf(IOException.class);
        }
        eventually(() -> assertThat(refusals(doppler, reason)).isEqualTo(times));
    }

    private static SSLSocket socket(RunningDoppler doppler, TlsMaterial client) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        KeyManager[] keys =
                client.chain().isEmpty() ? null : client.keyManagerFactory().getKeyManagers();
        context.init(keys, new TrustManager[] {client.serverTrust("doppler")}, null);
        return (SSLSocket)
                context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port(doppler, "tls"));
    }

    private static long refusals(RunningDoppler doppler, String reason) {
        return doppler.metric("tls_refused_total", "port=\"tls\"", "reason=\"" + reason + "\"");
    }

    private static long received(RunningDoppler doppler, String what, String protocol) {
        return doppler.metric("listeners_received_" + what + "_total", "protocol=\"" + protocol + "\"");
    }

    private static long errors(RunningDoppler doppler, String reason) {
        return doppler.metric("listeners_receive_errors_total", "protocol=\"tcp\"", "reason=\"" + reason + "\"");
    }
}
