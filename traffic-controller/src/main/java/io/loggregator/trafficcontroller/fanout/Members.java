package io.loggregator.trafficcontroller.fanout;

import io.loggregator.stream.selection.Selection;
import io.loggregator.trafficcontroller.subscription.Form;
import io.loggregator.trafficcontroller.subscription.Reader;
import io.loggregator.trafficcontroller.subscription.Subscription;
import io.loggregator.trafficcontroller.upstream.DopplerSession;
import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** The readers of one event loop, and how much each may have out so that all stay within one budget. */
final class Members {
    private static final long LARGEST_WINDOW = 8L << 20;
    private static final long SMALLEST_WINDOW = 64L << 10;

    private final long budget;
    private final Supplier<List<DopplerSession>> sessions;
    private final LongSupplier clock;
    private final Soon soon;
    private final ClientCounters counters;
    private final Choices choices = new Choices();
    private final LongObjectMap<Member> members = new LongObjectHashMap<>();
    private long nextMember = 1;
    private long window = LARGEST_WINDOW;
    private boolean leaving;

    /**
     * @param budget bytes of batches that may wait for readers, all together
     * @param clock as {@link System#nanoTime}
     * @param soon has Dopplers told what readers have
     */
    Members(
            long budget,
            Supplier<List<DopplerSession>> sessions,
            LongSupplier clock,
            Soon soon,
            ClientCounters counters) {
        this.budget = budget;
        this.sessions = sessions;
        this.clock = clock;
        this.soon = soon;
        this.counters = counters;
    }

    /** Adds a reader, which joins nothing yet. */
    Member add(Subscription subscription, Form form, Reader reader, LongPredicate tooSlow) {
        Member member = new Member(
                nextMember++,
                subscription,
                form,
                choices.of(subscription.selection(), subscription.refinement()),
                choices.of(Selection.ALL, subscription.refinement()),
                Standing.of(subscription, counters),
                reader,
                tooSlow,
                this);
        members.put(member.id(), member);
        adjustWindow();
        return member;
    }

    /** Called once the reader can be handed something. */
    void join(Member member) {
        sessions.get().forEach(session -> member.join(session, window));
    }

    /**
     * Joins all readers' groups over a link that is new.
     *
     * @param knewUntil as {@link Member#rejoin} has it
     * @param lastHeard the same
     */
    void joinAll(DopplerSession session, long knewUntil, OptionalLong lastHeard) {
        if (!leaving) {
            adjustWindow();
            members.values().forEach(member -> member.rejoin(session, window, knewUntil, lastHeard));
        }
    }

    /** Has the Dopplers send nothing more to any reader. */
    void closeWindows() {
        leaving = true;
        for (DopplerSession session : sessions.get()) {
            members.values().forEach(member -> member.window(session, 0));
        }
    }

    /** A reader was told that it lags. */
    void toldLag() {
        counters.lagNotices.add(1);
    }

    /** When to tell Dopplers of confirmations that can wait. */
    Soon soon() {
        return soon;
    }

    /** What one reader may have out in a lane, in bytes. */
    long window() {
        return window;
    }

    long nanos() {
        return clock.getAsLong();
    }

    Member get(long id) {
        return members.get(id);
    }

    List<Member> all() {
        return new ArrayList<>(members.values());
    }

    void ended(Member member) {
        members.remove(member.id());
        choices.release(member.choice());
        choices.release(member.ofSelected());
        sessions.get().forEach(member::leave);
        adjustWindow();
    }

    /** Powers of two, so that it changes rarely. */
    private void adjustWindow() {
        if (leaving) {
            return;
        }
        long lanes = 0;
        for (DopplerSession session : sessions.get()) {
            lanes += session.lanes();
        }
        long share = budget / Math.max(1, lanes * members.size());
        long fitting = Math.max(SMALLEST_WINDOW, Math.min(LARGEST_WINDOW, Long.highestOneBit(Math.max(1, share))));
        if (fitting != window) {
            window = fitting;
            for (DopplerSession session : sessions.get()) {
                members.values().forEach(member -> member.window(session, fitting));
            }
        }
    }
}
