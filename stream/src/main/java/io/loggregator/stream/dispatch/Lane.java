package io.loggregator.stream.dispatch;

import io.loggregator.stream.SteadyClock;
import io.loggregator.stream.log.Log;
import io.loggregator.stream.log.Span;
import io.loggregator.stream.table.RecentCounts;
import io.loggregator.stream.table.SourceTable;
import io.loggregator.wire.BatchCursor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

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

    /** About 5 MiB. */
    private static final int MOST_UNRECEIVED = 65_536;

    private final Log log;
    private final LaneCounters counters = new LaneCounters();
    private final SourceTable<List<Port>> followers = new SourceTable<>();
    private final Interests interests = new Interests();
    private final Groups groups;
    private final List<Port> ports = new ArrayList<>();
    private final AbsentTails absent = new AbsentTails();
    private final Unreceived.Budget unreceived = new Unreceived.Budget(MOST_UNRECEIVED);
    private final SpanSender sender = new SpanSender(followers, interests, counters);
    private final HandOut handOut;
    private final CatchUp catchUp;
    private final LagWatch lags;
    private final RecentCounts thinnedSources = new RecentCounts();
    private final Span span = new Span();
    private final Span trimSpan = new Span();
    private final BatchCursor trimCursor = new BatchCursor(false);
    private long opened;
    private long pumped;
    private Thread owner;

    /** @param log empty, and from now on appended to by this lane only */
    public Lane(Log log) {
        this.log = log;
        this.groups = new Groups(log, interests, counters);
        this.handOut = new HandOut(log, counters);
        this.catchUp = new CatchUp(log, groups, interests, handOut, sender, ports, counters);
        this.lags = new LagWatch(log, groups, counters);
        log.onTrim(new Trimming(log, groups, interests, ports, absent, counters, thinnedSources, lags, this::pumpHead));
    }

    /**
     * Whether the calling thread is the one that everything but counters and ledgers belongs to: whoever was here first. Asked
     * where assertions are on, as in all tests.
     */
    private boolean isOwn() {
        if (owner == null) {
            owner = Thread.currentThread();
        }
        return owner == Thread.currentThread();
    }

    /** What the lane counts. */
    public LaneCounters counters() {
        return counters;
    }

    /** Ledgers of all groups, and of the shared ones that were forgotten last, by their keys; a live view, from any thread. */
    public Map<GroupKey, GroupLedger> ledgers() {
        return groups.ledgers();
    }

    /** What clients' own groups counted that are no more, by protocol; a live view, from any thread. */
    public Map<String, GroupLedger> gone() {
        return groups.gone();
    }

    /** Envelopes of a group that are neither delivered nor dropped; 0 for an unknown group. */
    public long pending(GroupKey key) {
        assert isOwn();
        Group group = groups.find(key);
        return group == null ? 0 : group.pending(pumped);
    }

    /** Whether nothing is on its way to a group that has members, nor to any link's tails. */
    public boolean isDrained() {
        assert isOwn();
        for (Group group : groups.all()) {
            if (group.hasMembers()
                    && (group.hasWaiting(pumped) || !group.members().stream().allMatch(Member::settled))) {
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

    /** Whether something waits for a group without members, or for tails without a link, whose grace period has not ended. */
    public boolean waitsForReaders(long nowMillis) {
        assert isOwn();
        for (Group group : groups.all()) {
            if (!group.hasMembers() && group.graceUntil() > nowMillis && group.hasWaiting(pumped)) {
                return true;
            }
        }
        return absent.awaitBefore(pumped, nowMillis);
    }

    /**
     * Gives up on what has not been sent: counts it for each group and each link's tails, and tells it to those that
     * are there, after all that was sent. From then on the lane only takes confirmations; nothing may be accepted.
     */
    public void giveUp() {
        assert isOwn();
        pumpHead();
        for (Group group : groups.all()) {
            counters.stoppedGroups.add(group.giveUp(pumped, span));
            Member member = group.gap() == null ? null : group.nextOrAny(Delivery.GAP_BYTES);
            if (member != null) {
                CatchUp.tellGap(group, member);
            }
            for (Member each : group.members()) {
                if (each.gap() != null) {
                    CatchUp.tellOwnGap(each);
                }
            }
        }
        for (Port port : ports) {
            port.tails().giveUp(log, pumped, trimCursor, trimSpan);
        }
        for (Tails tails : absent.all()) {
            tails.giveUp(log, pumped, trimCursor, trimSpan);
        }
    }

    /** What {@link #giveUp} left behind, group by group; groups that had everything are left out. */
    public List<Remainder> remainders() {
        assert isOwn();
        List<Remainder> remainders = new ArrayList<>();
        for (Group group : groups.all()) {
            if (group.ledger().stopped() > 0 || group.out() > 0) {
                remainders.add(new Remainder(
                        group.key(), group.hasMembers(), group.ledger().stopped(), group.out()));
            }
        }
        return remainders;
    }

    /**
     * How many envelopes of which sources the log gave up in the last 10 to 20 s, because readers were late and these sources
     * use most of the stream.
     */
    public Map<String, Long> thinnedLately(long nowMillis) {
        assert isOwn();
        thinnedSources.at(nowMillis);
        return thinnedSources.lately();
    }

    /** Where every group stands, those in grace included; on the lane's event loop. */
    public List<GroupStanding> standings() {
        assert isOwn();
        List<GroupStanding> standings = new ArrayList<>();
        long walk = Counting.MOST_WALKED;
        for (Group group : groups.all()) {
            GroupStanding standing = GroupStanding.of(group, log, pumped, walk);
            if (standing.pendingCounted() && GroupStanding.walks(group)) {
                walk -= pumped - group.position();
            }
            standings.add(standing);
        }
        return standings;
    }

    /** How far behind every group is, those in grace included: a look at each, and no walk; on the lane's event loop. */
    public List<GroupLag> lags(long nowMillis) {
        assert isOwn();
        List<GroupLag> lags = new ArrayList<>(groups.all().size());
        for (Group group : groups.all()) {
            lags.add(GroupLag.of(group, log, pumped, nowMillis));
        }
        return lags;
    }

    /**
     * Begins to count the newest part of what was accepted, source by source; on the lane's event loop.
     *
     * @param mostBytes how far back, in bytes of the log
     * @param sinceMillis how far back in time, as {@link SteadyClock#millis}
     * @param nowMillis the time now
     * @param mostSources how many sources are counted one by one; further ones are counted together
     */
    public SourceWalk walkSources(long mostBytes, long sinceMillis, long nowMillis, int mostSources) {
        assert isOwn();
        return new SourceWalk(log, pumped, mostBytes, sinceMillis, nowMillis, mostSources);
    }

    /** How many groups there are, those in grace included. */
    public int groups() {
        assert isOwn();
        return groups.all().size();
    }

    /**
     * Takes a batch into the log. {@link #pump} must follow in the same turn of the event loop.
     *
     * @param envelopes envelopes in {@code bytes[from, to)}
     * @param logs those of them that v1 readers see as a LogMessage
     */
    public void accept(byte[] bytes, int from, int to, int envelopes, int logs, long nowMillis) {
        assert isOwn();
        thinnedSources.at(nowMillis);
        lags.at(nowMillis);
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
        assert isOwn();
        pumpHead();
        boolean more = catchUp.pump(pumped);
        lags.lookIfDue();
        return more;
    }

    // ---- links -------------------------------------------------------------------------------------------------

    /** As {@link #open(Outlet, String, long, int)}, with tails that are gone with the link. */
    public Port open(Outlet outlet, long graceMillis, int groupsInGrace) {
        return open(outlet, "", graceMillis, groupsInGrace);
    }

    /**
     * Plugs a link in; its tails are not served before {@link #startTails} or {@link #resumeTails}.
     *
     * @param tailsName by which tails of a later link go on with those of this one; empty: none do
     * @param graceMillis how long a group is kept whose last member leaves through this link, and its tails if it breaks
     * @param groupsInGrace how many such groups are kept
     */
    public Port open(Outlet outlet, String tailsName, long graceMillis, int groupsInGrace) {
        assert isOwn();
        Port port = new Port(outlet, tailsName, followers, unreceived, counters, graceMillis, groupsInGrace, ++opened);
        ports.add(port);
        return port;
    }

    /**
     * Serves the tails of a link.
     * @param from where they start; if the log no longer goes back that far or has been thinned there, or no batch starts
     *     there, they are told that an unknown part is lost
     */
    public void startTails(Port port, long from) {
        startTails(port, from, 0);
    }

    private void startTails(Port port, long from, long gaps) {
        assert isOwn();
        long border = log.borderFrom(Math.min(Math.max(from, log.tail()), pumped));
        port.tails().start(border, gaps);
        if (from < border || border < log.thinnedTo()) {
            port.tails().spanLost();
        }
    }

    /**
     * Serves the tails of a link from where those of an earlier one with the same name are; if they are forgotten, as {@link
     * #startTails}. What is nowhere any more is told source by source, to those that follow it now for the first time without a
     * number.
     *
     * @param received up to where the earlier link's batches arrived; 0: none did
     * @param gaps how many of the gaps that tails of the name were told in this lane arrived
     * @param otherwise where they start if the earlier ones are forgotten
     */
    public void resumeTails(Port port, long received, long gaps, long otherwise) {
        assert isOwn();
        Tails earlier = port.tailsName().isEmpty() ? null : earlierTails(port);
        if (earlier == null) {
            startTails(port, otherwise, gaps);
        } else {
            counters.lappedTails.add(port.tails().goOn(earlier, received, gaps, log, pumped));
        }
    }

    /** Serves the tails of a link as {@link #startTails}; nothing that those of an earlier one with the same name had to get is theirs. */
    public void startTailsAnew(Port port, long from) {
        Tails earlier = port.tailsName().isEmpty() ? null : earlierTails(port);
        if (earlier != null) {
            earlier.forget();
        }
        startTails(port, from);
    }

    /** Those of a link that broke, or of one that is not yet known to have; null if there are none. */
    private Tails earlierTails(Port port) {
        for (Port other : ports) {
            if (other != port
                    && other.tailsName().equals(port.tailsName())
                    && other.tails().started()) {
                Tails earlier = other.replaceTails();
                earlier.leave();
                absent.take(port.tailsName());
                return earlier;
            }
        }
        return absent.take(port.tailsName());
    }

    /**
     * What was sent for a link's tails has arrived.
     *
     * @param upTo up to where batches have
     * @param gaps how many gaps have, as in {@link #resumeTails}
     */
    public void tailsReceived(Port port, long upTo, long gaps) {
        assert isOwn();
        port.tails().received(upTo, gaps);
    }

    /** The position that the lane has handed out up to: where a reader that wants nothing old starts. */
    public long head() {
        assert isOwn();
        return pumped;
    }

    /** The first position whose batch arrived at or after a time. */
    public long positionAt(long millis) {
        assert isOwn();
        return Math.min(log.positionAt(millis), pumped);
    }

    /** Where tails are to start that get what arrived since a time; before the log, if it may no longer hold all of that. */
    public long tailsFrom(long millis) {
        assert isOwn();
        return reachesBackTo(millis) ? positionAt(millis) : -1;
    }

    /** What arrived in the tail's own millisecond may have gone. */
    private boolean reachesBackTo(long millis) {
        return log.tail() == 0 || (log.tail() < log.head() && log.arrivalAt(log.tail()) < millis);
    }

    private boolean holdsSince(long millis) {
        return reachesBackTo(millis) && positionAt(millis) >= log.thinnedTo();
    }

    /** Unplugs a link: its members leave, its tails end. */
    public void close(Port port, long nowMillis) {
        unplug(port, nowMillis);
        port.tails().end();
    }

    /** Unplugs a link that broke: its members leave, and its tails, if they have a name, wait for the next link. */
    public void lost(Port port, long nowMillis) {
        unplug(port, nowMillis);
        if (port.tailsName().isEmpty()
                || !port.tails().started()
                || !port.tails().wantsAnything()) {
            port.tails().end();
        } else {
            port.tails().leave();
            absent.keep(port.tailsName(), port.tails(), port.graceUntil(nowMillis));
        }
    }

    private void unplug(Port port, long nowMillis) {
        assert isOwn();
        for (Member member : List.copyOf(port.members())) {
            leave(member, nowMillis);
        }
        ports.remove(port);
    }

    /** The tails of the link follow a source from now on; while they are behind, from where they stand. */
    public void follow(Port port, String source) {
        assert isOwn();
        port.tails().follow(source);
    }

    /** No tail of the link follows the source any more. */
    public void unfollow(Port port, String source) {
        assert isOwn();
        port.tails().unfollow(source);
    }

    /** Whether some tail of the link follows the platform's metrics. */
    public void followPlatform(Port port, boolean wanted) {
        assert isOwn();
        port.tails().platform(wanted);
    }

    // ---- groups ------------------------------------------------------------------------------------------------

    /** As {@link #join(Port, long, Joining)}, for a group that others may share. */
    public Member join(Port port, long id, GroupKey key, long windowBytes, long sinceMillis) {
        return join(port, id, Joining.shared(key, windowBytes, sinceMillis));
    }

    /**
     * A client joins a group through a link. A group that exists goes on where it stands, unless it is the client's own and
     * the client says where it is; a client's own group is taken over from whoever is in it, but not by a connection that the
     * client had before that one: it gets nothing. {@code id} is the member's name on the link.
     */
    public Member join(Port port, long id, Joining joining) {
        assert isOwn();
        long from = positionAt(joining.sinceMillis());
        return groups.join(
                port, id, joining, from, holdsSince(joining.neededSince()), positionAt(joining.memberMillis()), pumped);
    }

    /** A client leaves; what it did not confirm goes to the others, or waits for the group's grace period. */
    public void leave(Member member, long nowMillis) {
        assert isOwn();
        groups.leave(member, nowMillis, pumped);
    }

    /** Changes how much may be out to a member. */
    public void window(Member member, long bytes) {
        assert isOwn();
        member.window(bytes);
    }

    /** Everything up to the sequence number has reached the client. */
    public void confirm(Member member, long sequence) {
        assert isOwn();
        long envelopes = member.confirm(sequence);
        member.group().ledger().delivered.add(envelopes);
        counters.delivered.add(envelopes);
    }

    /** Forgets groups that nobody came back to; to be called now and then. */
    public void expire(long nowMillis) {
        assert isOwn();
        groups.expire(nowMillis, pumped);
        absent.expire(nowMillis);
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
        if (!interests.isEmpty()) {
            interests.walk(span);
        }
        List<Group> all = groups.all();
        for (int i = 0; i < all.size(); i++) {
            Group group = all.get(i);
            Interest interest = group.interest();
            int wanted = interest == null ? Counting.in(span, group.selection().classes()) : interest.count;
            if (wanted > 0) {
                group.ledger().accepted.add(wanted);
            }
            // A group may stand at the head and still have a gap to be told, or ranges that came back to hand out.
            if (group.standsAt(span.from())
                    && (!handOut.give(group, span, wanted, interest == null ? span.length() : interest.bytes)
                            || !group.upToDate())) {
                groups.fallBehind(group);
            }
        }
        sender.send(span, ports);
    }
}
