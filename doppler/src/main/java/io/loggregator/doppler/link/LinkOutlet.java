package io.loggregator.doppler.link;

import io.loggregator.link.LinkFrame;
import io.loggregator.link.v1.Batch;
import io.loggregator.link.v1.Delivery;
import io.loggregator.link.v1.Hello;
import io.loggregator.link.v1.Moved;
import io.loggregator.link.v1.ToTrafficController;
import io.loggregator.stream.SteadyClock;
import io.loggregator.stream.dispatch.Deliveries;
import io.loggregator.stream.dispatch.Gap;
import io.loggregator.stream.dispatch.Lag;
import io.loggregator.stream.dispatch.Outlet;
import io.loggregator.stream.selection.Share;

/** One lane's way into a link. Used on the lane's loop. */
final class LinkOutlet implements Outlet {
    private final int lane;
    private final LinkSocket socket;
    private final boolean takesLags;
    private final boolean takesMoved;

    /** @param hello what the Traffic Controller takes */
    LinkOutlet(int lane, LinkSocket socket, Hello hello) {
        this.lane = lane;
        this.socket = socket;
        this.takesLags = hello.getTakesLags();
        this.takesMoved = hello.getTakesMoved();
    }

    @Override
    public boolean writable() {
        return socket.writable();
    }

    @Override
    public void batch(long end, byte[] bytes, int from, int to, Deliveries deliveries, boolean tails) {
        Batch.Builder batch = Batch.newBuilder().setLane(lane).setEnd(end).setTails(tails);
        for (int i = 0; i < deliveries.size(); i++) {
            Delivery.Builder delivery = delivery(deliveries.member(i), deliveries.sequence(i));
            Share share = deliveries.share(i);
            if (share.count() > 1) {
                delivery.setShareIndex(share.index()).setShareCount(share.count());
            }
            batch.addDeliveries(delivery);
        }
        ToTrafficController header =
                ToTrafficController.newBuilder().setBatch(batch).build();
        socket.send(LinkFrame.encode(header, bytes, from, to));
    }

    @Override
    public void gap(long member, long sequence, Gap gap, long end) {
        send(message(gap).setDelivery(delivery(member, sequence)).setEnd(end));
    }

    @Override
    public boolean lag(long member, Lag lag) {
        if (takesLags) {
            socket.send(LinkFrame.encode(ToTrafficController.newBuilder()
                    .setLag(io.loggregator.link.v1.Lag.newBuilder()
                            .setLane(lane)
                            .setMember(member)
                            .setBehindMillis(lag.millis())
                            .setBehindBytes(lag.bytes())
                            .setLimitBytes(lag.limitBytes()))
                    .build()));
        }
        return takesLags;
    }

    @Override
    public void moved(long member) {
        if (takesMoved) {
            socket.send(LinkFrame.encode(ToTrafficController.newBuilder()
                    .setMoved(Moved.newBuilder().setMember(member))
                    .build()));
        }
    }

    @Override
    public void gap(String source, Gap gap) {
        io.loggregator.link.v1.Gap.Builder message = message(gap);
        if (source != null) {
            message.setSourceId(source);
        }
        send(message);
    }

    private void send(io.loggregator.link.v1.Gap.Builder gap) {
        socket.send(
                LinkFrame.encode(ToTrafficController.newBuilder().setGap(gap).build()));
    }

    private io.loggregator.link.v1.Gap.Builder message(Gap gap) {
        return io.loggregator.link.v1.Gap.newBuilder()
                .setLane(lane)
                .setCount(gap.count())
                .setFirstMillis(SteadyClock.toSystem(gap.firstMillis()))
                .setLastMillis(SteadyClock.toSystem(gap.lastMillis()))
                .setReason(gap.reason());
    }

    private static Delivery.Builder delivery(long member, long sequence) {
        return Delivery.newBuilder().setMember(member).setSequence(sequence);
    }
}
