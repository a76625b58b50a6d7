package io.loggregator.endtoend;

import com.google.protobuf.ByteString;
import io.loggregator.streaming.StreamMessage;
import io.loggregator.streaming.v2.Ack;
import io.loggregator.streaming.v2.Credit;
import io.loggregator.streaming.v2.Start;
import io.loggregator.streaming.v2.ToClient;
import io.loggregator.streaming.v2.ToServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;

/** A client of {@code loggregator.stream.v2} on the JDK's WebSocket. Keeps the lines that it receives. */
final class AckingReader implements WebSocket.Listener, AutoCloseable {
    /** What it acknowledges. */
    enum Acks {
        ALL,
        NOTHING
    }

    private final Acks acks;
    private final ToServer start;
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();
    private final List<String> lines = new ArrayList<>(); // guarded by this
    private String position = ""; // guarded by this
    private long gaps; // guarded by this
    private volatile WebSocket webSocket;
    /** What is sent goes one after the other. */
    private CompletableFuture<?> sent = CompletableFuture.completedFuture(null);

    AckingReader(Acks acks, Start.Builder start) {
        this.acks = acks;
        this.start = ToServer.newBuilder().setStart(start).build();
    }

    @Override
    public void onOpen(WebSocket opened) {
        webSocket = opened;
        send(start);
        opened.request(Long.MAX_VALUE);
    }

    private void send(ToServer said) {
        sent = sent.thenCompose(before -> webSocket.sendBinary(ByteBuffer.wrap(StreamMessage.encode(said)), true));
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
        byte[] part = new byte[data.remaining()];
        data.get(part);
        message.writeBytes(part);
        if (last) {
            try {
                take(message.toByteArray());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            message.reset();
        }
        return null;
    }

    private void take(byte[] whole) throws IOException {
        ToClient header = StreamMessage.toClient(whole);
        int batch = StreamMessage.batchStart(whole);
        if (header.hasBatch()) {
            EnvelopeBatch envelopes =
                    EnvelopeBatch.parseFrom(ByteString.copyFrom(Arrays.copyOfRange(whole, batch, whole.length)));
            synchronized (this) {
                for (Envelope envelope : envelopes.getBatchList()) {
                    lines.add(envelope.getLog().getPayload().toStringUtf8());
                }
                position = header.getBatch().getPosition().isEmpty()
                        ? position
                        : header.getBatch().getPosition();
            }
            handled(header.getBatch().getMark(), whole.length - batch);
        } else if (header.hasGap()) {
            synchronized (this) {
                gaps++;
            }
            handled(header.getGap().getMark(), 0);
        }
    }

    private void handled(long mark, long bytes) {
        if (acks == Acks.ALL) {
            send(ToServer.newBuilder().setAck(Ack.newBuilder().setMark(mark)).build());
            send(ToServer.newBuilder()
                    .setCredit(Credit.newBuilder().setBytes(bytes))
                    .build());
        }
    }

    /** Every line so far, in the order of arrival. */
    synchronized List<String> lines() {
        return List.copyOf(lines);
    }

    /** The lines of one source. */
    List<String> linesOf(String source) {
        return lines().stream().filter(line -> line.startsWith(source + ":")).toList();
    }

    synchronized String position() {
        return position;
    }

    synchronized long gaps() {
        return gaps;
    }

    /** Cuts the connection without a word. */
    @Override
    public void close() {
        webSocket.abort();
    }
}
