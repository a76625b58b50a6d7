package io.loggregator.trafficcontroller.fanout;

import io.loggregator.trafficcontroller.upstream.DopplerSession;

/** How far one reader got in one lane of one run of a Doppler. Positions and counts are the lane's own. */
final class Place {
    private final long run;
    private final int lane;
    private final boolean counted;
    private DopplerSession session;
    private long receivedPosition;
    private long receivedCount;
    private long position;
    private long count;
    private long confirmed;
    private long toConfirm;
    private boolean toldLost;
    private long lastMark;

    /**
     * Nothing was received yet.
     *
     * @param counted whether that is so since the reader's group began
     */
    Place(DopplerSession session, int lane, boolean counted) {
        this.counted = counted;
        this.run = ResumeToken.run(session.epoch());
        this.lane = lane;
        this.session = session;
    }

    /** Where an earlier reader was; of a run that may be linked or not. */
    Place(ResumeToken.ReadUpTo earlier) {
        this.run = earlier.run();
        this.lane = earlier.lane();
        this.counted = true;
        this.toldLost = earlier.lost();
        this.receivedPosition = earlier.position();
        this.receivedCount = earlier.count();
        this.position = earlier.position();
        this.count = earlier.count();
    }

    long run() {
        return run;
    }

    int lane() {
        return lane;
    }

    /** Whether it is the place that this session's lane is about, as far as is known without looking closer. */
    boolean is(DopplerSession other, int otherLane) {
        return session == other && lane == otherLane;
    }

    /** Whether its counts go back to when the reader's group began. */
    boolean isCounted() {
        return counted;
    }

    /** Whether the reader has word that the run is lost, and no session has been about it since. */
    boolean isLost() {
        return toldLost;
    }

    /** Whether no session has been about it yet. */
    boolean isUnknown() {
        return session == null && !toldLost;
    }

    boolean isOpen() {
        return session != null && session.isOpen();
    }

    /** Goes on with another session, in which sequence numbers begin anew. */
    void over(DopplerSession other) {
        session = other;
        toldLost = false;
        confirmed = 0;
        toConfirm = 0;
    }

    /** Notes what came. */
    void received(long end, long more) {
        receivedPosition = Math.max(receivedPosition, end);
        receivedCount += more;
    }

    long receivedPosition() {
        return receivedPosition;
    }

    long receivedCount() {
        return receivedCount;
    }

    /**
     * Notes what was handed to the reader.
     *
     * @param mark grows with what the reader is handed, from whatever lane
     */
    void handedOver(Handover delivery, long mark) {
        position = Math.max(position, delivery.position);
        count = delivery.count;
        lastMark = mark;
    }

    /** The mark of what was handed over last; 0: nothing but to an earlier reader. */
    long lastMark() {
        return lastMark;
    }

    /** The reader has word that the run is lost, which it may yet not be. */
    void toldLost() {
        toldLost = true;
    }

    /** What the reader was handed; null: nothing, or nothing that can be told. */
    ResumeToken.ReadUpTo handedOver() {
        return position == 0 || !counted ? null : new ResumeToken.ReadUpTo(run, lane, position, count, toldLost);
    }

    /** Notes that the reader has a delivery; what an earlier session brought is not asked about any more. */
    void reached(Handover delivery) {
        if (delivery.session == session) {
            toConfirm = delivery.sequence;
        }
    }

    /** Tells the Doppler what the reader has that it was not told of. */
    void confirm(long member) {
        if (toConfirm > confirmed) {
            confirmed = toConfirm;
            session.confirm(member, lane, confirmed);
        }
    }
}
