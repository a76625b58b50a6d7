package io.loggregator.stream.dispatch;

import io.loggregator.stream.SteadyClock;
import io.loggregator.stream.log.Log;

/**
 * What one lane knows of a group at one moment.
 *
 * @param key which group
 * @param ledger what became of its envelopes; a live view, which does not change before the lane's event loop goes on
 * @param members clients that are there
 * @param pending envelopes that are neither delivered nor dropped
 * @param pendingCounted whether {@code pending} was counted; else it is what the ledger leaves over, because counting
 *     would have meant to walk much of the log
 * @param behindBytes bytes of the log from the oldest batch that has not been handed out, or came back, to the head,
 *     whatever the group selects of them
 * @param lags whether it is so far behind that its members were told, if they could be
 * @param oldestMillis when that batch arrived, as {@link SteadyClock#millis}; 0 if the group is at the head
 */
public record GroupStanding(
        GroupKey key,
        GroupLedger ledger,
        int members,
        long pending,
        boolean pendingCounted,
        long behindBytes,
        boolean lags,
        long oldestMillis) {

    /**
     * Takes stock.
     *
     * @param head up to where the lane has handed out
     * @param walk how many bytes of the log may be walked to count what is pending
     */
    static GroupStanding of(Group group, Log log, long head, long walk) {
        long oldest = GroupLag.oldest(group, head);
        GroupLedger ledger = group.ledger();
        boolean counted = !walks(group) || head - group.position() <= walk;
        return new GroupStanding(
                group.key(),
                ledger,
                group.members().size(),
                counted ? group.pending(head) : ledger.accepted() - ledger.delivered() - ledger.dropped(),
                counted,
                head - oldest,
                group.members().stream().anyMatch(Member::lags),
                oldest < head ? log.arrivalAt(oldest) : 0);
    }

    /** Whether counting what is pending means to walk the log, and not only to look into its index. */
    static boolean walks(Group group) {
        return !group.selection().byClassOnly();
    }
}
