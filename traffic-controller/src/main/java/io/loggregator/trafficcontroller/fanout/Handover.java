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
    /** The run of a Doppler that is told to be lost; null: none is. */
    final String lostRun;

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
            Loss loss,
            String lostRun) {
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
        this.lostRun = lostRun;
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
                null,
                null);
    }

    /** Word of a loss. */
    static Handover of(DopplerSession session, Place place, long sequence, long position, Loss loss) {
        return new Handover(session, place, sequence, position, place.receivedCount(), 0, null, 0, 0, loss, null);
    }

    /** Word of a loss that no Doppler waits to hear about. */
    static Handover of(Loss loss) {
        return of(loss, null);
    }

    /** Word that a run of a Doppler is lost. */
    static Handover of(Loss loss, String lostRun) {
        return new Handover(null, null, 0, 0, 0, 0, null, 0, 0, loss, lostRun);
    }

    /** Whether there is nothing to hand over: none of the envelopes is the reader's. */
    boolean isEmpty() {
        return loss == null && envelopes == 0 && heldBack == 0;
    }
}
