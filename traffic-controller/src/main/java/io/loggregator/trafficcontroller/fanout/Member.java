package io.loggregator.trafficcontroller.fanout;

import io.loggregator.link.v1.Delivery;
import io.loggregator.link.v1.Filter;
import io.loggregator.link.v1.Gap;
import io.loggregator.link.v1.Join;
import io.loggregator.link.v1.Leave;
import io.loggregator.link.v1.ReadUpTo;
import io.loggregator.link.v1.ToDoppler;
import io.loggregator.link.v1.Window;
import io.loggregator.stream.SteadyClock;
import io.loggregator.stream.dispatch.Lag;
import io.loggregator.stream.selection.Selection;
import io.loggregator.stream.selection.SelectorMessages;
import io.loggregator.stream.selection.Share;
import io.loggregator.trafficcontroller.subscription.Form;
import io.loggregator.trafficcontroller.subscription.Loss;
import io.loggregator.trafficcontroller.subscription.Pace;
import io.loggregator.trafficcontroller.subscription.Piece;
import io.loggregator.trafficcontroller.subscription.Reader;
import io.loggregator.trafficcontroller.subscription.Reading;
import io.loggregator.trafficcontroller.subscription.Subscription;
import io.loggregator.trafficcontroller.upstream.DopplerSession;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;

/**
 * One reader, a member of its group at every Doppler. What is delivered to it waits here while it has no room; the
 * Dopplers keep to its window, so that is little. What was handed over is confirmed when the reader says so.
 */
final class Member implements Reading {
    /** Before it came it may have been on its way from another Traffic Controller, which was not linked there either. */
    private static final Duration MOVING = Duration.ofSeconds(5);
    /** Confirmations of this part of the window are passed on at once, so that no Doppler waits for them. */
    private static final int AT_ONCE = 4;

    private final long id;
    private final Subscription subscription;
    private final Form form;
    private final Choice choice;
    /** What is left where the Doppler has selected. */
    private final Choice ofSelected;

    private final Reader reader;
    private final LongPredicate tooSlow;
    private final Members members;
    private final Standing standing;
    private final long since;
    private final PaceMeter meter;
    private final ArrayDeque<Handover> waiting = new ArrayDeque<>();
    private final ArrayDeque<Handover> unconfirmed = new ArrayDeque<>();
    private final Runnable tell = this::tell;
    /** Batch bytes that are confirmed here, and not yet at the Dopplers. */
    private long untold;

    private long mark;
    private long confirmed;
    private final ToldLosses losses = new ToldLosses();
    private final ToldLags lags = new ToldLags();
    /** Word that it lags which came too soon after the last; or null. */
    private Lag later;

    private long delivered;
    /** Envelopes that came for the reader, lost ones included, and those that have reached it. */
    private long came;

    private long took;
    /** What was handed over at the last look; who keeps up has confirmed it by the next. */
    private long markAtLook;

    private boolean handing;
    private boolean over;

    /**
     * @param ofSelected the choice from what was selected for it alone
     * @param standing where it begins
     * @param tooSlow whether the reader has made no progress for so many nanoseconds; asked every second or so
     */
    Member(
            long id,
            Subscription subscription,
            Form form,
            Choice choice,
            Choice ofSelected,
            Standing standing,
            Reader reader,
            LongPredicate tooSlow,
            Members members) {
        this.id = id;
        this.subscription = subscription;
        this.form = form;
        this.choice = choice;
        this.ofSelected = ofSelected;
        this.standing = standing;
        this.reader = reader;
        this.tooSlow = tooSlow;
        this.members = members;
        this.since = members.nanos();
        this.meter = new PaceMeter(since);
    }

    long id() {
        return id;
    }

    Choice choice() {
        return choice;
    }

    Choice ofSelected() {
        return ofSelected;
    }

    Reader reader() {
        return reader;
    }

    Form form() {
        return form;
    }

    // ---- at the Dopplers ---------------------------------------------------------------------------------------

    /** Joins its group at a Doppler that hears of it as it comes. */
    void join(DopplerSession session, long window) {
        join(session, window, standing.age(), 0);
    }

    /**
     * Joins its group over a link that is new.
     *
     * @param knewUntil what was said to that run of the Doppler after that may not have got there
     * @param lastHeard when it was last heard of over an earlier link, as {@link SteadyClock#millis}; empty: that did not break
     */
    void rejoin(DopplerSession session, long window, long knewUntil, OptionalLong lastHeard) {
        boolean known = since - knewUntil < 0;
        Duration here = known
                ? Duration.ZERO
                : Duration.ofNanos(members.nanos() - since).plus(MOVING);
        Duration age = standing.age();
        long away = known && lastHeard.isPresent() ? Math.max(1, SteadyClock.millis() - lastHeard.getAsLong()) : 0;
        join(session, window, age.compareTo(here) > 0 ? age : here, away);
    }

