package io.loggregator.trafficcontroller.fanout;

import io.loggregator.stream.Tally;
import io.loggregator.stream.dispatch.Gap;
import io.loggregator.stream.dispatch.Lag;
import io.loggregator.stream.log.Log;
import io.loggregator.stream.log.Span;
import io.loggregator.stream.table.SourceTable;
import io.loggregator.trafficcontroller.subscription.Loss;
import io.loggregator.trafficcontroller.subscription.Refinement;
import io.loggregator.wire.BatchCursor;
import io.loggregator.wire.v1.V1Renderer;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The app streams of one event loop. At the head each envelope finds its tails by the table; a tail whose socket is full
 * falls behind, and reads the log when there is room again.
 */
final class AppTails {
    /** The app that the platform's own metrics belong to. */
    static final String PLATFORM = Notice.PLATFORM;

    /** What waited for a client that this side closed. */
    private static final String CLOSED = "closed";

    private static final int SPAN_BYTES = 128 * 1024;

    private final Log log;
    private final Interest interest;
    private final ClientCounters counters;
    private final LongSupplier clock;
    private final SourceTable<List<AppTail>> table = new SourceTable<>();
    private final Set<AppTail> behind = new LinkedHashSet<>();
    private final Span span = new Span();
    private final BatchCursor cursor = new BatchCursor(false);
    private final Nth refining = new Nth();
    /** For reading the log again: what it skips and cuts was counted the first time. */
    private final Rendering single = new Rendering(new Tally(), new Tally());

    private long batches;
    private int size;
    /** Up to where the log may go before those behind are looked at again. */
    private long nextLook;
    /** When the newest batch came. */
    private long newest;

    /** Told when an app gets its first tail and loses its last. */
    interface Interest {
        void followed(String app);

        void unfollowed(String app);
    }

    /** @param clock as {@link System#nanoTime} */
    AppTails(Log log, Interest interest, ClientCounters counters, LongSupplier clock) {
        this.log = log;
        this.clock = clock;
        this.interest = interest;
        this.counters = counters;
        log.onTrim(new Trimming());
    }

    /** @param now as {@link System#nanoTime} */
    AppTail add(String app, Refinement refinement, HeldBack heldBack, long now) {
        AppTail tail = new AppTail(app, refinement, heldBack, this, counters, now);
        List<AppTail> tails = table.get(app);
        if (tails == null) {
            tails = new ArrayList<>(1);
            table.put(app, tails);
            interest.followed(app);
        }
        tails.add(tail);
        size++;
        counters.appStreams.add(1);
        return tail;
    }

    /**
     * The tail is to be closed by this side: counts what waits for it as lost, and tells it. Its socket may be full, but a
     * client that reads what is there will find that before the end.
     *
     * @param reason counts what is lost
     */
    void giveUp(AppTail tail, Tally reason) {
        tail.givenUp(reason);
        if (tail.behind()) {
            long waiting = count(tail, log.head());
            reason.add(waiting);
            tail.lose(waiting, CLOSED);
            tail.tellGap();
        }
    }

    void ended(AppTail tail) {
        List<AppTail> tails = table.get(tail.app());
        if (tails == null || !tails.contains(tail)) {
            return;
        }
        // Before it leaves the table, by which it is told what is its.
        if (tail.lossAtEnd() != null && tail.behind()) {
            tail.lossAtEnd().add(count(tail, log.head()));
        }
        tails.remove(tail);
        size--;
        behind.remove(tail);
        counters.appStreams.add(-1);
        if (tails.isEmpty()) {
            table.remove(tail.app());
            interest.unfollowed(tail.app());
        }
    }

    /** When the first of those came that there are, as {@link System#nanoTime}. */
    OptionalLong oldest() {
        long now = clock.getAsLong();
        return all().stream().mapToLong(tail -> tail.since() - now).min().stream()
                .map(before -> before + now)
                .findFirst();
    }

    /** Bytes of the log that a tail has yet to read, those of other apps included. */
    long behindBytes(AppTail tail) {
        return tail.behind() ? log.head() - tail.position() : 0;
    }

    List<AppTail> all() {
        List<AppTail> all = new ArrayList<>(size);
        table.forEach((app, tails) -> all.addAll(tails));
        return all;
    }

    List<String> apps() {
        List<String> apps = new ArrayList<>(table.size());
        table.forEach((app, tails) -> apps.add(app));
        return apps;
    }

    // ---- at the head -------------------------------------------------------------------------------------------

    /** Serves a batch to the tails at the head; those behind find it in the log, which has nothing for nobody. */
    void serve(byte[] bytes, int from, int to, Rendering rendering, RenderedBatch rendered, long nowMillis) {
        if (size == 0 || rendering.size() == 0) {
            return;
        }
        long before = log.head();
        newest = nowMillis;
        if (!behind.isEmpty()) {
            log.append(bytes, from, to, rendering.size(), 0, nowMillis);
        }
        batches++;
        refining.over(bytes, from, to);
        for (int i = 0; i < rendering.size(); i++) {
            List<AppTail> tails = tailsOf(rendering, i, bytes);
            if (tails != null) {
                for (int t = 0; t < tails.size(); t++) {
                    AppTail tail = tails.get(t);
                    if (tail.behind()) {
                        continue;
                    }
                    // Decided once for each batch, so that a tail gets the whole batch now or reads the whole batch
                    // later.
                    if (!tail.takesBatch(batches)) {
                        if (log.head() == before) {
                            log.append(bytes, from, to, rendering.size(), 0, nowMillis);
                        }
                        fallBehind(tail, before);
                    } else if (!tail.isRefined() || tail.takes(refining.at(rendering.record(i)))) {
                        tail.write(rendered.envelope(i));
                    }
                }
            }
        }
        if (log.head() >= nextLook) {
            tellLags(0);
        }
    }

