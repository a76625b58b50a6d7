package io.loggregator.stream.dispatch;

import io.loggregator.stream.Tally;

/** What a lane counts over all its readers; read from any thread. */
public final class LaneCounters {
    final Tally acceptedEnvelopes = new Tally();
    final Tally acceptedBytes = new Tally();
    final Tally delivered = new Tally();
    final Tally lappedGroups = new Tally();
    final Tally lappedTails = new Tally();
    final Tally thinnedGroups = new Tally();
    final Tally thinnedTails = new Tally();
    final Tally unconfirmed = new Tally();
    final Tally stoppedGroups = new Tally();
    final Tally stoppedTails = new Tally();
    final Tally stoppedAbsentTails = new Tally();
    final Tally abandoned = new Tally();
    final Tally expiredGroups = new Tally();
    final Tally groupsTooMany = new Tally();
    final Tally unnumberedTails = new Tally();
    final Tally redelivered = new Tally();
    final Tally windowsFull = new Tally();
    final Tally lagNotices = new Tally();
    final Tally linkBytes = new Tally();
    final Tally catchUpBytes = new Tally();
    final Tally readers = new Tally();

    /** Envelopes taken into the log. */
    public long acceptedEnvelopes() {
        return acceptedEnvelopes.get();
    }

    /** Bytes of batches taken into the log. */
    public long acceptedBytes() {
        return acceptedBytes.get();
    }

    /** Envelopes that members of groups confirmed. */
    public long delivered() {
        return delivered.get();
    }

    /** Envelopes overwritten before a group had read them. */
    public long lappedGroups() {
        return lappedGroups.get();
    }

    /** Envelopes overwritten before a link's tails had read them. */
    public long lappedTails() {
        return lappedTails.get();
    }

    /** Envelopes of noisy sources that the log gave up before a group had read them. */
    public long thinnedGroups() {
        return thinnedGroups.get();
    }

    /** Envelopes of noisy sources that the log gave up before a link's tails had read them. */
    public long thinnedTails() {
        return thinnedTails.get();
    }

    /** Envelopes that clients left without confirming and that could not be sent again. */
    public long unconfirmed() {
        return unconfirmed.get();
    }

    /** Envelopes that groups had not been sent when the lane had to stop. */
    public long stoppedGroups() {
        return stoppedGroups.get();
    }

    /** Envelopes that links' tails had not been sent when the lane had to stop. */
    public long stoppedTails() {
        return stoppedTails.get();
    }

    /** The same of tails whose link had broken before, so that they could not be told. */
    public long stoppedAbsentTails() {
        return stoppedAbsentTails.get();
    }

    /** Envelopes that waited for a group nobody came back to. */
    public long abandoned() {
        return abandoned.get();
    }

    /** Shared groups forgotten because nobody had come back to them in time. */
    public long expiredGroups() {
        return expiredGroups.get();
    }

    /** Groups forgotten before their time, because a Traffic Controller had as many without a client as it may. */
    public long groupsTooMany() {
        return groupsTooMany.get();
    }

    /** Losses that a link's tails, or those of one source, were told of without a number. */
    public long unnumberedTails() {
        return unnumberedTails.get();
    }

    /** Envelopes that some reader did not get, for whatever reason. */
    public long dropped() {
        return lappedGroups()
                + lappedTails()
                + thinnedGroups()
                + thinnedTails()
                + unconfirmed()
                + stoppedGroups()
                + stoppedTails()
                + stoppedAbsentTails()
                + abandoned();
    }

    /** Envelopes sent a second time. */
    public long redelivered() {
        return redelivered.get();
    }

    /** Times that a member was sent nothing more because of what it had not confirmed. */
    public long windowsFull() {
        return windowsFull.get();
    }

    /** Batch bytes sent over links. */
    public long linkBytes() {
        return linkBytes.get();
    }

    /** Those of them that were read from the log again, for a reader that had fallen behind. */
    public long catchUpBytes() {
        return catchUpBytes.get();
    }

    /** Times that a member was told that it lags. */
    public long lagNotices() {
        return lagNotices.get();
    }

    /** Members of groups, and sources that links' tails follow, now: what would be streams to readers by gRPC. */
    public long readers() {
        return readers.get();
    }
}