    private void join(DopplerSession session, long window, Duration age, long awayMillis) {
        Join.Builder join = Join.newBuilder()
                .setMember(id)
                .setProtocol(subscription.protocol())
                .setSubscription(standing.group())
                .setWindowBytes(window)
                .setAgeMillis(age.toMillis())
                .setRefinement(subscription.refinement().identity())
                .setDeterministicName(subscription.deterministicName())
                .setAlone(standing.alone())
                .setAwayMillis(awayMillis);
        long reading = TimeUnit.NANOSECONDS.toMillis(members.nanos() - since);
        join.setNeededMillis(age.isZero() ? 0 : Math.max(1, standing.neededFor(reading)));
        if (standing.alone()) {
            join.setReadingMillis(reading).setResumeComplete(standing.isComplete());
        }
        Selection selection = subscription.selection();
        if (selection.byClassOnly()) {
            join.setFilter(
                    selection.equals(Selection.LOGS)
                            ? Filter.LOGS
                            : selection.equals(Selection.METRICS) ? Filter.METRICS : Filter.ALL);
        } else {
            selection.selectors().forEach(selector -> join.addSelectors(SelectorMessages.write(selector)));
        }
        standing.received(session)
                .forEach(place -> join.addResume(ReadUpTo.newBuilder()
                        .setLane(place.lane())
                        .setPosition(place.receivedPosition())
                        .setCount(place.receivedCount())));
        session.send(ToDoppler.newBuilder().setJoin(join).build());
    }

    void window(DopplerSession session, long bytes) {
        session.send(ToDoppler.newBuilder()
                .setWindow(Window.newBuilder().setMember(id).setBytes(bytes))
                .build());
    }

    void leave(DopplerSession session) {
        session.send(ToDoppler.newBuilder()
                .setLeave(Leave.newBuilder().setMember(id))
                .build());
    }

    // ---- deliveries --------------------------------------------------------------------------------------------

    /** @param end position after the batch */
    void deliver(DopplerSession session, int lane, Delivery delivery, long end, Forms batch) {
        Choice chosen = session.selects() ? ofSelected : choice;
        Cut cut = delivery.getShareCount() > 1
                ? batch.cut(form, chosen, new Share(delivery.getShareIndex(), delivery.getShareCount()))
                : batch.cut(form, chosen);
        Place place = standing.at(session, lane);
        place.received(end, cut.selected());
        take(Handover.of(session, place, delivery.getSequence(), end, batch.length(), cut));
        if (cut.unrendered() > 0) {
            take(Handover.of(new Loss(0, cut.unrendered(), 0, 0, 0, "too_large")));
        }
    }

    void gap(DopplerSession session, Gap gap) {
        Place place = standing.at(session, gap.getLane());
        place.received(gap.getEnd(), gap.getCount());
        Loss loss = new Loss(0, gap.getCount(), 0, gap.getFirstMillis(), gap.getLastMillis(), gap.getReason());
        take(Handover.of(session, place, gap.getDelivery().getSequence(), gap.getEnd(), loss));
    }

    /** Tells the reader, before anything else, if it does not go on where it wanted to. */
    void loseUnreadable() {
        if (standing.beginsAnew()) {
            take(Handover.of(Loss.linkDown()));
        }
    }

    /** Tells the reader if there was something in its past that no link has come to. */
    void loseUnknown() {
        if (!over && standing.loseUnknown()) {
            take(Handover.of(Loss.linkDown()));
        }
    }

    /**
     * Tells the reader that a Doppler is lost, if it may have had something for it. Who shares its group, or goes on where another
     * was, is told even if it came later.
     *
     * @param lostMillis when that was known, milliseconds since the Unix epoch
     */
    void lose(BrokenOff.Run run, long lostMillis) {
        boolean here = run.concerns(since);
        if (!over && (here || !standing.alone() || standing.isAt(run.epoch()))) {
            Loss loss = here
                    ? Loss.dopplerLost(SteadyClock.toSystem(run.heardMillis()), lostMillis)
                    : Loss.dopplerLost(0, 0);
            take(Handover.of(loss, run.epoch()));
        }
    }

    /** Tells the reader that it lags, at once; if it was told not long ago, later, unless it has caught up by then. */
    void lag(Lag lag) {
        later = lag;
        tellLag(members.nanos());
    }

    private void tellLag(long now) {
        if (over || !lags.due(now)) {
            return;
        }
        Lag lag = later;
        later = null;
        if (reader.take(lag, lags.count() + 1)) {
            lags.told(now);
            members.toldLag();
        }
    }

