package io.loggregator.doppler.egress;

import io.loggregator.doppler.lane.DopplerLane;
import io.loggregator.stream.dispatch.Deliveries;
import io.loggregator.stream.dispatch.Gap;
import io.loggregator.stream.dispatch.GroupKey;
import io.loggregator.stream.dispatch.Lane;
import io.loggregator.stream.dispatch.Member;
import io.loggregator.stream.dispatch.Outlet;
import io.loggregator.stream.dispatch.Port;

/** One call's reader at one lane. On the lane's loop, but for what is marked. */
final class LaneReader implements Outlet {
    /** Unconfirmed at one lane; more than a call may have waiting, which is what bounds it. */
    private static final long WINDOW = 4 << 20;

    private static final long MEMBER = 1;

    private final DopplerLane doppler;
    private final Form form;
    private final EgressStream stream;
    private Port port;
    private Member member;
    private volatile boolean refused;

    // Owned by the call's loop.
    private long written;
    private long confirmed;

    LaneReader(DopplerLane doppler, Form form, EgressStream stream) {
        this.doppler = doppler;
        this.form = form;
        this.stream = stream;
    }

    /** Joins, then tells the call; from any thread. */
    void open(GroupKey key, Runnable opened) {
        doppler.execute(() -> {
            Lane lane = doppler.lane();
            // Without a grace period: who leaves leaves, as with the Go release.
            port = lane.open(this, 0, Integer.MAX_VALUE);
            member = lane.join(port, MEMBER, key, WINDOW, Long.MAX_VALUE);
            doppler.schedulePump();
            opened.run();
        });
    }

    /** Leaves; from any thread. */
    void close() {
        doppler.execute(() -> {
            if (port != null) {
                doppler.lane().close(port, System.currentTimeMillis());
                port = null;
                doppler.schedulePump();
            }
        });
    }

    /** Notes that all up to a delivery has been handed to gRPC; on the call's loop. */
    void handedOver(long sequence) {
        written = sequence;
    }

    /** Confirms what has been handed over; on the call's loop, when that has been written out. */
    void confirm() {
        if (confirmed != written) {
            confirmed = written;
            long sequence = written;
            doppler.later(() -> {
                if (port != null) {
                    doppler.lane().confirm(member, sequence);
                    doppler.schedulePump();
                }
            });
        }
    }

    /** Lets the lane try again if it had been refused; from any thread. */
    void room() {
        if (refused) {
            refused = false;
            doppler.execute(doppler::schedulePump);
        }
    }

    @Override
    public boolean writable() {
        if (stream.hasRoom()) {
            return true;
        }
        refused = true;
        // Again: if the room came just before, nobody was told.
        return stream.hasRoom();
    }

    @Override
    public void batch(long end, byte[] bytes, int from, int to, Deliveries deliveries, boolean tails) {
        for (Message message : form.messages(end, bytes, from, to)) {
            stream.offer(message);
        }
        stream.offerEnd(this, deliveries.sequence(0));
    }

    @Override
    public void gap(long id, long sequence, Gap gap) {
        long total = stream.lost(gap.count());
        for (Message message : form.notice(gap, total, stream.client())) {
            stream.offer(message);
        }
        stream.offerEnd(this, sequence);
    }

    @Override
    public void gap(String source, Gap gap) {
        throw new IllegalStateException("calls have no tails");
    }
}
