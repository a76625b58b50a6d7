package io.loggregator.trafficcontroller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.InvalidProtocolBufferException;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope;

/** A well-behaved client: reads all that comes, answers pings by itself. */
abstract class StreamClient {
    private final List<Envelope> received = new ArrayList<>(); // guarded by itself

    /** How the stream was closed, once it was. */
    volatile Close closed;

    record Close(int code, String reason) {}

    /** The libraries that clients are made with. */
    enum Library {
        VERTX {
            @Override
            StreamClient connect(Vertx vertx, int port, String path) {
                return new OfVertx(vertx, port, path);
            }
        },
        JDK {
            @Override
            StreamClient connect(Vertx vertx, int port, String path) {
                return new OfJdk(port, path);
            }
        };

        abstract StreamClient connect(Vertx vertx, int port, String path);
    }

    /** All envelopes so far; a frame that holds none fails the test that asks. */
    List<Envelope> received() {
        synchronized (received) {
            return List.copyOf(received);
        }
    }

    int count() {
        synchronized (received) {
            return received.size();
        }
    }

    /** Waits until so many have come, and sees to it that not more have. */
    List<Envelope> received(int count) {
        await().atMost(Duration.ofSeconds(60)).until(() -> count() >= count);
        List<Envelope> now = received();
        assertThat(now.size()).as(() -> "received " + Envelopes.texts(now)).isEqualTo(count);
        return now;
    }

    Close awaitClose() {
        return await().until(() -> closed, close -> close != null);
    }

    abstract void sendText(String text);

    abstract void close(int code);

    final void take(byte[] message) {
        try {
            Envelope envelope = Envelope.parseFrom(message);
            synchronized (received) {
                received.add(envelope);
            }
        } catch (InvalidProtocolBufferException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class OfVertx extends StreamClient {
        /** Kept, because Vert.x closes the connections of a client that is garbage. */
        private final WebSocketClient client;

        private final io.vertx.core.http.WebSocket webSocket;

        OfVertx(Vertx vertx, int port, String path) {
            client = vertx.createWebSocketClient(new WebSocketClientOptions());
            webSocket = client.webSocket()
                    .binaryMessageHandler(message -> take(message.getBytes()))
                    .connect(port, "127.0.0.1", path)
                    .map(connected -> {
                        connected.closeHandler(done -> closed = new Close(
                                connected.closeStatusCode(),
                                connected.closeReason() == null ? "" : connected.closeReason()));
                        return connected;
                    })
                    .await();
        }

        @Override
        void sendText(String text) {
            webSocket.writeTextMessage(text).await();
        }

        @Override
        void close(int code) {
            webSocket.close((short) code, "").await();
        }
    }

    private static final class OfJdk extends StreamClient implements WebSocket.Listener {
        private final ByteArrayOutputStream message = new ByteArrayOutputStream();
        private final WebSocket webSocket;

        OfJdk(int port, String path) {
            webSocket = HttpClient.newHttpClient()
                    .newWebSocketBuilder()
                    .buildAsync(URI.create("ws://127.0.0.1:" + port + path), this)
                    .join();
        }

        @Override
        public CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
            byte[] part = new byte[data.remaining()];
            data.get(part);
            message.writeBytes(part);
            if (last) {
                take(message.toByteArray());
                message.reset();
            }
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            closed = new Close(code, reason);
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            closed = new Close(1006, String.valueOf(error.getMessage()));
        }

        @Override
        void sendText(String text) {
            webSocket.sendText(text, true).join();
        }

        @Override
        void close(int code) {
            webSocket.sendClose(code, "").join();
        }
    }
}