    private void take(Handover delivery) {
        if (!over) {
            came += delivery.loss == null ? delivery.envelopes : delivery.loss.count();
            waiting.add(delivery);
            handOver();
        } else if (delivery.bytes != null) {
            delivery.bytes.release();
        }
    }

    private void handOver() {
        // A reader may confirm, or close, what it is just handed.
        if (handing) {
            return;
        }
        handing = true;
        while (!waiting.isEmpty() && (waiting.peek().isEmpty() || reader.writable())) {
            handOver(waiting.poll());
        }
        handing = false;
    }

    private void handOver(Handover delivery) {
        if (delivery.place != null) {
            delivery.place.handedOver(delivery, mark);
        }
        if (delivery.isEmpty()) {
            delivery.bytes.release();
            delivery.bytes = null;
        } else {
            mark++;
        }
        delivery.mark = mark;
        unconfirmed.add(delivery);
        if (delivery.loss != null) {
            losses.add(delivery.loss);
            reader.take(delivery.loss.at(mark, losses.count()));
            if (delivery.lostRun != null) {
                standing.toldOf(delivery.lostRun);
            }
        } else if (delivery.bytes != null) {
            Piece piece = new Piece(mark, delivery.envelopes, delivery.bytes, delivery.heldBack);
            delivery.bytes = null;
            delivered += piece.envelopes();
            reader.take(piece);
        } else if (confirmed == mark) {
            confirm(mark);
        }
    }

    @Override
    public void room() {
        handOver();
    }

    @Override
    public void confirm(long upTo) {
        confirmed = Math.max(confirmed, Math.min(upTo, mark));
        boolean some = false;
        while (!unconfirmed.isEmpty() && unconfirmed.peek().mark <= confirmed) {
            Handover reached = unconfirmed.poll();
            took += reached.envelopes;
            if (reached.place != null) {
                reached.place.reached(reached);
                untold += reached.size;
                some = true;
            }
        }
        if (some && !over) {
            if (untold >= members.window() / AT_ONCE) {
                tell();
            } else {
                // A message for each batch would cost both ends a wake-up each.
                members.soon().add(tell);
            }
        }
    }

    private void tell() {
        untold = 0;
        standing.confirm(id);
    }

    @Override
    public String position() {
        return standing.position();
    }

    /** Whether something waits for room. */
    boolean hasWaiting() {
        return !waiting.isEmpty();
    }

    /** Grows with everything that is handed over. */
    long handedOver() {
        return mark;
    }

    /** Whether everything that was delivered is confirmed. */
    boolean settled() {
        return waiting.isEmpty() && unconfirmed.isEmpty();
    }

    /** What is known of the client now. */
    ClientStanding clientStanding() {
        long bytes = reader.waitingBytes();
        for (Handover delivery : waiting) {
            bytes += delivery.size;
        }
        return new ClientStanding(
                reader.endpoint(),
                subscription.id(),
                "",
                subscription.selection().toString(),
                reader.remote(),
                System.currentTimeMillis() - TimeUnit.NANOSECONDS.toMillis(members.nanos() - since),
                delivered,
                losses.count(),
                losses.unnumbered(),
                Optional.ofNullable(losses.last()),
                lags.count(),
                lags.last(),
                bytes);
    }

    // ---- the end -----------------------------------------------------------------------------------------------

    /**
     * Looks after the reader; called every second or so.
     *
     * @return whether it has made no progress for so many nanoseconds
     */
    boolean tick(long slowNanos, long now) {
        if (settled()) {
            later = null;
        } else if (later != null) {
            tellLag(now);
        }
        if (waiting.isEmpty() && confirmed >= markAtLook) {
            meter.keepsUp(took, came, now);
        }
        markAtLook = mark;
        return tooSlow.test(slowNanos);
    }

    @Override
    public Pace pace() {
        return meter.pace(took, came, members.nanos());
    }

    /** Leaves its group, and has the reader closed as too slow. */
    void giveUp(Pace pace) {
        if (!over) {
            close();
            reader.tooSlow(pace);
        }
    }

    /** Leaves its group, and has the reader sent elsewhere. */
    void stop() {
        if (!over) {
            close();
            reader.stopping();
        }
    }

    /** Leaves its group, and has the reader closed, whose place another connection has taken. */
    void moved() {
        if (!over) {
            close();
            reader.moved();
        }
    }

    @Override
    public void close() {
        if (over) {
            return;
        }
        over = true;
        members.soon().forget(tell);
        // Before it leaves: what is not confirmed by then goes to others.
        tell();
        for (Handover delivery : waiting) {
            if (delivery.bytes != null) {
                delivery.bytes.release();
            }
        }
        waiting.clear();
        unconfirmed.clear();
        members.ended(this);
    }
}
