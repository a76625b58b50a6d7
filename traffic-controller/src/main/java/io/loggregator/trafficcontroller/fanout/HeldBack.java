package io.loggregator.trafficcontroller.fanout;

import io.loggregator.stream.notice.LgrLine;
import io.netty.buffer.Unpooled;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.cloudfoundry.dropsonde.events.LogFactory.LogMessage;

/** How much a v1 client's filter has left out, and the log line that tells so now and then. */
final class HeldBack {
    private static final long INTERVAL = TimeUnit.SECONDS.toNanos(10);

    private final String app;
    private final boolean tells;
    private final LongSupplier clock;
    private final ClientCounters counters;
    private long untold;
    private long told;

    /**
     * @param app whose stream it is
     * @param tells whether the client wants to be told
     * @param clock as {@link System#nanoTime}
     */
    HeldBack(String app, boolean tells, LongSupplier clock, ClientCounters counters) {
        this.app = app;
        this.tells = tells;
        this.clock = clock;
        this.counters = counters;
        this.told = clock.getAsLong();
    }

    void add(int envelopes) {
        if (envelopes > 0) {
            untold += envelopes;
            counters.heldBack.add(envelopes);
        }
    }

    /** Tells the client, if there is something to tell and the last time was long enough ago. */
    void tellIfDue(ClientSocket socket) {
        long now = clock.getAsLong();
        if (tells && untold > 0 && now - told >= INTERVAL && socket.writable()) {
            WebSocketFrames frame = new WebSocketFrames();
            frame.append(line());
            socket.write(Unpooled.wrappedBuffer(frame.bytes(), 0, frame.end()));
            told = now;
            untold = 0;
        }
    }

    private byte[] line() {
        long now = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
        return LgrLine.v1(app, "The filter held back " + untold + " envelopes.", LogMessage.MessageType.OUT, now);
    }
}
