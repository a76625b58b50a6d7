package io.loggregator.trafficcontroller.fanout;

import io.loggregator.trafficcontroller.subscription.Loss;
import io.loggregator.trafficcontroller.upstream.DopplerSession;
import io.netty.buffer.ByteBuf;

/** A delivery on its way to a reader: waiting for room, or handed over and not confirmed. */
final class Handover {
    final DopplerSession session;
    final Place place;
    final long sequence;
    /** Log position after it; 0: it does not tell. */
    final long position;
    /** What this lane has delivered and announced with it. */
    final long count;
    /** Bytes of the batch that it came with. */
    final int size;
    /** Null of a loss, and when it was handed over. */
    ByteBuf bytes;

    final int envelopes;
    final int heldBack;
    /** Null of envelopes; its mark and total are set when it is handed over. */
    final Loss loss;

    long mark;

    private Handover(
            DopplerSession session,
            Place place,
            long sequence,
            long position,
            long count,
            int size,
            ByteBuf bytes,
            int envelopes,
            int heldBack,
            Loss loss) {
        this.session = session;
        this.place = place;
        this.sequence = sequence;
        this.position = position;
        this.count = count;
        this.size = size;
        this.bytes = bytes;
        this.envelopes = envelopes;
        this.heldBack = heldBack;
        this.loss = loss;
    }

    /** Envelopes, or none at all; retains them. */
    static Handover of(DopplerSession session, Place place, long sequence, long position, int size, Cut cut) {
        return new Handover(
                session,
                place,
                sequence,
                position,
                place.receivedCount(),
                size,
                cut.bytes().retainedDuplicate(),
                cut.envelopes(),
                cut.heldBack(),
                null);
    }

    /** Word of a loss. */
    static Handover of(DopplerSession session, Place place, long sequence, Loss loss) {
        return new Handover(session, place, sequence, 0, place.receivedCount(), 0, null, 0, 0, loss);
    }

    /** Word of a loss that no Doppler waits to hear about. */
    static Handover of(Loss loss) {
        return new Handover(null, null, 0, 0, 0, 0, null, 0, 0, loss);
    }

    /** Whether it came from that run of a Doppler. */
    boolean isOf(long run) {
        return place != null && place.run() == run;
    }

    /** Whether there is nothing to hand over: none of the envelopes is the reader's. */
    boolean isEmpty() {
        return loss == null && envelopes == 0 && heldBack == 0;
    }
}
