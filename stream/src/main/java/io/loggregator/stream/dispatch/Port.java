package io.loggregator.stream.dispatch;

import io.loggregator.stream.selection.Selection;
import io.loggregator.stream.table.SourceTable;
import io.loggregator.wire.BatchCursor;
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
    final List<Selection> selections = new ArrayList<>();
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

    /** Whether a member whose selection goes by more than classes gets the envelope under the cursor. */
    boolean selects(BatchCursor cursor) {
        for (int i = 0; i < selections.size(); i++) {
            if (selections.get(i).matches(cursor) > 0) {
                return true;
            }
        }
        return false;
    }

    boolean hasWork() {
        return servesTails || deliveries.size() > 0;
    }

    boolean takesEverything() {
        return classes == Selection.ALL.classes();
    }

    void give(Member member, Delivery delivery) {
        deliveries.add(member.id(), member.sending(delivery));
        Selection selection = member.group().selection();
        if (selection.byClassOnly()) {
            classes |= selection.classes();
        } else {
            selections.add(selection);
        }
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
        selections.clear();
        servesTails = false;
        selected = 0;
    }
}
