package io.loggregator.stream.dispatch;

import io.loggregator.stream.log.Log;
import io.loggregator.stream.selection.Selection;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The groups of a lane: how they begin, who joins and leaves, how long they are kept without members. Owned by the lane. */
final class Groups {
    /** Shared groups whose ledgers are kept when they are forgotten; beyond that those that have been for longest go. */
    static final int LEDGERS_KEPT = 100;

    private final Log log;
    private final Counting counting;
    private final Interests interests;
    private final LaneCounters counters;
    private final Map<GroupKey, Group> byKey = new HashMap<>();
    private final Map<GroupKey, GroupLedger> ledgers = new ConcurrentHashMap<>();
    /** Shared groups that nobody came back to, and from where in the log on they have not read. */
    private final Map<GroupKey, Long> forgotten = new LinkedHashMap<>();

    private final Map<String, GroupLedger> gone = new ConcurrentHashMap<>();
    private final List<Group> all = new ArrayList<>();
    private final List<Group> behind = new ArrayList<>();

    Groups(Log log, Interests interests, LaneCounters counters) {
        this.log = log;
        this.counting = new Counting(log);
        this.interests = interests;
        this.counters = counters;
    }

    /** Those that there are, in no order that means anything; not to be changed. */
    List<Group> all() {
        return all;
    }

    /** Those with something to catch up with; changed by {@link #fallBehind} and by who lets them catch up. */
    List<Group> behind() {
        return behind;
    }

    /** Of those that there are, and of shared ones that are forgotten; a live view, from any thread. */
    Map<GroupKey, GroupLedger> ledgers() {
        return Collections.unmodifiableMap(ledgers);
    }

    /** A live view, by protocol, from any thread. */
    Map<String, GroupLedger> gone() {
        return Collections.unmodifiableMap(gone);
    }

    /** The group, or null. */
    Group find(GroupKey key) {
        return byKey.get(key);
    }

    void fallBehind(Group group) {
        if (!group.behind()) {
            group.behind(true);
            behind.add(group);
        }
    }

    /**
     * Lets a client join.
     *
     * @param from where a group starts that is new, and whose client does not say where it is
     * @param whole whether the log surely has all that such a client needs
     * @param left what came from there on may have passed a client that was a member until its link broke
     * @param head up to where the lane has handed out
     */
    Member join(Port port, long id, Joining joining, long from, boolean whole, long left, long head) {
        Resume resume = joining.resume() != null && canBe(joining.resume(), head) ? joining.resume() : null;
        Group group = byKey.get(joining.key());
        Seat seat = new Seat(port.tailsName(), id, joining.readingSince());
        boolean placed = resume != null && resume.isPlace();
        boolean mayMiss = joining.isAgain() && !placed && (group == null || group.begun() > left);
        if (group == null) {
            group = begin(joining, resume, from, whole, mayMiss, head);
        } else if (group.alone() && seat.differs(group.seat) && hasLeft(joining, seat, group, left)) {
            // Its client has come back elsewhere since, and is not to be robbed of what it reads there.
            port.outlet().moved(id);
            return memberOf(group, port, id, joining);
        } else if (group.alone()
                && group.hasMembers()
                && seat.isSame(group.seat)
                && port.isBefore(group.members().get(0).port())) {
            // It has joined by a later link already; what it had said by this one comes late.
            return memberOf(group, port, id, joining);
        } else if (group.alone()) {
            // The client has come back before its old connection was known to be gone.
            for (Member earlier : List.copyOf(group.members())) {
                takeOut(earlier);
                // Over another link of the same name it is that member itself which joins.
                if (group.seat.differs(seat)) {
                    earlier.port().outlet().moved(earlier.id());
                }
            }
            if (resume != null) {
                resume(group, resume, !seat.isSame(group.seat));
            }
        }
        group.seat = seat;
        // It is the only one to be told what the group is told.
        mayMiss &= group.hasMembers() || group.gap() == null || !group.gap().unknown();
        Member member = memberOf(group, port, id, joining);
        group.join(member);
        if (mayMiss) {
            member.unknownLoss();
            group.missesBeforeStart();
            group.waits();
        }
        port.members().add(member);
        counters.readers.add(1);
        if (group.position() < head || group.gap() != null || !group.returned().isEmpty() || mayMiss) {
            fallBehind(group);
        }
        return member;
    }

    /** Whether a connection with another seat than the group's last is one that its client has left. */
    private static boolean hasLeft(Joining joining, Seat seat, Group group, long left) {
        // The group was there when its link broke, and somebody else has joined it since: no clock needs to be asked.
        boolean goneOnSince = joining.isAgain() && group.begun() < left;
        return goneOnSince || seat.readingSince() < group.seat.readingSince();
    }

    private Member memberOf(Group group, Port port, long id, Joining joining) {
        return new Member(id, group, port, joining.windowBytes(), joining.deterministicName(), counters.windowsFull);
    }

    private boolean canBe(Resume resume, long head) {
        long position = resume.position();
        return position >= 0
                && resume.count() >= 0
                && position <= head
                && (position < log.tail() || log.borderFrom(position) == position);
    }

