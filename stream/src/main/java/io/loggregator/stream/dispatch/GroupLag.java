package io.loggregator.stream.dispatch;

import io.loggregator.stream.log.Log;

/**
 * How far behind a group was at one moment.
 *
 * @param key which group
 * @param alone whether it is one client's own
 * @param bytes as {@link GroupStanding#behindBytes}
 * @param millis how long ago the oldest batch had arrived that has not been handed out, or came back; 0 at the head
 */
public record GroupLag(GroupKey key, boolean alone, long bytes, long millis) {
    static GroupLag of(Group group, Log log, long head, long nowMillis) {
        long oldest = oldest(group, head);
        long millis = oldest < head ? Math.max(0, nowMillis - log.arrivalAt(oldest)) : 0;
        return new GroupLag(group.key(), group.alone(), head - oldest, millis);
    }

    /** Where the oldest batch lies that has not been handed out, or came back; the head if there is none. */
    static long oldest(Group group, long head) {
        long oldest = Math.min(oldest(group), head);
        for (Member member : group.members()) {
            oldest = Math.min(oldest, member.oldest());
        }
        return oldest;
    }

    /** The same without the head for a limit, and without what waits for single members. */
    static long oldest(Group group) {
        Delivery returned = group.returned().peek();
        return returned == null ? group.position() : Math.min(group.position(), returned.from());
    }
}
