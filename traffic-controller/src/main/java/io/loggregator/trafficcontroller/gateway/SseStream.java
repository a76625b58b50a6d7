package io.loggregator.trafficcontroller.gateway;

import io.loggregator.stream.dispatch.Lag;
import io.loggregator.trafficcontroller.edge.Channels;
import io.loggregator.trafficcontroller.gateway.GatewayOptions.Rhythm;
import io.loggregator.trafficcontroller.subscription.Loss;
import io.loggregator.trafficcontroller.subscription.Pace;
import io.loggregator.trafficcontroller.subscription.Piece;
import io.loggregator.trafficcontroller.subscription.Reader;
import io.loggregator.trafficcontroller.subscription.Reading;
import io.loggregator.trafficcontroller.subscription.Subscription;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * One client of {@code /v2/read}. What is handed over in a turn of the event loop becomes one event and leaves at the
 * turn's end; what has been written counts as received. Owned by one event loop.
 */
final class SseStream implements Reader {
    /** Bytes that wait in this process; with more, nothing more is taken, until there are fewer than the others. */
    static final long MOST_WAITING = 256 * 1024;

    private static final long FEW_WAITING = 64 * 1024;
    /** How long a client may take to read the end of its stream. */
    private static final long ENDING_MILLIS = 2_000;

    private final Vertx vertx;
    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final Subscription subscription;
    private final String remote;
    private final Rhythm rhythm;
    private final GatewayCounters counters;
    private final EventBuffer next = new EventBuffer();

    private Reading reading;
    private Runnable whenEnded = () -> {};
    /** Handed over, but not written to the socket yet. */
    private long waiting;

    private boolean full;
    /** At the end of this turn {@link #flush} runs. */
    private boolean flushing;
    /** The last event is on its way. */
    private boolean closing;
    /** The fan-out knows nothing of this reader any more. */
    private boolean released;

    private boolean ended;
    private long lastEvent = System.nanoTime();
    private long unreported;
    private boolean reporting;
    private long heartbeatTimer = -1;
    private long reportTimer = -1;
    private long lifetimeTimer = -1;
    private long cutTimer = -1;

    SseStream(
            Vertx vertx,
            HttpServerRequest request,
            Subscription subscription,
            String remote,
            Rhythm rhythm,
            GatewayCounters counters) {
        this.vertx = vertx;
        this.request = request;
        this.response = request.response();
        this.subscription = subscription;
        this.remote = remote;
        this.rhythm = rhythm;
        this.counters = counters;
    }