    /**
     * Tells tails that are far behind that they lag, and in any case those that are about to lose something.
     *
     * @param goes up to where the log is about to give something up
     */
    private void tellLags(long goes) {
        if (behind.isEmpty()) {
            return;
        }
        nextLook = Lag.nextLook(log);
        for (AppTail tail : behind) {
            if (!tail.lagging()) {
                Lag lag = Lag.toTell(log, tail.position(), goes, newest);
                if (lag != null) {
                    tail.lag(lag, clock.getAsLong());
                }
            } else if (Lag.hasCaughtUp(log, tail.position())) {
                tail.hasCaughtUp();
            }
        }
    }

    private void fallBehind(AppTail tail, long position) {
        tail.position(position);
        behind.add(tail);
    }

    private List<AppTail> tailsOf(Rendering rendering, int i, byte[] batch) {
        if (rendering.route(i) == V1Renderer.ROUTE_SYSTEM) {
            return table.get(PLATFORM);
        }
        byte[] key = rendering.keyBytes(i, batch);
        int from = rendering.keyFrom(i);
        int to = rendering.keyTo(i);
        return table.get(key, from, to, BatchCursor.hash(key, from, to));
    }

    // ---- behind the head ---------------------------------------------------------------------------------------

    /** The tail's socket has room: it catches up as far as that goes. */
    void writable(AppTail tail) {
        while (tail.behind() && tail.socket().writable()) {
            tail.tellGap();
            if (log.read(tail.position(), log.head(), SPAN_BYTES, span)) {
                forEachOf(tail, rendered -> tail.write(rendered.envelope(0)));
                tail.position(span.to());
            } else {
                tail.position(AppTail.AT_HEAD);
                behind.remove(tail);
                tail.hasCaughtUp();
            }
        }
    }

    /** Renders the envelopes of the span that are the tail's, one by one. */
    private void forEachOf(AppTail tail, Consumer<RenderedBatch> action) {
        byte[] bytes = span.bytes();
        cursor.over(bytes, span.start(), span.end());
        while (cursor.next()) {
            // Only timers and the platform's metrics can belong to an app other than the one they name.
            boolean candidate = tail.isPlatform()
                    || cursor.kind() == BatchCursor.TIMER
                    || tail.is(bytes, cursor.sourceIdStart(), cursor.sourceIdEnd());
            if (candidate) {
                List<AppTail> tails = ownersOf(cursor);
                if (tails != null && tails.contains(tail) && (!tail.isRefined() || tail.takes(cursor))) {
                    RenderedBatch rendered = single.share(ByteBufAllocator.DEFAULT);
                    action.accept(rendered);
                    rendered.release();
                }
            }
        }
    }

    private long count(AppTail tail, long to) {
        long[] count = {0};
        while (log.read(tail.position(), to, Integer.MAX_VALUE, span)) {
            forEachOf(tail, rendered -> count[0]++);
            tail.position(span.to());
        }
        return count[0];
    }

    // ---- loss --------------------------------------------------------------------------------------------------

    private final class Trimming implements Log.TrimListener {
        @Override
        public boolean isAwaitedBefore(long position) {
            tellLags(position);
            for (AppTail tail : behind) {
                if (tail.position() < position) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public void thinning(long position, long arrivalMillis, BatchCursor envelope) {
            List<AppTail> tails = ownersOf(envelope);
            for (int i = 0; tails != null && i < tails.size(); i++) {
                AppTail tail = tails.get(i);
                if (tail.behind() && tail.position() <= position && (!tail.isRefined() || tail.takes(envelope))) {
                    tail.lose(1, Gap.THINNED);
                    counters.thinnedTails.add(1);
                }
            }
        }

        @Override
        public void trimming(long from, long to, long lastMillis) {
            tellLags(to);
            for (AppTail tail : behind) {
                if (tail.position() < to) {
                    long lost = count(tail, to);
                    tail.lose(lost, Gap.LAPPED);
                    counters.lappedTails.add(lost);
                    tail.position(to);
                }
            }
        }
    }

    /** The tails of the app that the envelope under a cursor belongs to, as it is seen when it is rendered; or null. */
    private List<AppTail> ownersOf(BatchCursor envelope) {
        single.render(envelope.bytes(), envelope.recordStart(), envelope.envelopeEnd());
        return single.size() == 0 ? null : tailsOf(single, 0, envelope.bytes());
    }

    /** A Doppler says that so many envelopes of an app will not come, and why. */
    void lost(String app, long count, String reason) {
        List<AppTail> tails = table.get(app);
        if (tails != null) {
            counters.announced.add(count);
            tails.forEach(tail -> tail.lose(count, reason));
            tails.forEach(this::tell);
        }
    }

    /** A Doppler says that something will not come, but not what. */
    void lostSome() {
        all().forEach(tail -> lose(tail, Loss.linkDown()));
    }

    /** A Doppler is lost, and with it something of whoever had a link to it. */
    void lost(BrokenOff.Run run, Loss loss) {
        for (AppTail tail : all()) {
            if (tail.mayHaveLost(run)) {
                lose(tail, loss);
            }
        }
    }

    /** A Doppler says that something of an app will not come, but not how much. */
    void lostSome(String app) {
        List<AppTail> tails = table.get(app);
        if (tails != null) {
            List.copyOf(tails).forEach(tail -> lose(tail, Loss.linkDown()));
        }
    }

    private void lose(AppTail tail, Loss someLoss) {
        tail.lose(someLoss);
        tell(tail);
    }

    private void tell(AppTail tail) {
        if (!tail.behind()) {
            fallBehind(tail, log.head());
            writable(tail);
        }
    }
}