    /** @param told whether the client is told in any case that it may miss something */
    private Group begin(Joining joining, Resume resume, long from, boolean whole, boolean told, long head) {
        boolean placed = resume != null && resume.isPlace();
        long position = placed ? Math.max(resume.position(), log.tail()) : from;
        GroupLedger ledger = ledgers.computeIfAbsent(joining.key(), first -> new GroupLedger(joining.alone()));
        ledger.forgotten(false);
        Long unread = forgotten.remove(joining.key());
        Resume start = new Resume(position, resume == null ? 0 : resume.count());
        Group group = new Group(joining, ledger, log, counting, interests, start, head);
        boolean lapped = placed && resume.position() < position;
        if (placed ? lapped || position < log.thinnedTo() : !whole) {
            // What is thinned from its own place on was not there for whoever comes from there.
            group.unknownLoss(placed && !lapped ? position + 1 : Math.max(1, position), Gap.LAPPED);
        } else if (unread != null && !told && hasPassed(unread, position, group.selection())) {
            group.unknownLoss(position, Gap.ABANDONED);
        }
        group.ledger().accepted.add(group.pending(head));
        byKey.put(group.key(), group);
        all.add(group);
        return group;
    }

    /** From where on there is something that no client has had; -1 if it is in the log no more. */
    private static long unread(Group group) {
        Delivery back = group.returned().peek();
        return group.gap() != null ? -1 : back == null ? group.position() : back.from();
    }

    /** Whether there was, or may have been, something for a group that was forgotten before another one begins. */
    private boolean hasPassed(long unread, long position, Selection selection) {
        if (unread >= position) {
            return false;
        }
        boolean tooFar = !selection.byClassOnly() && position - unread > Counting.MOST_WALKED;
        return unread < log.thinnedTo() || tooFar || counting.between(unread, position, selection) > 0;
    }

    private void resume(Group group, Resume resume, boolean anotherConnection) {
        long delivered = group.ledger().delivered();
        long lapped = group.ledger().lapped();
        group.resume(resume, anotherConnection);
        counters.delivered.add(group.ledger().delivered() - delivered);
        counters.lappedGroups.add(group.ledger().lapped() - lapped);
    }

    /** A client leaves; what it did not confirm goes to the others, or waits for the group's grace period. */
    void leave(Member member, long nowMillis, long head) {
        if (!takeOut(member)) {
            return;
        }
        Group group = member.group();
        if (group.hasMembers()) {
            fallBehind(group);
        } else {
            group.graceUntil(member.port().graceUntil(nowMillis));
            keepInGrace(member.port().groupsInGrace(), group.alone(), head);
            expire(nowMillis, head);
            if (group.graceUntil() <= nowMillis) {
                // One that is not waited for has ended, and is owed no word when there is another.
                forgotten.replace(group.key(), Long.MAX_VALUE);
            }
        }
    }

    private boolean takeOut(Member member) {
        Group group = member.group();
        long before = group.ledger().unconfirmed();
        boolean was = group.leave(member);
        counters.readers.add(was ? -1 : 0);
        counters.unconfirmed.add(group.ledger().unconfirmed() - before);
        member.port().members().remove(member);
        return was;
    }

    /** Forgets groups that nobody came back to. */
    void expire(long nowMillis, long head) {
        for (int i = all.size() - 1; i >= 0; i--) {
            Group group = all.get(i);
            if (!group.hasMembers() && group.graceUntil() <= nowMillis) {
                // A client's own ends with it, as a rule.
                counters.expiredGroups.add(group.alone() ? 0 : 1);
                forget(group, head);
            }
        }
    }

    /** Clients' own groups and those that clients share do not compete. */
    private void keepInGrace(int most, boolean alone, long head) {
        int waiting = 0;
        Group first = null;
        for (Group group : all) {
            if (!group.hasMembers() && group.alone() == alone) {
                waiting++;
                if (first == null || group.graceUntil() < first.graceUntil()) {
                    first = group;
                }
            }
        }
        if (waiting > most && first != null) {
            counters.groupsTooMany.add(1);
            forget(first, head);
        }
    }

    private void forget(Group group, long head) {
        long pending = group.pending(head);
        counters.abandoned.add(pending);
        group.ledger().abandoned.add(pending);
        byKey.remove(group.key());
        all.remove(group);
        if (group.alone()) {
            ledgers.remove(group.key());
            gone.computeIfAbsent(group.key().protocol(), first -> new GroupLedger(true))
                    .add(group.ledger());
        } else {
            keepLedger(group);
        }
        behind.remove(group);
        if (group.interest() != null) {
            interests.remove(group, group.interest());
        }
    }

    private void keepLedger(Group group) {
        group.ledger().forgotten(true);
        forgotten.put(group.key(), unread(group));
        if (forgotten.size() > LEDGERS_KEPT) {
            GroupKey eldest = forgotten.keySet().iterator().next();
            forgotten.remove(eldest);
            ledgers.remove(eldest);
        }
    }
}
