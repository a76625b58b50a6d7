package io.loggregator.trafficcontroller.fanout;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/** One turn of the event loop: what was written in it is flushed at its end, once for each socket. */
public final class Turn {
    private final Executor loop;
    private final LongSupplier clock;
    private List<ClientSocket> toFlush = new ArrayList<>();
    private List<ClientSocket> flushing = new ArrayList<>();

    /**
     * @param loop runs actions on the event loop, after what it is doing
     * @param clock as {@link System#nanoTime}
     */
    public Turn(Executor loop, LongSupplier clock) {
        this.loop = loop;
        this.clock = clock;
    }

    void flushLater(ClientSocket socket) {
        if (toFlush.isEmpty()) {
            loop.execute(this::flush);
        }
        toFlush.add(socket);
    }

    /** Runs something on the event loop's context, after what it is doing. */
    public void later(Runnable action) {
        loop.execute(action);
    }

    private void flush() {
        List<ClientSocket> now = toFlush;
        toFlush = flushing;
        flushing = now;
        for (int i = 0; i < now.size(); i++) {
            now.get(i).flush();
        }
        now.clear();
    }

    /** The clock's time. */
    public long nanos() {
        return clock.getAsLong();
    }
}
