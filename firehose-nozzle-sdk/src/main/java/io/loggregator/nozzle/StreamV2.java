package io.loggregator.nozzle;

import com.google.protobuf.InvalidProtocolBufferException;
import io.loggregator.nozzle.websocket.WebSocket;
import io.loggregator.streaming.StreamMessage;
import io.loggregator.streaming.v2.Ack;
import io.loggregator.streaming.v2.Credit;
import io.loggregator.streaming.v2.Positions;
import io.loggregator.streaming.v2.Start;
import io.loggregator.streaming.v2.Tags;
import io.loggregator.streaming.v2.ToClient;
import io.loggregator.streaming.v2.ToServer;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** {@code loggregator.stream.v2}: acknowledges, gives credit for the buffer, is told of gaps. */
final class StreamV2 implements Protocol {
    /**
     * How long a word of what was handled may wait for more. The server has no use for it sooner, and at low rates two
     * messages for each batch would cost more than the batch.
     */
    private static final long FLUSH_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final WebSocket webSocket;
    private final Options options;
    private final String resume;
    private final Inbox inbox;
    private final ArrayPool pool;
    // Batch bytes that the server has sent and was not given credit for.
    private final AtomicLong outstanding = new AtomicLong();
    private volatile boolean ready;

    // The connection's own.
    private long mark;
    private long told;
    private long credit;
    private long flushed = System.nanoTime();

    StreamV2(WebSocket webSocket, Options options, String resume, Inbox inbox, ArrayPool pool) {
        this.webSocket = webSocket;
        this.options = options;
        this.resume = resume;
        this.inbox = inbox;
        this.pool = pool;
    }

    @Override
    public void start() throws IOException {
        Start.Builder start = Start.newBuilder()
                .setCredit(options.buffer())
                .setTags(Tags.AS_ACCEPTED)
                .setPositions(options.app().isPresent() ? Positions.EVERY_BATCH : Positions.NEVER)
                .setResume(resume);
        options.selectors().forEach(selector -> start.addSelectors(selector.message()));
        send(ToServer.newBuilder().setStart(start));
    }

    private void send(ToServer.Builder message) throws IOException {
        webSocket.send(StreamMessage.encode(message.build()));
    }

    @Override
    public void received(byte[] message, int length) {
        ToClient header;
        int batchStart;
        try {
            header = StreamMessage.toClient(message, length);
            batchStart = StreamMessage.batchStart(message, length);
        } catch (InvalidProtocolBufferException e) {
            throw new ProtocolException("a message that is none of " + StreamMessage.SUBPROTOCOL);
        }
        if (header.hasReady()) {
            ready = true;
            inbox.wake();
        } else if (!ready && (header.hasBatch() || header.hasGap())) {
            throw new ProtocolException("a batch or a gap before the stream was ready");
        }
        if (header.hasBatch()) {
            batch(header.getBatch(), message, batchStart, length);
            return;
        }
        switch (header.getMessageCase()) {
            case GAP ->
                inbox.add(new Arrival(
                        null,
                        gap(header.getGap()),
                        header.getGap().getMark(),
                        header.getGap().getPosition()));
            case LAGGING -> inbox.addFirst(new Arrival(lagging(header.getLagging())));
            case POSITION ->
                inbox.add(new Arrival(null, null, 0, header.getPosition().getPosition()));
            default -> {
                // Of no use here, or newer than this library.
            }
        }
        pool.giveBack(message);
    }

    private void batch(io.loggregator.streaming.v2.Batch header, byte[] message, int from, int to) {
        long before = outstanding.getAndAdd(to - from);
        // The one batch that may be larger than what is left comes when there is no less left than at first.
        if (before > 0 && before + to - from > options.buffer()) {
            throw new ProtocolException("more bytes than there was credit for");
        }
        Batch batch = new Batch(message, from, to, header.getEnvelopes(), pool);
        inbox.add(new Arrival(batch, null, header.getMark(), header.getPosition()));
    }

    private static Gap gap(io.loggregator.streaming.v2.Gap gap) {
        return new Gap(
                gap.getCount() == 0 ? OptionalLong.empty() : OptionalLong.of(gap.getCount()),
                instant(gap.getFirstMillis()),
                instant(gap.getLastMillis()),
                gap.getReason());
    }

    private static Lagging lagging(io.loggregator.streaming.v2.Lagging lagging) {
        return new Lagging(
                Duration.ofMillis(lagging.getBehindMillis()), lagging.getBehindBytes(), lagging.getLimitBytes());
    }

    private static Optional<Instant> instant(long millis) {
        return millis == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
    }

    @Override
    public void idle() {
        // Every message was handed on as it came.
    }

    @Override
    public boolean ready() {
        return ready;
    }

    @Override
    public boolean redelivers() {
        return true;
    }

    @Override
    public void handled(Arrival arrival) throws IOException {
        mark = Math.max(mark, arrival.mark());
        credit += arrival.bytes();
        if (credit >= options.buffer() / 4 || untilFlush() < 0) {
            flush();
        }
    }

    @Override
    public long flushMillis() {
        if (mark == told && credit == 0) {
            return Long.MAX_VALUE;
        }
        long left = untilFlush();
        return left <= 0 ? 0 : TimeUnit.NANOSECONDS.toMillis(left) + 1;
    }

    private long untilFlush() {
        return flushed + FLUSH_NANOS - System.nanoTime();
    }

    @Override
    public void flush() throws IOException {
        flushed = System.nanoTime();
        if (mark > told) {
            told = mark;
            send(ToServer.newBuilder().setAck(Ack.newBuilder().setMark(mark)));
        }
        if (credit > 0) {
            long given = credit;
            credit = 0;
            outstanding.addAndGet(-given);
            send(ToServer.newBuilder().setCredit(Credit.newBuilder().setBytes(given)));
        }
    }
}
