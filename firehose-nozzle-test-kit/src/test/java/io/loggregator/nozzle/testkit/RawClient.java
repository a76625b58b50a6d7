package io.loggregator.nozzle.testkit;

import com.google.protobuf.InvalidProtocolBufferException;
import io.loggregator.streaming.StreamMessage;
import io.loggregator.streaming.v2.Ack;
import io.loggregator.streaming.v2.Credit;
import io.loggregator.streaming.v2.Start;
import io.loggregator.streaming.v2.ToClient;
import io.loggregator.streaming.v2.ToServer;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;

/** The JDK's WebSocket, which answers Pings by itself and nothing else. */
final class RawClient implements WebSocket.Listener {
    private static final long PATIENCE_SECONDS = 20;

    private final BlockingQueue<byte[]> messages = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> texts = new LinkedBlockingQueue<>();
    private final CompletableFuture<Ended> closed = new CompletableFuture<>();
    private final ByteArrayOutputStream partial = new ByteArrayOutputStream();
    private final Observed<Integer> parts = new Observed<>("parts of messages", 0);
    private WebSocket webSocket;

    /** A message of v2, and the envelopes that come with it. */
    record Message(ToClient header, List<Envelope> envelopes) {
        List<String> texts() {
            return RawClient.texts(envelopes);
        }
    }

    static List<String> texts(List<Envelope> envelopes) {
        return envelopes.stream()
                .map(envelope -> envelope.getLog().getPayload().toStringUtf8())
                .toList();
    }

    static RawClient v1(URI uri) throws Exception {
        return connect(HttpClient.newHttpClient().newWebSocketBuilder(), uri);
    }

    static RawClient v2(URI uri) throws Exception {
        return connect(HttpClient.newHttpClient().newWebSocketBuilder().subprotocols(StreamMessage.SUBPROTOCOL), uri);
    }

    /** @throws java.util.concurrent.ExecutionException it could not connect */
    static RawClient connect(WebSocket.Builder builder, URI uri) throws Exception {
        RawClient client = new RawClient();
        client.webSocket = builder.buildAsync(uri, client).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        return client;
    }

    /** Starts with that credit, and takes the answer. */
    RawClient start(long credit) throws Exception {
        return start(Start.newBuilder().setCredit(credit));
    }

    RawClient start(Start.Builder start) throws Exception {
        send(ToServer.newBuilder().setStart(start));
        Message ready = next();
        if (!ready.header().hasReady()) {
            throw new AssertionError("no ready but " + ready.header());
        }
        return this;
    }

    void ack(long mark) throws Exception {
        send(ToServer.newBuilder().setAck(Ack.newBuilder().setMark(mark)));
    }

    void credit(long bytes) throws Exception {
        send(ToServer.newBuilder().setCredit(Credit.newBuilder().setBytes(bytes)));
    }

    void send(ToServer.Builder message) throws Exception {
        sendBytes(StreamMessage.encode(message.build()));
    }

    void sendBytes(byte[] message) throws Exception {
        webSocket.sendBinary(ByteBuffer.wrap(message), true).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    void sendText(String text) throws Exception {
        webSocket.sendText(text, true).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    void sendPing() throws Exception {
        webSocket.sendPing(ByteBuffer.allocate(0)).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    void sendClose(int code, String reason) throws Exception {
        webSocket.sendClose(code, reason).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** Ends the connection without a word. */
    void abort() {
        webSocket.abort();
    }

    String subprotocol() {
        return webSocket.getSubprotocol();
    }

    byte[] nextBytes() throws InterruptedException {
        return taken(messages.poll(PATIENCE_SECONDS, TimeUnit.SECONDS));
    }

    String nextText() throws InterruptedException {
        return taken(texts.poll(PATIENCE_SECONDS, TimeUnit.SECONDS));
    }

    Message next() throws InterruptedException, InvalidProtocolBufferException {
        byte[] message = nextBytes();
        byte[] batch = Arrays.copyOfRange(message, StreamMessage.batchStart(message), message.length);
        return new Message(
                StreamMessage.toClient(message), EnvelopeBatch.parseFrom(batch).getBatchList());
    }

    private <T> T taken(T value) {
        if (value == null) {
            throw new AssertionError("nothing came; closed: " + closed);
        }
        return value;
    }

    boolean hasNext() {
        return !messages.isEmpty();
    }

    /** In how many parts messages have come so far. */
    Observed<Integer> parts() {
        return parts;
    }

    /** The server's Close; fails with what broke the connection. */
    Ended awaitClose() throws Exception {
        return closed.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        partial.writeBytes(bytes);
        parts.change(count -> count + 1);
        if (last) {
            messages.add(partial.toByteArray());
            partial.reset();
        }
        socket.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
        texts.add(data.toString());
        socket.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
        closed.complete(new Ended(code, reason));
        return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
        closed.completeExceptionally(error);
    }
}
