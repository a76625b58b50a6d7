package io.loggregator.doppler.egress;

import io.loggregator.doppler.lane.DopplerLane;
import io.loggregator.stream.SteadyClock;
import io.loggregator.stream.dispatch.Deliveries;
import io.loggregator.stream.dispatch.Gap;
import io.loggregator.stream.dispatch.Joining;
import io.loggregator.stream.dispatch.Lag;
import io.loggregator.stream.dispatch.Lane;
import io.loggregator.stream.dispatch.Member;
import io.loggregator.stream.dispatch.Outlet;
import io.loggregator.stream.dispatch.Port;
import java.util.List;

/** One call's reader at one lane. On the lane's loop, but for what is marked. */
final class LaneReader implements Outlet {
    /** Unconfirmed at one lane; more than a call may have waiting, which is what bounds it. */
    static final long WINDOW = 4 << 20;

    private static final long MEMBER = 1;

    private final DopplerLane doppler;
    private final LaneGrants grants;
    private final Form form;
    private final EgressStream stream;
    private Port port;
    private Member member;
    /** The turn in which something was granted that has not been taken; 0: none. */
    private long grantedIn;

    private volatile boolean refused;

    // Owned by the call's loop.
    private long written;
    private long confirmed;

    LaneReader(DopplerLane doppler, LaneGrants grants, Form form, EgressStream stream) {
        this.doppler = doppler;
        this.grants = grants;
        this.form = form;
        this.stream = stream;
    }

    /** Joins, then tells the call; from any thread. */
    void open(Joining joining, Runnable opened) {
        doppler.execute(() -> {
            Lane lane = doppler.lane();
            // Without a grace period: who leaves leaves, as with the Go release.
            port = lane.open(this, 0, Integer.MAX_VALUE);
            member = lane.join(port, MEMBER, joining);
            doppler.schedulePump();
            opened.run();
        });
    }

    /** Leaves; from any thread. */
    void close() {
        doppler.execute(() -> {
            if (port != null) {
                doppler.lane().close(port, SteadyClock.millis());
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
        if (grantedIn == grants.turn()) {
            return true;
        }
        if (!grants.grant(stream.waiting())) {
            refused = true;
            // Again: if the room came just before, nobody was told.
            if (!grants.grant(stream.waiting())) {
                return false;
            }
        }
        grantedIn = grants.turn();
        return true;
    }

    /** What was granted has been taken; more has to be asked for. */
    private void taken() {
        if (grantedIn == grants.turn()) {
            grants.kept();
        }
        grantedIn = 0;
    }

    @Override
    public void batch(long end, byte[] bytes, int from, int to, Deliveries deliveries, boolean tails) {
        for (Message message : form.messages(end, bytes, from, to, deliveries.share(0))) {
            stream.offer(message);
        }
        stream.offerEnd(this, deliveries.sequence(0));
        taken();
    }

    @Override
    public void gap(long id, long sequence, Gap gap, long end) {
        long total = stream.lost(gap.count());
        for (Message message : form.notice(gap, total, stream.client())) {
            stream.offer(message);
        }
        stream.offerEnd(this, sequence);
        taken();
    }

    @Override
    public boolean lag(long id, Lag lag) {
        long number = stream.lags();
        List<Message> notice = number == 0 ? List.of() : form.notice(lag, number, stream.client());
        notice.forEach(stream::offer);
        return !notice.isEmpty();
    }

    @Override
    public void gap(String source, Gap gap) {
        throw new IllegalStateException("calls have no tails");
    }
}
