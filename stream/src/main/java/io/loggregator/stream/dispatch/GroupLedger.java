package io.loggregator.stream.dispatch;

import io.loggregator.stream.LastLoss;
import io.loggregator.stream.Tally;
import java.util.stream.Stream;

/**
 * What became of a group's envelopes at one lane. At any moment {@code accepted = delivered + dropped + out + returned
 * + behind}; the last three are what {@link Group#pending} tells. That of a shared group outlives it for a while: one that
 * begins with the same key goes on with it.
 */
public final class GroupLedger {
    final Tally accepted = new Tally();
    final Tally delivered = new Tally();
    final DropCount lapped = new DropCount(Gap.LAPPED);
    final DropCount thinned = new DropCount(Gap.THINNED);
    final DropCount unconfirmed = new DropCount(Gap.UNCONFIRMED);
    final DropCount stopped = new DropCount(Gap.STOPPED);
    final DropCount abandoned = new DropCount(Gap.ABANDONED);
    final Tally redelivered = new Tally();
    final Tally retold = new Tally();

    private final boolean alone;
    private volatile boolean forgotten;

    /** @param alone whether the group is one client's own */
    GroupLedger(boolean alone) {
        this.alone = alone;
    }

    /** Whether the group is one client's own. */
    public boolean alone() {
        return alone;
    }

    /** Whether its group is no more, as nobody came back to it. */
    public boolean forgotten() {
        return forgotten;
    }

    void forgotten(boolean nowForgotten) {
        this.forgotten = nowForgotten;
    }

    /** Takes over what another one counted. */
    void add(GroupLedger other) {
        accepted.add(other.accepted());
        delivered.add(other.delivered());
        lapped.add(other.lapped);
        thinned.add(other.thinned);
        unconfirmed.add(other.unconfirmed);
        stopped.add(other.stopped);
        abandoned.add(other.abandoned);
        redelivered.add(other.redelivered());
        retold.add(other.retold());
    }

    /** Envelopes the group was to get. */
    public long accepted() {
        return accepted.get();
    }

    /** Envelopes that a client confirmed. */
    public long delivered() {
        return delivered.get();
    }

    /** Envelopes that the log overwrote before they could be sent. */
    public long lapped() {
        return lapped.get();
    }

    /** Envelopes of noisy sources that the log no longer had when the group, being late, came to them. */
    public long thinned() {
        return thinned.get();
    }

    /** Envelopes that a client which left may or may not have got, and that the log no longer held. */
    public long unconfirmed() {
        return unconfirmed.get();
    }

    /** Envelopes that had not been sent when the lane had to stop. */
    public long stopped() {
        return stopped.get();
    }

    /** Envelopes that waited when the group was forgotten, what had come back unconfirmed included. */
    public long abandoned() {
        return abandoned.get();
    }

    /** Envelopes that were sent a second time because nobody had confirmed them. */
    public long redelivered() {
        return redelivered.get();
    }

    /** Dropped envelopes that a client was told of and did not confirm before it left, so that they are told once more. */
    public long retold() {
        return retold.get();
    }

    /** All that was dropped. */
    public long dropped() {
        return lapped() + thinned() + unconfirmed() + stopped() + abandoned();
    }

    /** The last occasion on which the group lost something, or null; on the lane's event loop. */
    public LastLoss lastLoss() {
        return Stream.of(lapped, thinned, unconfirmed, stopped, abandoned)
                .map(DropCount::last)
                .reduce(null, LastLoss::later);
    }
}
