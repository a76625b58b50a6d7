package io.loggregator.trafficcontroller.fanout;

import io.loggregator.stream.SteadyClock;
import io.loggregator.trafficcontroller.subscription.Subscription;
import io.loggregator.trafficcontroller.upstream.DopplerSession;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Where one reader stands: its group, since when it is in it, and how far it got in each lane of each Doppler. Only who
 * shares its group with nobody can say where it is.
 */
final class Standing {
    /** Lanes of runs that are not linked; beyond that the first of them are forgotten. They leave room in an id for others. */
    private static final int PAST_LANES = 128;

    /** By how much clocks of Traffic Controllers may differ, in milliseconds. */
    private static final long SKEW = 5_000;

    /** What is open matters most, and of what is not, what brought something last: it is the likeliest to be back. */
    private static final Comparator<Place> BY_USE = Comparator.comparing(Place::isOpen)
            .thenComparing(place -> !place.isLost())
            .thenComparingLong(Place::lastMark);

    private final String group;
    /** Null of a group that is shared. */
    private final byte[] name;

    private final boolean resumed;
    /** Whether it was to go on from somewhere that is no place. */
    private final boolean anew;
    /** As {@link SteadyClock#millis}. */
    private final long sinceMillis;
    /** When it was last known where the reader is. */
    private final long knownMillis;
    /** Whether it has nothing from lanes that are not among the places. */
    private final boolean complete;

    private final List<Place> places = new ArrayList<>();

    private Standing(
            String group,
            byte[] name,
            boolean resumed,
            boolean anew,
            long sinceMillis,
            long knownMillis,
            boolean complete) {
        this.group = group;
        this.name = name;
        this.resumed = resumed;
        this.anew = anew;
        this.sinceMillis = sinceMillis;
        this.knownMillis = knownMillis;
        this.complete = complete;
    }

    /** Where a reader begins. What it resumes counts only if it shares with nobody, and if it is what we have told. */
    static Standing of(Subscription subscription, ClientCounters counters) {
        long now = SteadyClock.millis();
        if (!subscription.id().isEmpty()) {
            return new Standing(subscription.id(), null, false, false, now, now, false);
        }
        boolean anew = false;
        if (!subscription.resume().isEmpty()) {
            Optional<ResumeToken> read = ResumeToken.read(subscription.resume());
            if (read.isPresent()) {
                ResumeToken token = read.get();
                byte[] name = token.name();
                long since = Math.min(now, SteadyClock.ofSystem(token.sinceMillis()));
                long known = past(token.toldMillis(), now);
                Standing standing =
                        new Standing(ResumeToken.group(name), name, true, false, since, known, token.complete());
                token.places().forEach(place -> standing.places.add(new Place(place)));
                counters.resumed.add(1);
                return standing;
            }
            counters.unknownPositions.add(1);
            anew = true;
        }
        byte[] name = ResumeToken.newName();
        return new Standing(ResumeToken.group(name), name, false, anew, now, now, true);
    }

    /** When that was; longest ago, if by the clock here it is yet to come, so that nobody knows. */
    private static long past(long systemMillis, long now) {
        long time = SteadyClock.ofSystem(systemMillis);
        return time > now + SKEW ? 0 : Math.min(now, time);
    }

    String group() {
        return group;
    }

    /** Whether nobody shares the group. */
    boolean alone() {
        return name != null;
    }

    /** Whether the reader begins anew although it came to go on. */
    boolean beginsAnew() {
        return anew;
    }

    /** How long ago the first of those began that this reader goes on for; 0 if it is the first. */
    Duration age() {
        return resumed ? Duration.ofMillis(SteadyClock.millis() - sinceMillis) : Duration.ZERO;
    }

    /**
     * Since how many milliseconds ago the reader needs what it has no place in.
     *
     * @param reading for how long it has been here
     */
    long neededFor(long reading) {
        return resumed ? SteadyClock.millis() - knownMillis : reading;
    }

    /** Whether what {@link #received} does not name it has nothing of. */
    boolean isComplete() {
        return complete;
    }

    /** The place that a delivery is about. */
    Place at(DopplerSession session, int lane) {
        for (int i = 0; i < places.size(); i++) {
            Place place = places.get(i);
            if (place.is(session, lane)) {
                return place;
            }
        }
        return firstAt(session, lane);
    }

    private Place firstAt(DopplerSession session, int lane) {
        forget();
        long run = ResumeToken.run(session.epoch());
        for (Place place : places) {
            if (place.run() == run && place.lane() == lane) {
                place.over(session);
                return place;
            }
        }
        // What is counted in a lane that found no room in an id is unknown, and so it never gets into one.
        Place first = new Place(session, lane, complete);
        places.add(first);
        return first;
    }

    private void forget() {
        if (name == null) {
            places.removeIf(place -> !place.isOpen());
            return;
        }
        int past = (int) places.stream().filter(place -> !place.isOpen()).count();
        if (past > PAST_LANES) {
            places.sort(BY_USE);
            places.subList(0, past - PAST_LANES).clear();
        }
    }

    /** What has come of this Doppler's run, for it to go on after; noted as this session's from now on. */
    List<Place> received(DopplerSession session) {
        if (name == null || places.isEmpty()) {
            return List.of();
        }
        long run = ResumeToken.run(session.epoch());
        List<Place> received = new ArrayList<>();
        for (Place place : places) {
            if (place.run() == run) {
                place.over(session);
                if (place.receivedPosition() > 0 && place.isCounted()) {
                    received.add(place);
                }
            }
        }
        return received;
    }

    /** Takes runs that no link has been about so far for lost. Returns whether there were any. */
    boolean loseUnknown() {
        List<Place> unknown = places.stream().filter(Place::isUnknown).toList();
        unknown.forEach(Place::toldLost);
        return !unknown.isEmpty();
    }

    /** Whether the reader, or the one that it goes on for, has something of a run of a Doppler. */
    boolean isAt(String epoch) {
        long run = ResumeToken.run(epoch);
        return places.stream().anyMatch(place -> place.run() == run && !place.isLost());
    }

    /** The reader has word that a run of a Doppler is lost: who goes on from here is not to be told again. */
    void toldOf(String lostEpoch) {
        long run = ResumeToken.run(lostEpoch);
        for (Place place : places) {
            // It may be back by the time that the reader takes the word.
            if (place.run() == run && !place.isOpen()) {
                place.toldLost();
            }
        }
    }

    /** Tells the Dopplers what the reader has. */
    void confirm(long member) {
        for (int i = 0; i < places.size(); i++) {
            places.get(i).confirm(member);
        }
    }

    /** What {@link #of} takes for another reader to go on after all that was handed over; empty if it cannot be said. */
    String position() {
        if (name == null) {
            return "";
        }
        List<ResumeToken.ReadUpTo> told = new ArrayList<>(places.size());
        int past = 0;
        places.sort(BY_USE);
        for (Place place : places) {
            ResumeToken.ReadUpTo handedOver = place.handedOver();
            if (handedOver != null) {
                told.add(handedOver);
                past += place.isOpen() ? 0 : 1;
            }
        }
        return new ResumeToken(
                        name,
                        SteadyClock.toSystem(sinceMillis),
                        SteadyClock.toSystem(SteadyClock.millis()),
                        complete,
                        told)
                .text(past);
    }
}
