package io.loggregator.cli.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class EnvelopeStreamTest {
    private static final Duration LONG = Duration.ofMinutes(5);

    @Test
    void whatTheServerSentBeforeItClosedIsAllRead() throws Exception {
        try (TestServer server = new TestServer(request -> request.toWebSocket().onSuccess(socket -> {
                    for (int i = 0; i < 10_000; i++) {
                        socket.writeBinaryMessage(Buffer.buffer("message " + i));
                    }
                    socket.close((short) 1001, "going away");
                }));
                TrafficControllerClient client = client(server, LONG);
                EnvelopeStream stream = client.firehose("x", Optional.empty())) {
            for (int i = 0; i < 10_000; i++) {
                assertThat(stream.take()).asString().isEqualTo("message " + i);
            }
            assertThat(stream.take()).isNull();
            assertThat(stream.endReason()).isEqualTo("the server closed the connection with 1001: going away");
        }
    }

    @Test
    void aReaderThatStopsHoldsTheServerUpAndMissesNothing() throws Exception {
        AtomicInteger written = new AtomicInteger();
        CompletableFuture<Void> full = new CompletableFuture<>();
        int total = 4_000;
        int size = 16_000;
        try (TestServer server = new TestServer(request -> request.toWebSocket().onSuccess(socket -> {
                    Runnable[] fill = new Runnable[1];
                    fill[0] = () -> {
                        while (written.get() < total && !socket.writeQueueFull()) {
                            socket.writeBinaryMessage(
                                    Buffer.buffer(new byte[size]).setInt(0, written.getAndIncrement()));
                        }
                        if (written.get() == total) {
                            socket.close();
                        }
                    };
                    socket.drainHandler(drained -> fill[0].run());
                    fill[0].run();
                    awaitStandstill(written, full, 0);
                }));
                TrafficControllerClient client = client(server, LONG);
                EnvelopeStream stream = client.appStream("x")) {
            full.get(30, TimeUnit.SECONDS);
            // Sockets' own buffers apart, the client took what it may hold, and no more.
            assertThat(written.get()).isLessThan(total);
            for (int i = 0; i < total; i++) {
                assertThat(Buffer.buffer(stream.take()).getInt(0)).isEqualTo(i);
            }
            assertThat(stream.take()).isNull();
        }
    }

    @Test
    void aServerThatFallsSilentIsGivenUp() throws Exception {
        try (TestServer server = new TestServer(request -> request.toWebSocket());
                TrafficControllerClient client = client(server, Duration.ofMillis(300));
                EnvelopeStream stream = client.appStream("x")) {
            assertThat(stream.take()).isNull();
            assertThat(stream.endReason()).startsWith("no sign of life");
        }
    }

    @Test
    void pingsAreSignsOfLife() throws Exception {
        CompletableFuture<Void> pinged = new CompletableFuture<>();
        try (TestServer server = new TestServer(request -> request.toWebSocket().onSuccess(socket -> {
                    AtomicInteger pongs = new AtomicInteger();
                    socket.pongHandler(pong -> {
                        if (pongs.incrementAndGet() == 15) {
                            pinged.complete(null);
                        }
                    });
                    Vertx.currentContext().owner().setPeriodic(100, timer -> socket.writePing(Buffer.buffer()));
                }));
                TrafficControllerClient client = client(server, Duration.ofMillis(600));
                EnvelopeStream stream = client.appStream("x")) {
            pinged.get(30, TimeUnit.SECONDS);
            assertThat(stream.poll()).isNull();
            assertThat(stream.endReason()).isEqualTo("the connection was lost");
        }
    }

    /** As when its machine dies: no close frame, and perhaps half a message. */
    @ParameterizedTest
    @ValueSource(ints = {0, 2, 100})
    void aConnectionThatIsCutEndsTheStream(int bytesOfTheNextMessage) throws Exception {
        Vertx vertx = Vertx.vertx();
        try {
            NetServer server = vertx.createNetServer()
                    .connectHandler(socket -> socket.handler(request -> {
                        String key = request.toString().replaceAll("(?is).*\r\nsec-websocket-key: *(\\S+)\r\n.*", "$1");
                        Buffer message = Buffer.buffer(new byte[] {(byte) 0x82, 126, 0, (byte) 200})
                                .appendBytes(new byte[200]);
                        socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                + "Sec-WebSocket-Accept: " + accept(key) + "\r\n\r\n");
                        socket.write(message);
                        socket.end(message.slice(0, bytesOfTheNextMessage));
                    }));
            int port = server.listen(0, "127.0.0.1").await(10, TimeUnit.SECONDS).actualPort();
            try (TrafficControllerClient client = new TrafficControllerClient(
                            new Address(false, "127.0.0.1", port, ""), Optional.empty(), TlsFiles.NONE, LONG);
                    EnvelopeStream stream = client.firehose("x", Optional.empty())) {
                assertThat(stream.take()).hasSize(200);
                assertThat(stream.take()).isNull();
                assertThat(stream.endReason()).isNotBlank();
            }
        } finally {
            vertx.close().await(10, TimeUnit.SECONDS);
        }
    }

    private static String accept(String key) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-1")
                            .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                                    .getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void anEnvelopeBeyondAllBoundsEndsTheConnection() throws Exception {
        try (TestServer server = new TestServer(request -> request.toWebSocket()
                        .onSuccess(socket -> socket.writeBinaryMessage(
                                Buffer.buffer(new byte[EnvelopeStream.MAX_MESSAGE_BYTES + 1]))));
                TrafficControllerClient client = client(server, LONG);
                EnvelopeStream stream = client.appStream("x")) {
            assertThat(stream.take()).isNull();
            assertThat(stream.endReason()).isNotBlank();
        }
    }

    @Test
    void statusesThatPassAreToldFromThoseThatStay() {
        try (TestServer server = new TestServer(
                        TestServer.refusing(503, ""),
                        TestServer.refusing(429, "slow down"),
                        TestServer.refusing(404, ""),
                        TestServer.refusing(401, "You are not authorized.\u001b[2J"));
                TrafficControllerClient client = client(server, LONG)) {
            assertThatThrownBy(() -> client.appStream("x"))
                    .isInstanceOf(Unreachable.class)
                    .hasMessageContaining("503");
            assertThatThrownBy(() -> client.appStream("x"))
                    .isInstanceOf(Unreachable.class)
                    .hasMessageContaining("slow down");
            assertThatThrownBy(() -> client.appStream("x"))
                    .isInstanceOf(Refused.class)
                    .hasMessageContaining("404");
            assertThatThrownBy(() -> client.appStream("x"))
                    .isInstanceOf(Refused.class)
                    .hasMessageContaining("401: You are not authorized. [2J (no token was sent");
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Completes once the number has not changed for five looks, 100 ms apart. */
    private static void awaitStandstill(AtomicInteger number, CompletableFuture<Void> still, int looks) {
        int before = number.get();
        Vertx.currentContext().owner().setTimer(100, timer -> {
            boolean same = number.get() == before;
            if (same && looks == 5) {
                still.complete(null);
            } else {
                awaitStandstill(number, still, same ? looks + 1 : 0);
            }
        });
    }

    private static TrafficControllerClient client(TestServer server, Duration silenceLimit) throws Exception {
        return new TrafficControllerClient(
                Address.parse(server.url(), Address.Bare.PLAIN, 8081), Optional.empty(), TlsFiles.NONE, silenceLimit);
    }
}
