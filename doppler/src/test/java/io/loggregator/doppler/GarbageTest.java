package io.loggregator.doppler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is none of our protocols: it ends, is counted, and nobody else notices. */
class GarbageTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private RunningDoppler doppler;
    private Emitter emitter;
    private LinkClient link;
    private Upload<byte[], byte[]> bystander;

    @BeforeEach
    void start() {
        doppler = RunningDoppler.plain("LINK_PING_INTERVAL", "200ms");
        emitter = Emitter.plain(doppler);
        link = LinkClient.open(doppler);
        link.join(1, "firehose");
        bystander = emitter.rawBatchSender();
        bystander.send(Envelopes.batch(Envelopes.log("app", 0)).toByteArray());
    }

    @AfterEach
    void stop() {
        link.close();
        emitter.close();
        doppler.close();
    }

    private void nobodyElseNotices() {
        bystander.send(Envelopes.batch(Envelopes.log("app", 1)).toByteArray());
        assertThat(bystander.complete()).returns(Status.Code.OK, Status::getCode);
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(Envelopes.numbers(link.delivered(1))).containsExactly(0, 1));
        assertThat(doppler.metric("ingress_total")).isEqualTo(2);
        assertThat(doppler.metric("dropped_total")).isZero();
        assertThat(link.isClosed()).isFalse();
    }

    @Test
    void anotherProtocolOnTheIngressPort() {
        try (RawConnection connection = new RawConnection(doppler.ingressPort())) {
            connection.send("GET / HTTP/1.1\r\nHost: doppler\r\n\r\n").readToEnd();
        }
        ingressCounts("handshake");
        nobodyElseNotices();
    }

    @Test
    void randomBytesOnTheIngressPort() {
        byte[] bytes = new byte[4_096];
        new Random(1).nextBytes(bytes);
        try (RawConnection connection = new RawConnection(doppler.ingressPort())) {
            connection.send(bytes).readToEnd();
        }
        ingressCounts("handshake");
        nobodyElseNotices();
    }

    @Test
    void halfAnHttp2Preface() {
        RawConnection connection = new RawConnection(doppler.ingressPort()).send("PRI * HTTP/2.0\r\n");
        connection.close();
        ingressCounts("handshake");
        nobodyElseNotices();
    }

    @Test
    void randomFramesAfterASoundStart() {
        byte[] bytes = new byte[4_096];
        new Random(2).nextBytes(bytes);
        try (RawConnection connection = new RawConnection(doppler.ingressPort())) {
            byte[] settings = {0, 0, 0, 4, 0, 0, 0, 0, 0};
            connection
                    .send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
                    .send(settings)
                    .send(bytes)
                    .readToEnd();
        }
        ingressCounts("no_stream");
        nobodyElseNotices();
    }

    private void ingressCounts(String reason) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(
                                doppler.metric("ingress_connections_refused_total", "reason=\"" + reason + "\""))
                        .isEqualTo(1));
    }

    @Test
    void randomBytesOnTheLinkPort() {
        byte[] bytes = new byte[4_096];
        new Random(3).nextBytes(bytes);
        try (RawConnection connection = new RawConnection(doppler.linkPort())) {
            connection.send(bytes).send("\r\n\r\n").readToEnd();
        }
        linkCounts("garbage");
        nobodyElseNotices();
    }

    @Test
    void aConnectionToTheLinkPortThatNeverSpeaks() {
        try (RawConnection connection = new RawConnection(doppler.linkPort())) {
            assertThat(connection.readToEnd()).isEmpty();
        }
        nobodyElseNotices();
    }

    @Test
    void aLinkThatFallsSilent() {
        try (RawConnection connection = RawConnection.mute(doppler.linkPort())) {
            assertThat(connection.readToEnd()).contains("silent for 3 ping intervals");
        }
        linkCounts("silent");
        nobodyElseNotices();
    }

    @Test
    void framesThatAreNoneOnALink() {
        try (RawConnection connection = RawConnection.mute(doppler.linkPort())) {
            // Reserved bits and an opcode that does not exist.
            connection.send(new byte[] {(byte) 0xFF, (byte) 0x80, 0, 0, 0, 0}).readToEnd();
        }
        linkCounts("garbage");
        nobodyElseNotices();
    }

    @Test
    void aFrameThatClaimsMoreThanALinkTakes() {
        try (RawConnection connection = RawConnection.mute(doppler.linkPort())) {
            byte[] head = {(byte) 0x82, (byte) 0xFF, 0x7F, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4};
            connection.send(head).readToEnd();
        }
        linkCounts("garbage");
        nobodyElseNotices();
    }

    @Test
    void aMessageInPiecesThatIsLargerThanALinkTakes() {
        try (RawConnection connection = RawConnection.mute(doppler.linkPort())) {
            // Three pieces of 512 KiB and a mask of zeroes.
            for (int opcode : List.of(0x02, 0x00, 0x80)) {
                byte[] frame = new byte[14 + (512 << 10)];
                frame[0] = (byte) opcode;
                frame[1] = (byte) 0xFF;
                frame[7] = 8;
                connection.send(frame);
            }
            connection.readToEnd();
        }
        linkCounts("garbage");
        nobodyElseNotices();
    }

    private void linkCounts(String reason) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(doppler.metric("link_refused_total", "reason=\"" + reason + "\""))
                        .isEqualTo(1));
    }
}