    /** Answers; the client learns at once that its stream is open. */
    void serve(Reading mine) {
        reading = mine;
        counters.streams.add(1);
        Channels.listened(request.connection(), 1);
        response.putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache")
                .setChunked(true);
        if (request.version() == HttpVersion.HTTP_1_1) {
            response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.KEEP_ALIVE);
        }
        response.exceptionHandler(broken -> gone());
        response.closeHandler(closed -> gone());
        request.resume();
        var unused = response.writeHead();
        heartbeatIn(rhythm.heartbeat().toNanos());
        Duration lifetime = rhythm.lifetime();
        if (!lifetime.isZero()) {
            lifetimeTimer = vertx.setTimer(lifetime.toMillis(), over -> expire());
        }
    }

    /** Has the action run when the stream has ended; at once if it has. */
    void whenEnded(Runnable action) {
        if (ended) {
            action.run();
        } else {
            whenEnded = action;
        }
    }

    @Override
    public boolean writable() {
        return !full && !closing;
    }

    @Override
    public void take(Piece piece) {
        if (closing) {
            piece.bytes().release();
            return;
        }
        counters.heldBack.add(piece.heldBack());
        counters.envelopes.add(piece.envelopes());
        unreported += piece.heldBack();
        added(piece.bytes(), piece.mark());
    }

    @Override
    public void take(Loss loss) {
        if (!closing) {
            counters.notices.add(1);
            added(Unpooled.wrappedBuffer(NoticeJson.of(loss, subscription, remote)), loss.mark());
        }
    }

    /** As an event of its own, which leaves the client's id as it is. */
    @Override
    public boolean take(Lag lag, long number) {
        byte[] objects = NoticeJson.of(lag, number, subscription, remote);
        if (closing || objects.length == 0) {
            return false;
        }
        EventBuffer event = new EventBuffer();
        event.add(Unpooled.wrappedBuffer(objects), 0);
        write(event.event(""), 0, 0);
        return true;
    }

    private void added(ByteBuf objects, long mark) {
        waitingGrew(objects.readableBytes());
        next.add(objects, mark);
        if (!flushing) {
            flushing = true;
            vertx.runOnContext(turnEnds -> flush());
        }
    }

    /** Writes what this turn brought. */
    private void flush() {
        flushing = false;
        if (ended || next.mark() == 0) {
            return;
        }
        reportSoon();
        long mark = next.mark();
        if (next.isEmpty()) {
            next.clear();
            confirm(mark);
            return;
        }
        int objects = next.length();
        write(next.event(reading.position()), objects, mark);
    }

    /**
     * Writes an event, or a piece of one.
     *
     * @param counted how many of its bytes count as waiting already
     * @param mark to be confirmed when it is written; 0: none
     */
    private void write(ByteBuf event, int counted, long mark) {
        lastEvent = System.nanoTime();
        counters.bytes.add(event.readableBytes());
        waitingGrew(event.readableBytes() - counted);
        EventBuffer.write(response, event, (bytes, last) -> written(bytes, last ? mark : 0));
    }

    private void written(int bytes, long mark) {
        waiting -= bytes;
        if (released) {
            return;
        }
        if (mark > 0) {
            confirm(mark);
        }
        if (full && waiting <= FEW_WAITING) {
            full = false;
            if (!closing) {
                reading.room();
            }
        }
    }

    private void confirm(long mark) {
        if (!released) {
            reading.confirm(mark);
        }
    }

    private void waitingGrew(int bytes) {
        waiting += bytes;
        full |= waiting >= MOST_WAITING;
    }

    private void heartbeatIn(long nanos) {
        long millis = Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos + TimeUnit.MILLISECONDS.toNanos(1) - 1));
        heartbeatTimer = vertx.setTimer(millis, due -> {
            long left = rhythm.heartbeat().toNanos() - (System.nanoTime() - lastEvent);
            if (left <= 0) {
                say(place() + "event: heartbeat\ndata: " + Instant.now().getEpochSecond() + "\n\n");
                left = rhythm.heartbeat().toNanos();
            }
            heartbeatIn(left);
        });
    }

    /** Where the client is by now, which filters or quiet sources may have kept from it. */
    private String place() {
        String position = next.mark() == 0 ? reading.position() : "";
        return position.isEmpty() ? "" : "id: " + position + "\n";
    }

    /** Writes a few lines, unless the client does not even take what it has. */
    private void say(String lines) {
        if (writable()) {
            write(EventBuffer.text(lines), 0, 0);
        }
    }

    private void reportSoon() {
        if (unreported > 0 && !reporting) {
            reporting = true;
            reportTimer = vertx.setTimer(rhythm.report().toMillis(), due -> {
                reporting = false;
                if (writable()) {
                    // A comment is no event: it does not delay the next heartbeat.
                    long before = lastEvent;
                    say(": held back " + unreported + " lines\n");
                    lastEvent = before;
                    unreported = 0;
                } else {
                    reportSoon();
                }
            });
        }
    }

    private void expire() {
        if (!closing) {
            counters.expired.add(1);
            flush();
            say("event: closing\ndata: closing due to stream timeout\n\n");
            finish("");
        }
    }

    /** Ends the stream; a comment says why. */
    void close(String why) {
        if (!closing) {
            flush();
            finish(": " + why + "\n");
        }
    }

    @Override
    public void tooSlow(Pace pace) {
        if (!closing) {
            // From here on nothing is confirmed.
            released = true;
            finish(": " + pace.tooSlow() + "\n");
        }
    }

    @Override
    public void stopping() {
        release("");
    }

    @Override
    public void moved() {
        release(": " + MOVED + "\n");
    }

    /** Ends the stream after what it was handed, of which nothing is confirmed any more. */
    private void release(String lastLines) {
        if (!closing) {
            released = true;
            flush();
            finish(lastLines);
        }
    }

    /** Writes the end. Who does not take it is cut off. */
    private void finish(String lastLines) {
        closing = true;
        cutTimer = vertx.setTimer(ENDING_MILLIS, late -> cut());
        if (response.closed()) {
            gone();
        } else {
            // After everything before it, which is confirmed then.
            (lastLines.isEmpty() ? response.end() : response.end(lastLines)).onComplete(written -> gone());
        }
    }

    private void cut() {
        if (request.version() == HttpVersion.HTTP_2) {
            response.reset();
        } else {
            Channels.cut(request.connection());
        }
        gone();
    }

    /** The stream is over, however that came about. */
    private void gone() {
        if (ended) {
            return;
        }
        ended = true;
        closing = true;
        next.clear();
        for (long timer : new long[] {heartbeatTimer, reportTimer, lifetimeTimer, cutTimer}) {
            vertx.cancelTimer(timer);
        }
        counters.streams.add(-1);
        Channels.listened(request.connection(), -1);
        if (!released) {
            released = true;
            reading.close();
        }
        whenEnded.run();
    }

    @Override
    public long waitingBytes() {
        return waiting;
    }

    @Override
    public String endpoint() {
        return "gateway";
    }

    @Override
    public String remote() {
        return remote;
    }

    @Override
    public String forwardedFor() {
        return String.join(", ", request.headers().getAll("X-Forwarded-For"));
    }

    @Override
    public String request() {
        return "/v2/read";
    }
}
