package io.loggregator.trafficcontroller.fanout;

import io.loggregator.stream.dispatch.Lag;
import io.loggregator.stream.notice.LagNotice;
import io.loggregator.trafficcontroller.subscription.Loss;
import io.loggregator.trafficcontroller.subscription.Pace;
import io.loggregator.trafficcontroller.subscription.Piece;
import io.loggregator.trafficcontroller.subscription.Reader;
import io.loggregator.trafficcontroller.subscription.Subscription;

/** One firehose client at its WebSocket. It confirms by Pongs. */
final class FirehoseClient implements Reader, ClientSocket.Owner {
    private final Subscription subscription;
    private final HeldBack heldBack;
    private final Soon soon;
    private final Runnable ask = this::ask;
    private final ClientCounters counters;
    private ClientSocket socket;
    private Member member;
    private boolean served;
    private long written;
    private long confirmed;
    private long asked;

    FirehoseClient(Subscription subscription, HeldBack heldBack, Soon soon, ClientCounters counters) {
        this.subscription = subscription;
        this.heldBack = heldBack;
        this.soon = soon;
        this.counters = counters;
    }

    /** Before anything else. */
    void open(ClientSocket ownSocket, Member ownMember) {
        this.socket = ownSocket;
        this.member = ownMember;
        served = true;
        counters.firehoses.add(1);
        ownSocket.open();
    }

    ClientSocket socket() {
        return socket;
    }

    /** As {@link ClientSocket#tick}. */
    boolean tick(long slowNanos) {
        heldBack.tellIfDue(socket);
        return socket.tick(slowNanos);
    }

    @Override
    public void take(Piece piece) {
        heldBack.add(piece.heldBack());
        counters.firehoseEgress.add(piece.envelopes());
        if (piece.bytes().isReadable()) {
            socket.write(piece.bytes());
        } else {
            piece.bytes().release();
        }
        taken(piece.mark());
    }

    @Override
    public void take(Loss loss) {
        counters.notices.add(1);
        socket.write(Notice.frames(subscription.selection(), Notice.PLATFORM, loss, socket.remote()));
        taken(loss.mark());
    }

    @Override
    public boolean take(Lag lag, long number) {
        LagNotice notice = new LagNotice(subscription.selection(), Notice.PLATFORM, lag, number, socket.remote());
        if (notice.hasForm()) {
            socket.tell(Notice.frames(notice));
        }
        return notice.hasForm();
    }

    /** Has it confirmed, soon: one question at a time, not one for each delivery. */
    private void taken(long mark) {
        written = mark;
        if (asked == confirmed) {
            soon.add(ask);
        }
    }

    /** Asks now, if there is something to ask about. */
    private void ask() {
        if (asked == confirmed && written > confirmed && socket.mark() != 0) {
            asked = written;
        }
    }

    @Override
    public void reached(long mark) {
        confirmed = asked;
        member.confirm(confirmed);
        if (written > confirmed) {
            soon.add(ask);
        }
    }

    @Override
    public void writableAgain() {
        member.room();
    }

    @Override
    public boolean writable() {
        return socket.writable();
    }

    @Override
    public boolean hasWaiting() {
        return member.hasWaiting();
    }

    @Override
    public long waitingBytes() {
        return socket.waitingBytes();
    }

    @Override
    public String endpoint() {
        return "firehose";
    }

    @Override
    public String remote() {
        return socket.remote();
    }

    @Override
    public String forwardedFor() {
        return socket.forwardedFor();
    }

    @Override
    public String request() {
        return socket.uri();
    }

    @Override
    public void tooSlow(Pace pace) {
        notServed();
        socket.close(ClientSocket.POLICY_VIOLATION, pace.tooSlow());
    }

    @Override
    public void stopping() {
        notServed();
        socket.close(ClientSocket.GOING_AWAY, Farewell.REASON);
    }

    @Override
    public void violated() {
        counters.violations.add(1);
    }

    @Override
    public void ended() {
        notServed();
        member.close();
    }

    private void notServed() {
        if (served) {
            served = false;
            counters.firehoses.add(-1);
            soon.forget(ask);
        }
    }
}
