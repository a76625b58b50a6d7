package io.loggregator.doppler.egress;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.loggregator.doppler.lane.DopplerLane;
import io.loggregator.stream.dispatch.Joining;
import io.loggregator.stream.notice.LagNotice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One stream to a subscriber: takes messages from all lanes and writes them, some at a time, confirming each round when
 * the connection has taken all of it. Owned by the connection's loop, but for what is marked.
 */
final class EgressStream extends OneRequest {
    /** Handed to gRPC at a time, and a message more. */
    private static final int ROUND_BYTES = 128 << 10;

    private static final long LAG_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(LagNotice.PAUSE_SECONDS);

    private final Opening opening;
    private final EgressStreams streams;
    private final EgressCounters counters;
    private final Queue<Item> queue = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final AtomicLong waiting = new AtomicLong();
    private final AtomicLong lost = new AtomicLong();
    private final AtomicLong lags = new AtomicLong();
    /** When it was told last that it lags, as {@link System#nanoTime}; 0: never. */
    private final AtomicLong toldLag = new AtomicLong();

    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final List<LaneReader> readers = new ArrayList<>();
    private volatile String shard = "";
    private int unopened;
    private boolean headersSent;
    private boolean finishing;
    private long roundBytes;
    private int roundEnvelopes;
    private long progress = System.nanoTime();

    /** What to write, or, without a message, the end of what belongs to one delivery of a lane. */
    private record Item(Message message, LaneReader reader, long sequence) {}

    /** Reads a request; says what it subscribes to. */
    interface Opening {
        Subscription subscription(byte[] request) throws Requests.Invalid;

        /** How the subscription's envelopes become messages at a lane. */
        Form form(Subscription subscription, DopplerLane lane);
    }

    EgressStream(
            ServerCall<byte[], byte[]> call,
            DopplerLane home,
            Opening opening,
            EgressStreams streams,
            EgressCounters counters) {
        super(call, home);
        this.opening = opening;
        this.streams = streams;
        this.counters = counters;
    }

    @Override
    void requested(byte[] request) throws Requests.Invalid {
        Subscription subscription = opening.subscription(request);
        if (isOver()) {
            return;
        }
        shard = subscription.shard();
        // Ready only when all has been written, so that being ready confirms.
        call().setOnReadyThreshold(1);
        if (subscription.selection() == null) {
            sendHeaders();
            return;
        }
        Joining joining = subscription.joining(LaneReader.WINDOW);
        for (DopplerLane lane : streams.lanes()) {
            readers.add(new LaneReader(lane, streams.grants(lane), opening.form(subscription, lane), this));
        }
        unopened = readers.size();
        readers.forEach(reader -> reader.open(joining, () -> home().later(this::opened)));
    }

    /** Headers tell the client that it gets all that comes from now on. */
    private void opened() {
        unopened--;
        if (unopened == 0 && !isOver()) {
            sendHeaders();
        }
    }

    private void sendHeaders() {
        if (!headersSent) {
            headersSent = true;
            call().sendHeaders(new Metadata());
        }
    }

    // ---- from any lane -----------------------------------------------------------------------------------------

    /** Bytes that have been offered and not written out; from any thread. */
    long waiting() {
        return waiting.get();
    }

    /** Takes a message to be written; from any thread, and in the order of each. */
    void offer(Message message) {
        int length = message.bytes().length;
        waiting.addAndGet(length);
        streams.memory().add(length);
        put(new Item(message, null, 0));
    }

    /** All messages of a delivery have been offered; from any thread. */
    void offerEnd(LaneReader reader, long sequence) {
        put(new Item(null, reader, sequence));
    }

    private void put(Item item) {
        queue.add(item);
        if (scheduled.compareAndSet(false, true)) {
            home().later(this::drain);
        }
    }

    /** Notes envelopes that will not come; from any thread. Returns how many that makes in all. */
    long lost(long count) {
        counters.dropped.add(count);
        streams.log()
                .warn(
                        "Dropped {} envelopes ({} buffer) ShardID: {}",
                        count,
                        counters.protocol(),
                        shard.replaceAll("[^ -~]", "?"));
        return lost.addAndGet(count);
    }

    /**
     * A lane says that the subscriber lags; from any thread.
     *
     * @return how often it has been told then, this time included; 0: it was told just now, by whatever lane
     */
    long lags() {
        long now = System.nanoTime();
        long last = toldLag.get();
        boolean due = last == 0 || now - last >= LAG_PAUSE_NANOS;
        return due && toldLag.compareAndSet(last, now) ? lags.incrementAndGet() : 0;
    }

    // ---- on the connection's loop ------------------------------------------------------------------------------

    private void drain() {
        scheduled.set(false);
        Item next = queue.peek();
        while (next != null && (next.message() == null || roundBytes < ROUND_BYTES || isOver())) {
            queue.poll();
            if (isOver()) {
                release(next.message() == null ? 0 : next.message().bytes().length);
            } else if (next.message() == null) {
                next.reader().handedOver(next.sequence());
            } else {
                write(next.message());
            }
            next = queue.peek();
        }
        if (roundBytes == 0) {
            readers.forEach(LaneReader::confirm);
            finishIfDone();
        }
    }

    private void write(Message message) {
        sendHeaders();
        roundBytes += message.bytes().length;
        roundEnvelopes += message.envelopes();
        call().sendMessage(message.bytes());
    }

    private void release(long bytes) {
        if (bytes > 0) {
            waiting.addAndGet(-bytes);
            streams.memory().remove(bytes);
        }
    }

    /** The connection has taken all that was written. */
    @Override
    public void onReady() {
        if (roundBytes == 0 || isOver() || !call().isReady()) {
            return;
        }
        counters.envelopes.add(roundEnvelopes);
        counters.bytes.add(roundBytes);
        progress = System.nanoTime();
        long bytes = roundBytes;
        roundBytes = 0;
        roundEnvelopes = 0;
        release(bytes);
        readers.forEach(LaneReader::confirm);
        room();
        drain();
    }

    /** Lets lanes try again that had been refused; from any thread, once the readers are there. */
    private void room() {
        readers.forEach(LaneReader::room);
    }

    /** There is room again for everybody; from any thread. */
    void roomForAll() {
        home().later(this::room);
    }

    @Override
    boolean isOver() {
        return ended.isDone();
    }

    /** Ends the stream with OK when all that was offered has been written; from any thread. Returns when it has ended. */
    CompletableFuture<Void> finish() {
        home().execute(() -> {
            finishing = true;
            finishIfDone();
        });
        return ended;
    }

    private void finishIfDone() {
        if (finishing && !isOver() && roundBytes == 0 && queue.isEmpty()) {
            sendHeaders();
            over();
            call().close(Status.OK, new Metadata());
        }
    }

    /** Ends the stream if its client has taken nothing for a while, although it was sent something; from any thread. */
    void endIfStalled(Duration patience) {
        home().execute(() -> {
            if (!isOver() && roundBytes > 0 && System.nanoTime() - progress > patience.toNanos()) {
                fail(
                        Status.RESOURCE_EXHAUSTED.withDescription(
                                "not read for " + patience.toMillis() / 1_000.0
                                        + " s (DOPPLER_EGRESS_TIMEOUT), while the memory of all streams (DOPPLER_EGRESS_BYTES) was used up"));
            }
        });
    }

    @Override
    void over() {
        if (ended.complete(null)) {
            streams.remove(this);
            counters.streams.decrementAndGet();
            release(roundBytes);
            roundBytes = 0;
            readers.forEach(LaneReader::close);
            // What lanes offer until they have seen that is let go of in turn.
            drain();
        }
    }
}
