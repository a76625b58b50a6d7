package io.loggregator.stream.dispatch;

import io.loggregator.stream.log.Log;
import io.loggregator.stream.log.Span;
import io.loggregator.stream.table.SourceTable;
import io.loggregator.wire.BatchCursor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One log and all its readers, on one event loop. Several lanes of a process share nothing.
 *
 * <p>{@link #accept} only appends; {@link #pump}, called once at the end of a turn of the event loop, hands what was
 * appended to everybody who stands at the head, so that what arrived together leaves together, and lets those behind
 * catch up as far as their links and windows allow. Readers never hold back {@code accept}.
 */
public final class Lane {
    /** The most that is handed to a link in one message, larger single batches apart. */
    public static final int SPAN_BYTES = 128 * 1024;

    /** Spans one reader may catch up with in one turn, so that it cannot keep the event loop to itself. */
    private static final int SPANS_A_TURN = 16;

    private final Log log;
    private final LaneCounters counters = new LaneCounters();
    private final SourceTable<List<Port>> followers = new SourceTable<>();
    private final Map<GroupKey, Group> groups = new HashMap<>();
    private final Map<GroupKey, GroupLedger> ledgers = new ConcurrentHashMap<>();
    private final List<Group> groupList = new ArrayList<>();
    private final List<Group> behind = new ArrayList<>();
    private final List<Port> ports = new ArrayList<>();
    private final Counting counting;
    private final SpanSender sender = new SpanSender(followers, counters);
    private final Span span = new Span();
    private final Span trimSpan = new Span();
    private final BatchCursor trimCursor = new BatchCursor(false);
    private long pumped;

    /** @param log empty, and from now on appended to by this lane only */
    public Lane(Log log) {
        this.log = log;
        this.counting = new Counting(log);
        log.onTrim(this::trimming);
    }

    /** What the lane counts. */
    public LaneCounters counters() {
        return counters;
    }

    /** Ledgers of all groups, by their keys; a live view, from any thread. */
    public Map<GroupKey, GroupLedger> ledgers() {
        return Collections.unmodifiableMap(ledgers);
    }

    /** Envelopes of a group that are neither delivered nor dropped; 0 for an unknown group. */
    public long pending(GroupKey key) {
        Group group = groups.get(key);
        return group == null ? 0 : group.pending(pumped);
    }

    /** Whether nothing is on its way to a group that has members, nor to any link's tails. */
    public boolean isDrained() {
        for (Group group : groupList) {
            if (group.hasMembers() && (hasSomething(group) || !group.settled())) {
                return false;
            }
        }
        for (Port port : ports) {
            if (port.tails().started()
                    && port.tails().wantsAnything()
                    && (port.tails().position() < pumped || port.tails().hasGaps())) {
                return false;
            }
        }
        return pumped == log.head();
    }

    /** Whether something waits for a group without members whose grace period has not ended. */
    public boolean waitsForMembers(long nowMillis) {
        for (Group group : groupList) {
            if (!group.hasMembers() && group.graceUntil() > nowMillis && hasSomething(group)) {
                return true;
            }
        }
        return false;
    }

    private boolean hasSomething(Group group) {
        return group.gap() != null || group.pending(pumped) > 0;
    }

    /**
     * Gives up on what has not been sent: counts it for each group and each link's tails, and tells it to those that
     * are there, after all that was sent. From then on the lane only takes confirmations; nothing may be accepted.
     */
    public void giveUp() {
        pumpHead();
        for (Group group : groupList) {
            counters.stoppedGroups.add(group.giveUp(pumped, span));
            Member member = group.gap() == null ? null : group.nextOrAny(Delivery.GAP_BYTES);
            if (member != null) {
                tellGap(group, member);
            }
        }
        for (Port port : ports) {
            counters.stoppedTails.add(port.tails().giveUp(log, pumped, trimCursor, trimSpan));
        }
    }

    /** What {@link #giveUp} left behind, group by group; groups that had everything are left out. */
    public List<Remainder> remainders() {
        List<Remainder> remainders = new ArrayList<>();
        for (Group group : groupList) {
            if (group.ledger().stopped() > 0 || group.out() > 0) {
                remainders.add(new Remainder(
                        group.key(), group.hasMembers(), group.ledger().stopped(), group.out()));
            }
        }
        return remainders;
    }

    /** How many groups there are, those in grace included. */
    public int groups() {
        return groupList.size();
    }

    /**
     * Takes a batch into the log. {@link #pump} must follow in the same turn of the event loop.
     *
     * @param envelopes envelopes in {@code bytes[from, to)}
     * @param logs those of them that v1 readers see as a LogMessage
     */
    public void accept(byte[] bytes, int from, int to, int envelopes, int logs, long nowMillis) {
        log.append(bytes, from, to, envelopes, logs, nowMillis);
        counters.acceptedEnvelopes.add(envelopes);
        counters.acceptedBytes.add(to - from);
    }

    /**
     * Hands out what can be handed out.
     *
     * @return whether a reader could go on at once, so that the call should be repeated in a later turn
     */
    public boolean pump() {
        pumpHead();
        boolean more = false;
        for (int i = 0; i < ports.size(); i++) {
            more |= catchUp(ports.get(i));
        }
        // Whoever comes first may take all that a link has room for, so it is somebody else each time.
        Collections.rotate(behind, 1);
        for (int i = behind.size() - 1; i >= 0; i--) {
            more |= catchUp(behind.get(i), i);
        }
        return more;
    }

    // ---- links -------------------------------------------------------------------------------------------------

    /**
     * Plugs a link in; its tails are not served before {@link #startTails}.
     *
     * @param graceMillis how long a group is kept whose last member leaves through this link
     * @param groupsInGrace how many such groups are kept
     */
    public Port open(Outlet outlet, long graceMillis, int groupsInGrace) {
        Port port = new Port(outlet, followers, graceMillis, groupsInGrace);
        ports.add(port);
        return port;
    }

    /**
     * Serves the tails of a link.
     *
     * @param from where they start; if the log no longer goes back that far, or no batch starts there, they are told
     *     that an unknown part is lost
     */
    public void startTails(Port port, long from) {
        long border = log.borderFrom(Math.min(Math.max(from, log.tail()), pumped));
        port.tails().start(border);
        if (from < border) {
            port.tails().spanLost();
        }
    }

    /** The position that the lane has handed out up to: where a reader that wants nothing old starts. */
    public long head() {
        return pumped;
    }

    /** The first position whose batch arrived at or after a time, as {@code tailsFrom}. */
    public long positionAt(long millis) {
        return Math.min(log.positionAt(millis), pumped);
    }

    /** Unplugs a link: its members leave, its tails end. */
    public void close(Port port, long nowMillis) {
        for (Member member : List.copyOf(port.members())) {
            leave(member, nowMillis);
        }
        port.tails().unfollowAll();
        ports.remove(port);
    }

    /** The tails of the link follow a source from now on; while they are behind, from where they stand. */
    public void follow(Port port, String source) {
        port.tails().follow(source);
    }

    /** No tail of the link follows the source any more. */
    public void unfollow(Port port, String source) {
        port.tails().unfollow(source);
    }

    /** Whether some tail of the link follows the platform's metrics. */
    public void followPlatform(Port port, boolean wanted) {
        port.tails().platform(wanted);
    }

    // ---- groups ------------------------------------------------------------------------------------------------

    /**
     * A client joins a group through a link. A group that exists goes on where it stands; a new one starts with what
     * arrived since {@code sinceMillis}.
     *
     * @param id the member's name on the link
     * @param windowBytes how much may be out to it unconfirmed
     */
    public Member join(Port port, long id, GroupKey key, long windowBytes, long sinceMillis) {
        Group group = groups.get(key);
        if (group == null) {
            long from = positionAt(sinceMillis);
            group = new Group(key, log, counting, from);
            group.ledger().accepted.add(group.pending(pumped));
            groups.put(key, group);
            groupList.add(group);
            ledgers.put(key, group.ledger());
        }
        Member member = new Member(id, group, port, windowBytes);
        group.join(member);
        port.members().add(member);
        if (group.position() < pumped
                || group.gap() != null
                || !group.returned().isEmpty()) {
            fallBehind(group);
        }
        return member;
    }

    /** A client leaves; what it did not confirm goes to the others, or waits for the group's grace period. */
    public void leave(Member member, long nowMillis) {
        Group group = member.group();
        long before = group.ledger().unconfirmed();
        group.leave(member);
        counters.unconfirmed.add(group.ledger().unconfirmed() - before);
        member.port().members().remove(member);
        if (!group.hasMembers()) {
            long grace = member.port().graceMillis();
            group.graceUntil(nowMillis > Long.MAX_VALUE - grace ? Long.MAX_VALUE : nowMillis + grace);
            keepInGrace(member.port().groupsInGrace());
            expire(nowMillis);
        } else {
            fallBehind(group);
        }
    }

    /** Changes how much may be out to a member. */
    public void window(Member member, long bytes) {
        member.window(bytes);
    }

    /** Everything up to the sequence number has reached the client. */
    public void confirm(Member member, long sequence) {
        long envelopes = member.confirm(sequence);
        member.group().ledger().delivered.add(envelopes);
        counters.delivered.add(envelopes);
    }

    /** Forgets groups that nobody came back to; to be called now and then. */
    public void expire(long nowMillis) {
        for (int i = groupList.size() - 1; i >= 0; i--) {
            Group group = groupList.get(i);
            if (!group.hasMembers() && group.graceUntil() <= nowMillis) {
                forget(group);
            }
        }
    }

    private void keepInGrace(int most) {
        int waiting = 0;
        Group first = null;
        for (Group group : groupList) {
            if (!group.hasMembers()) {
                waiting++;
                if (first == null || group.graceUntil() < first.graceUntil()) {
                    first = group;
                }
            }
        }
        if (waiting > most && first != null) {
            forget(first);
        }
    }

    private void forget(Group group) {
        counters.abandoned.add(group.pending(pumped));
        groups.remove(group.key());
        groupList.remove(group);
        ledgers.remove(group.key());
        behind.remove(group);
    }

    private void fallBehind(Group group) {
        if (!group.behind()) {
            group.behind(true);
            behind.add(group);
        }
    }

    // ---- at the head -------------------------------------------------------------------------------------------

    private void pumpHead() {
        while (log.read(pumped, log.head(), SPAN_BYTES, span)) {
            pumped = span.to();
            distribute();
        }
    }

    private void distribute() {
        // Tails first: telling their gaps may take the room that a link has.
        for (int i = 0; i < ports.size(); i++) {
            Port port = ports.get(i);
            if (port.tails().position() != span.from()) {
                continue;
            }
            if (!port.tails().wantsAnything()) {
                port.tails().position(span.to());
            } else if (port.tails().tellGaps() && port.outlet().writable()) {
                port.servesTails = true;
                port.tails().position(span.to());
            }
        }
        for (int i = 0; i < groupList.size(); i++) {
            Group group = groupList.get(i);
            int wanted = counting.in(span, group.selection());
            group.ledger().accepted.add(wanted);
            // A group may stand at the head and still have a gap to be told, or ranges that came back to hand out.
            if (group.behind() || group.position() != span.from()) {
                continue;
            }
            if (wanted == 0) {
                group.position(span.to());
                continue;
            }
            Member member = group.next(span.length());
            if (member == null) {
                fallBehind(group);
            } else {
                member.port().give(member, range(wanted));
                group.position(span.to());
            }
        }
        sender.send(span, ports);
    }

    private Delivery range(int wanted) {
        return new Delivery(0, span.from(), span.to(), wanted, span.firstMillis(), span.lastMillis(), null);
    }

    // ---- behind the head ---------------------------------------------------------------------------------------

    private boolean catchUp(Port port) {
        Tails tails = port.tails();
        if (!tails.started()) {
            return false;
        }
        if (!tails.wantsAnything()) {
            tails.position(pumped);
            return false;
        }
        if (!tails.tellGaps()) {
            return false;
        }
        for (int i = 0; i < SPANS_A_TURN; i++) {
            if (tails.position() >= pumped || !port.outlet().writable()) {
                return false;
            }
            log.read(tails.position(), pumped, SPAN_BYTES, span);
            tails.position(span.to());
            port.servesTails = true;
            sendBehind(port);
        }
        return true;
    }

    /** Lets the group at an index of {@link #behind} go on; takes it off the list when it stands at the head. */
    private boolean catchUp(Group group, int index) {
        for (int i = 0; i < SPANS_A_TURN; i++) {
            if (group.gap() != null) {
                Member member = group.next(Delivery.GAP_BYTES);
                if (member == null) {
                    return false;
                }
                tellGap(group, member);
            } else if (!group.returned().isEmpty()) {
                Delivery back = group.returned().peek();
                Member member = group.next(back.bytes());
                if (member == null) {
                    return false;
                }
                group.returned().poll();
                group.ledger().redelivered.add(back.envelopes());
                counters.redelivered.add(back.envelopes());
                log.read(back.from(), back.to(), Integer.MAX_VALUE, span);
                member.port().give(member, back);
                sendBehind(member.port());
            } else if (group.position() < pumped) {
                log.read(group.position(), pumped, (int) Math.min(SPAN_BYTES, group.room()), span);
                int wanted = counting.in(span, group.selection());
                if (wanted > 0) {
                    Member member = group.next(span.length());
                    if (member == null) {
                        return false;
                    }
                    group.position(span.to());
                    member.port().give(member, range(wanted));
                    sendBehind(member.port());
                } else {
                    group.position(span.to());
                }
            } else {
                group.behind(false);
                behind.remove(index);
                return false;
            }
        }
        return true;
    }

    private static void tellGap(Group group, Member member) {
        Gap gap = group.gap();
        long at = group.position();
        long sequence = member.sending(new Delivery(0, at, at, 0, gap.firstMillis(), gap.lastMillis(), gap));
        group.gapTold();
        member.port().outlet().gap(member.id(), sequence, gap);
    }

    private void sendBehind(Port port) {
        long before = counters.linkBytes();
        sender.send(span, List.of(port));
        counters.catchUpBytes.add(counters.linkBytes() - before);
    }

    // ---- loss --------------------------------------------------------------------------------------------------

    private void trimming(long from, long to, long lastMillis) {
        if (pumped < to) {
            pumpHead();
        }
        for (int i = 0; i < groupList.size(); i++) {
            Group group = groupList.get(i);
            long before = group.ledger().lapped();
            group.trimming(to, lastMillis);
            long lost = group.ledger().lapped() - before;
            if (lost > 0) {
                counters.lappedGroups.add(lost);
                fallBehind(group);
            }
        }
        for (int i = 0; i < ports.size(); i++) {
            counters.lappedTails.add(ports.get(i).tails().trimming(log, to, trimCursor, trimSpan));
        }
    }
}
