package io.loggregator.stream.dispatch;

import io.loggregator.stream.selection.Selection;
import io.loggregator.stream.table.SourceTable;
import java.util.ArrayList;
import java.util.List;

/** Where one link is plugged into a lane: its members, its tails, and what the span at hand has for it. */
public final class Port {
    private final Outlet outlet;
    private final SourceTable<List<Port>> followers;
    private final Unreceived.Budget unreceived;
    private final LaneCounters counters;
    private final String tailsName;
    private Tails tails;
    private final long graceMillis;
    private final int groupsInGrace;
    private final List<Member> members = new ArrayList<>();
    private final long number;

    // What the span at hand has for the link; set and cleared by the lane for each span.
    final Deliveries deliveries = new Deliveries();
    int classes;
    private final List<Interest> interests = new ArrayList<>();
    boolean servesTails;
    byte[] selection = new byte[0];
    int selected;
    private int lastSelected;

    Port(
            Outlet outlet,
            String tailsName,
            SourceTable<List<Port>> followers,
            Unreceived.Budget unreceived,
            LaneCounters counters,
            long graceMillis,
            int groupsInGrace,
            long number) {
        this.outlet = outlet;
        this.followers = followers;
        this.unreceived = unreceived;
        this.counters = counters;
        this.tailsName = tailsName;
        this.tails = new Tails(this, followers, unreceived, counters);
        this.graceMillis = Math.max(0, graceMillis);
        this.groupsInGrace = groupsInGrace;
        this.number = number;
    }

    /** Whether its link came before that of another port. */
    boolean isBefore(Port other) {
        return number < other.number;
    }

    Outlet outlet() {
        return outlet;
    }

    /** By which tails of later links go on with those of this one; empty: none do. */
    String tailsName() {
        return tailsName;
    }

    Tails tails() {
        return tails;
    }

    /** Takes the tails out, since another link's go on with them. */
    Tails replaceTails() {
        Tails earlier = tails;
        tails = new Tails(this, followers, unreceived, counters);
        return earlier;
    }

    List<Member> members() {
        return members;
    }

    /** When the grace of what is left behind now ends. */
    long graceUntil(long nowMillis) {
        return nowMillis > Long.MAX_VALUE - graceMillis ? Long.MAX_VALUE : nowMillis + graceMillis;
    }

    int groupsInGrace() {
        return groupsInGrace;
    }

    boolean hasWork() {
        return servesTails || deliveries.size() > 0;
    }

    /** Whether a member gets what its group selects by more than classes. */
    boolean hasInterests() {
        return !interests.isEmpty();
    }

    boolean takesEverything() {
        return classes == Selection.ALL.classes();
    }

    void give(Member member, Delivery delivery) {
        deliveries.add(member.id(), member.sending(delivery), delivery.share());
        Interest interest = member.group().interest();
        if (interest == null) {
            classes |= member.group().selection().classes();
        } else if (interest.ports.isEmpty() || interest.ports.get(interest.ports.size() - 1) != this) {
            interest.ports.add(this);
            interests.add(interest);
        }
    }

    /** Copies an envelope, once however many want it. */
    void select(byte[] bytes, int from, int to, int room) {
        if (selected > 0 && lastSelected == from) {
            return;
        }
        lastSelected = from;
        if (selection.length < room) {
            selection = new byte[room];
        }
        System.arraycopy(bytes, from, selection, selected, to - from);
        selected += to - from;
    }

    void done() {
        deliveries.clear();
        classes = 0;
        for (int i = 0; i < interests.size(); i++) {
            interests.get(i).ports.clear();
        }
        interests.clear();
        servesTails = false;
        selected = 0;
    }
}
