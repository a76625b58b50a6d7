package io.loggregator.doppler.egress;

import io.loggregator.doppler.lane.DopplerLane;
import io.loggregator.stream.dispatch.Lane;

/**
 * What one lane has promised its readers in this turn of its loop: it asks all of them before it hands anything out, so
 * without this each would be told of the same room. Owned by the lane.
 */
final class LaneGrants {
    private final DopplerLane lane;
    private final EgressMemory memory;
    private final int lanes;
    private long granted;
    private long turn = 1;
    private boolean scheduled;
    private boolean used;
    private boolean refused;

    /** @param lanes how many there are that promise without knowing of each other */
    LaneGrants(DopplerLane lane, EgressMemory memory, int lanes) {
        this.lane = lane;
        this.memory = memory;
        this.lanes = lanes;
    }

    /** Which turn this is, from 1. */
    long turn() {
        return turn;
    }

    /** Whether a call with so much waiting may have a span more, in this turn. */
    boolean grant(long waiting) {
        if (!memory.hasRoom(waiting, 0)) {
            return false;
        }
        boolean fits = granted == 0 || memory.hasRoom(waiting, granted * lanes);
        if (fits) {
            granted += Lane.SPAN_BYTES;
        } else {
            refused = true;
        }
        if (!scheduled) {
            scheduled = true;
            lane.later(this::nextTurn);
        }
        return fits;
    }

    /** A promise of this turn was kept; what it was for now waits. */
    void kept() {
        granted -= Lane.SPAN_BYTES;
        used = true;
    }

    private void nextTurn() {
        scheduled = false;
        turn++;
        granted = 0;
        if (refused && used) {
            lane.schedulePump();
        }
        refused = false;
        used = false;
    }
}
