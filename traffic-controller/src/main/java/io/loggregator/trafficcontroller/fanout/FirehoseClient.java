package io.loggregator.trafficcontroller.fanout;

import io.loggregator.link.v1.Filter;
import io.loggregator.link.v1.Join;
import io.loggregator.link.v1.Leave;
import io.loggregator.link.v1.ToDoppler;
import io.loggregator.link.v1.Window;
import io.loggregator.stream.selection.Selection;
import io.loggregator.trafficcontroller.upstream.DopplerSession;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * One firehose client, a member of its group at every Doppler. What is delivered to it waits here while its socket is
 * full; the Dopplers keep to its window, so that is little. It confirms by Pongs.
 */
final class FirehoseClient implements ClientSocket.Owner {
    private static final String PROTOCOL = "v1";
    private static final String APP = "system";

    /** Before it came it may have been on its way from another Traffic Controller, which was not linked there either. */
    private static final Duration MOVING = Duration.ofSeconds(5);

    private final long member;
    private final String subscription;
    private final Selection filter;
    private final Firehoses firehoses;
    private final ClientCounters counters;
    private final long since;
    private final ArrayDeque<Item> waiting = new ArrayDeque<>();
    private final List<Progress> progress = new ArrayList<>();
    private final List<Progress> marked = new ArrayList<>();
    private ClientSocket socket;
    private boolean departed;
    private long lost;

    /** A delivery that waits for room; a null batch stands for a gap. */
    private record Item(DopplerSession session, int lane, long sequence, RenderedBatch batch, long gap) {}

    /** How far one lane's deliveries were written, and how far that has been asked about. */
    private static final class Progress {
        final DopplerSession session;
        final int lane;
        long written;
        long asked;
        long confirmed;

        Progress(DopplerSession session, int lane) {
            this.session = session;
            this.lane = lane;
        }
    }

    FirehoseClient(long member, String subscription, Selection filter, Firehoses firehoses, ClientCounters counters) {
        this.member = member;
        this.subscription = subscription;
        this.filter = filter;
        this.firehoses = firehoses;
        this.counters = counters;
        this.since = firehoses.nanos();
    }

    long member() {
        return member;
    }

    ClientSocket socket() {
        return socket;
    }

    void open(ClientSocket ownSocket) {
        this.socket = ownSocket;
        ownSocket.open();
    }

    /** Joins its group at a Doppler that hears of it as it comes. */
    void join(DopplerSession session, long window) {
        join(session, window, Duration.ZERO);
    }

    /**
     * Joins its group over a link that is new.
     *
     * @param lastEnd when the last link to that run of the Doppler ended; a client that came later is unknown to it
     */
    void rejoin(DopplerSession session, long window, long lastEnd) {
        boolean known = since - lastEnd < 0;
        join(
                session,
                window,
                known
                        ? Duration.ZERO
                        : Duration.ofNanos(firehoses.nanos() - since).plus(MOVING));
    }

    private void join(DopplerSession session, long window, Duration age) {
        session.send(ToDoppler.newBuilder()
                .setJoin(Join.newBuilder()
                        .setMember(member)
                        .setProtocol(PROTOCOL)
                        .setSubscription(subscription)
                        .setFilter(filter())
                        .setWindowBytes(window)
                        .setAgeMillis(age.toMillis()))
                .build());
    }

    private Filter filter() {
        return filter.equals(Selection.LOGS)
                ? Filter.LOGS
                : filter.equals(Selection.METRICS) ? Filter.METRICS : Filter.ALL;
    }

    /** Has the Doppler send it nothing more; what is under way still comes and can be confirmed. */
    void closeWindow(DopplerSession session) {
        session.send(ToDoppler.newBuilder()
                .setWindow(Window.newBuilder().setMember(member).setBytes(0))
                .build());
    }

    /** Whether everything that was delivered is confirmed. */
    boolean settled() {
        if (!waiting.isEmpty()) {
            return false;
        }
        for (Progress lane : progress) {
            if (lane.written > lane.confirmed) {
                return false;
            }
        }
        return true;
    }

    /** Leaves its group, and sends the client elsewhere. */
    void depart(String reason) {
        departed = true;
        firehoses.leave(this);
        socket.close(ClientSocket.GOING_AWAY, reason);
    }

    boolean departed() {
        return departed;
    }

    void leave(DopplerSession session) {
        session.send(ToDoppler.newBuilder()
                .setLeave(Leave.newBuilder().setMember(member))
                .build());
    }

    void deliver(DopplerSession session, int lane, long sequence, RenderedBatch batch) {
        take(new Item(session, lane, sequence, batch.retain(), 0));
    }

    void gap(DopplerSession session, int lane, long sequence, long count) {
        take(new Item(session, lane, sequence, null, count));
    }

    private void take(Item item) {
        if (waiting.isEmpty() && socket.writable()) {
            write(item);
            ask();
        } else {
            waiting.add(item);
        }
    }

    private void write(Item item) {
        if (item.batch == null) {
            lost += item.gap;
            write(Notice.frames(filter, APP, item.gap, lost, socket.remote()));
            counters.notices.add(1);
        } else {
            counters.firehoseEgress.add(item.batch.select(filter, this::write));
            item.batch.release();
        }
        progressOf(item.session, item.lane).written = item.sequence;
    }

    private void write(ByteBuf frames) {
        socket.write(frames);
    }

    private Progress progressOf(DopplerSession session, int lane) {
        for (int i = 0; i < progress.size(); i++) {
            Progress known = progress.get(i);
            if (known.session == session && known.lane == lane) {
                return known;
            }
        }
        Progress first = new Progress(session, lane);
        progress.add(first);
        return first;
    }

    /** Has written deliveries confirmed, soon: one question at a time, not one for each delivery. */
    private void ask() {
        if (marked.isEmpty()) {
            firehoses.askLater(this);
        }
    }

    /** Asks now, if there is something to ask about. */
    void askNow() {
        if (!marked.isEmpty()) {
            return;
        }
        for (int i = 0; i < progress.size(); i++) {
            Progress lane = progress.get(i);
            if (lane.written > lane.confirmed) {
                lane.asked = lane.written;
                marked.add(lane);
            }
        }
        if (!marked.isEmpty() && socket.mark() == 0) {
            marked.clear();
        }
    }

    @Override
    public void reached(long mark) {
        for (Progress lane : marked) {
            lane.confirmed = lane.asked;
            lane.session.confirm(member, lane.lane, lane.asked);
        }
        marked.clear();
        progress.removeIf(lane -> !lane.session.isOpen());
        for (Progress lane : progress) {
            if (lane.written > lane.confirmed) {
                firehoses.askLater(this);
                return;
            }
        }
    }

    @Override
    public void writable() {
        boolean some = false;
        while (!waiting.isEmpty() && socket.writable()) {
            write(waiting.poll());
            some = true;
        }
        if (some) {
            ask();
        }
    }

    @Override
    public boolean hasWaiting() {
        return !waiting.isEmpty();
    }

    @Override
    public void ended() {
        for (Item item : waiting) {
            if (item.batch != null) {
                item.batch.release();
            }
        }
        waiting.clear();
        firehoses.ended(this);
    }
}
