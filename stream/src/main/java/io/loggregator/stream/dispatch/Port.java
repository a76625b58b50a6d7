package io.loggregator.stream.dispatch;

import io.loggregator.stream.table.SourceTable;
import java.util.ArrayList;
import java.util.List;

/** Where one link is plugged into a lane: its members, its tails, and what the span at hand has for it. */
public final class Port {
    private final Outlet outlet;
    private final Tails tails;
    private final long graceMillis;
    private final int groupsInGrace;
    private final List<Member> members = new ArrayList<>();

    // What the span at hand has for the link; set and cleared by the lane for each span.
    final Deliveries deliveries = new Deliveries();
    int classes;
    boolean servesTails;
    byte[] selection = new byte[0];
    int selected;

    Port(Outlet outlet, SourceTable<List<Port>> followers, long graceMillis, int groupsInGrace) {
        this.outlet = outlet;
        this.tails = new Tails(this, followers);
        this.graceMillis = Math.max(0, graceMillis);
        this.groupsInGrace = groupsInGrace;
    }

    Outlet outlet() {
        return outlet;
    }

    Tails tails() {
        return tails;
    }

    List<Member> members() {
        return members;
    }

    long graceMillis() {
        return graceMillis;
    }

    int groupsInGrace() {
        return groupsInGrace;
    }

    boolean hasWork() {
        return servesTails || deliveries.size() > 0;
    }

    boolean takesEverything() {
        return classes == StreamFilter.ALL.classes();
    }

    void give(Member member, Delivery delivery) {
        deliveries.add(member.id(), member.sending(delivery));
        classes |= member.group().filter().classes();
    }

    void select(byte[] bytes, int from, int to, int room) {
        if (selection.length < room) {
            selection = new byte[room];
        }
        System.arraycopy(bytes, from, selection, selected, to - from);
        selected += to - from;
    }

    void done() {
        deliveries.clear();
        classes = 0;
        servesTails = false;
        selected = 0;
    }
}
