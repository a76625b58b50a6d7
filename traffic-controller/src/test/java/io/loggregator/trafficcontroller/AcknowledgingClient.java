package io.loggregator.trafficcontroller;

import com.google.protobuf.InvalidProtocolBufferException;
import io.loggregator.streaming.StreamMessage;
import io.loggregator.streaming.v2.Ack;
import io.loggregator.streaming.v2.Credit;
import io.loggregator.streaming.v2.Start;
import io.loggregator.streaming.v2.ToClient;
import io.loggregator.streaming.v2.ToServer;
import io.loggregator.trafficcontroller.StreamClient.Close;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;

/** A client of {@code loggregator.stream.v2} that does nothing by itself but answer Pings. */
final class AcknowledgingClient {
    private static final int LARGEST_MESSAGE = 16 << 20;

    /** Kept, because Vert.x closes the connections of a client that is garbage. */
    private final WebSocketClient client;

    private final WebSocket webSocket;
    private final BlockingQueue<byte[]> raw = new LinkedBlockingQueue<>();
    private final CompletableFuture<Close> closed = new CompletableFuture<>();

    /** A message, and the envelopes that come with it. */
    record Message(ToClient header, List<Envelope> envelopes) {
        List<String> texts() {
            return envelopes.stream()
                    .map(envelope -> envelope.getLog().getPayload().toStringUtf8())
                    .toList();
        }
    }

    AcknowledgingClient(Vertx vertx, int port, String path) {
        client = vertx.createWebSocketClient(
                new WebSocketClientOptions().setMaxFrameSize(LARGEST_MESSAGE).setMaxMessageSize(LARGEST_MESSAGE));
        webSocket = client.webSocket()
                .binaryMessageHandler(message -> raw.add(message.getBytes()))
                .connect(new WebSocketConnectOptions()
                        .setHost("127.0.0.1")
                        .setPort(port)
                        .setURI(path)
                        .addSubProtocol(StreamMessage.SUBPROTOCOL))
                .map(connected -> {
                    connected.closeHandler(done -> closed.complete(
                            connected.closeStatusCode() == null
                                    ? new Close(1006, "")
                                    : new Close(
                                            connected.closeStatusCode(),
                                            connected.closeReason() == null ? "" : connected.closeReason())));
                    return connected;
                })
                .await();
    }

    /** What the server chose of what was offered. */
    String subProtocol() {
        return webSocket.subProtocol();
    }

    void send(ToServer message) {
        sendRaw(StreamMessage.encode(message));
    }

    void sendRaw(byte[] message) {
        webSocket.writeBinaryMessage(Buffer.buffer(message));
    }

    void sendText(String text) {
        webSocket.writeTextMessage(text);
    }

    /** Starts, and takes the answer. */
    AcknowledgingClient start(Start.Builder start) throws Exception {
        send(ToServer.newBuilder().setStart(start).build());
        Message ready = next();
        if (!ready.header().hasReady()) {
            throw new AssertionError("no ready but " + ready.header());
        }
        return this;
    }

    void ack(long mark) {
        send(ToServer.newBuilder().setAck(Ack.newBuilder().setMark(mark)).build());
    }

    void credit(long bytes) {
        send(ToServer.newBuilder()
                .setCredit(Credit.newBuilder().setBytes(bytes))
                .build());
    }

    byte[] nextRaw() throws InterruptedException {
        byte[] message = raw.poll(20, TimeUnit.SECONDS);
        if (message == null) {
            throw new AssertionError("nothing came");
        }
        return message;
    }

    Message next() throws InterruptedException, InvalidProtocolBufferException {
        byte[] message = nextRaw();
        byte[] batch = Arrays.copyOfRange(message, StreamMessage.batchStart(message), message.length);
        return new Message(
                StreamMessage.toClient(message), EnvelopeBatch.parseFrom(batch).getBatchList());
    }

    /** Whether something came that was not asked for yet. */
    boolean hasNext() {
        return !raw.isEmpty();
    }

    Close awaitClose() throws Exception {
        return closed.get(20, TimeUnit.SECONDS);
    }

    void close() {
        webSocket.close().await();
    }
}
