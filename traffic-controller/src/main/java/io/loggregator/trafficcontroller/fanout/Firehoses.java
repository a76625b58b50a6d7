package io.loggregator.trafficcontroller.fanout;

import io.loggregator.link.v1.ToDoppler;
import io.loggregator.link.v1.Window;
import io.loggregator.stream.selection.Selection;
import io.loggregator.trafficcontroller.upstream.DopplerSession;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** The firehose clients of one event loop, and how much each may have out so that all stay within one budget. */
final class Firehoses {
    private static final long LARGEST_WINDOW = 8L << 20;
    private static final long SMALLEST_WINDOW = 64L << 10;

    private final long budget;
    private final Supplier<List<DopplerSession>> sessions;
    private final Runnable scheduleAsking;
    private final LongSupplier clock;
    private final ClientCounters counters;
    private final Map<Long, FirehoseClient> clients = new HashMap<>();
    private final Set<FirehoseClient> toAsk = new LinkedHashSet<>();
    private long nextMember = 1;
    private long window;
    private boolean leaving;

    /**
     * @param budget bytes of batches that may wait for clients, all together
     * @param scheduleAsking has {@link #askAll} called a moment later
     * @param clock as {@link System#nanoTime}
     */
    Firehoses(
            long budget,
            Supplier<List<DopplerSession>> sessions,
            Runnable scheduleAsking,
            LongSupplier clock,
            ClientCounters counters) {
        this.budget = budget;
        this.sessions = sessions;
        this.scheduleAsking = scheduleAsking;
        this.clock = clock;
        this.counters = counters;
        this.window = LARGEST_WINDOW;
    }

    FirehoseClient add(String subscription, Selection filter) {
        FirehoseClient client = new FirehoseClient(nextMember++, subscription, filter, this, counters);
        clients.put(client.member(), client);
        counters.firehoses.add(1);
        adjustWindow();
        return client;
    }

    /** Called once the client's socket is open. */
    void join(FirehoseClient client) {
        sessions.get().forEach(session -> client.join(session, window));
    }

    /** @param lastEnd when the last link to that run of the Doppler ended */
    void joinAll(DopplerSession session, long lastEnd) {
        if (!leaving) {
            adjustWindow();
            clients.values().forEach(client -> client.rejoin(session, window, lastEnd));
        }
    }

    /** Has the Dopplers send nothing more to any client. */
    void closeWindows() {
        leaving = true;
        for (DopplerSession session : sessions.get()) {
            clients.values().forEach(client -> client.closeWindow(session));
        }
    }

    void leave(FirehoseClient client) {
        sessions.get().forEach(client::leave);
    }

    long nanos() {
        return clock.getAsLong();
    }

    FirehoseClient get(long member) {
        return clients.get(member);
    }

    List<FirehoseClient> all() {
        return new ArrayList<>(clients.values());
    }

    void ended(FirehoseClient client) {
        clients.remove(client.member());
        toAsk.remove(client);
        counters.firehoses.add(-1);
        if (!client.departed()) {
            leave(client);
        }
        adjustWindow();
    }

    /** Has the client asked for confirmation a moment later, with all others. */
    void askLater(FirehoseClient client) {
        if (toAsk.isEmpty()) {
            scheduleAsking.run();
        }
        toAsk.add(client);
    }

    void askAll() {
        List<FirehoseClient> now = new ArrayList<>(toAsk);
        toAsk.clear();
        now.forEach(FirehoseClient::askNow);
    }

    /** Powers of two, so that it changes rarely. */
    private void adjustWindow() {
        if (leaving) {
            return;
        }
        long readers = 0;
        for (DopplerSession session : sessions.get()) {
            readers += session.lanes();
        }
        long share = budget / Math.max(1, readers * clients.size());
        long fitting = Math.max(SMALLEST_WINDOW, Math.min(LARGEST_WINDOW, Long.highestOneBit(Math.max(1, share))));
        if (fitting != window) {
            window = fitting;
            for (DopplerSession session : sessions.get()) {
                for (FirehoseClient client : clients.values()) {
                    session.send(ToDoppler.newBuilder()
                            .setWindow(Window.newBuilder()
                                    .setMember(client.member())
                                    .setBytes(fitting))
                            .build());
                }
            }
        }
    }
}
