package io.loggregator.trafficcontroller.fanout;

import io.loggregator.link.v1.Received;
import io.loggregator.link.v1.Start;
import io.loggregator.link.v1.Tails;
import io.loggregator.link.v1.ToDoppler;
import io.loggregator.trafficcontroller.upstream.DopplerSession;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How far app streams got with each run of each Doppler, so that a link that breaks and comes back goes on where it
 * was, and one to a Doppler that has just started misses nothing of it.
 */
final class TailProgress {
    /** Runs remembered; a Doppler that restarts leaves its old run behind. */
    private static final int RUNS = 256;
    /** What was sent that long before a Doppler was last heard may not have arrived: it waits in buffers on the way. */
    private static final long IN_FLIGHT = TimeUnit.SECONDS.toNanos(15);
    /** A Doppler is told what arrived after so many bytes of its log, an eighth of the smallest that it may have. */
    private static final long TOLD_AFTER_BYTES = 512 * 1024;

    private static final long TOLD_AFTER_GAPS = 100;

    private final LongSupplier clock;
    private final long started;
    private final Map<String, Run> runs = new LinkedHashMap<>();

    private static final class Run {
        final Map<Integer, Arrived> lanes = new TreeMap<>();
        long since;
        long ended;
        long knewUntil;
    }

    /** What arrived from one lane. */
    private static final class Arrived {
        long position;
        long gaps;
        long toldPosition;
        long toldGaps;

        Received of(int lane) {
            toldPosition = position;
            toldGaps = gaps;
            return Received.newBuilder()
                    .setLane(lane)
                    .setPosition(position)
                    .setGaps(gaps)
                    .build();
        }

        boolean isToBeTold() {
            return position - toldPosition >= TOLD_AFTER_BYTES || gaps - toldGaps >= TOLD_AFTER_GAPS;
        }
    }

    /** @param clock as {@link System#nanoTime} */
    TailProgress(LongSupplier clock) {
        this.clock = clock;
        this.started = clock.getAsLong();
    }

    /**
     * Until when what was said to this run of the Doppler has surely got there: it was heard of after that. If there was no link,
     * when this Traffic Controller started.
     */
    long knewUntil(DopplerSession session) {
        Run run = runs.get(session.epoch());
        return run == null ? started : run.knewUntil;
    }

    /**
     * Where the session's tails are to start.
     *
     * @param oldest when the first of the app streams came that there are; empty: there are none
     */
    Start start(DopplerSession session, OptionalLong oldest) {
        Run run = runs.get(session.epoch());
        if (run == null) {
            run = new Run();
            run.since = started;
            run.ended = started;
            run.knewUntil = started;
            runs.put(session.epoch(), run);
            if (runs.size() > RUNS) {
                runs.remove(runs.keySet().iterator().next());
            }
        }
        long now = clock.getAsLong();
        long came = oldest.orElse(now);
        boolean anew = came - run.ended > 0;
        if (anew) {
            // Who had something to get when the link broke is gone.
            run.lanes.clear();
        }
        long since = anew ? came : run.since;
        Start.Builder start = Start.newBuilder()
                .setAgeMillis(TimeUnit.NANOSECONDS.toMillis(now - since))
                .setAnew(anew);
        run.lanes.forEach((lane, arrived) -> start.addReceived(arrived.of(lane)));
        return start.build();
    }

    /** A batch for tails has arrived. */
    void received(DopplerSession session, int lane, long end) {
        Run run = runs.get(session.epoch());
        if (run != null) {
            Arrived arrived = run.lanes.computeIfAbsent(lane, first -> new Arrived());
            arrived.position = end;
            tell(session, lane, arrived);
        }
    }

    /** Word of a gap for tails has arrived. */
    void gap(DopplerSession session, int lane) {
        Run run = runs.get(session.epoch());
        if (run != null) {
            Arrived arrived = run.lanes.computeIfAbsent(lane, first -> new Arrived());
            arrived.gaps++;
            tell(session, lane, arrived);
        }
    }

    private static void tell(DopplerSession session, int lane, Arrived arrived) {
        if (session.kind() == DopplerSession.Kind.LINK && arrived.isToBeTold()) {
            session.send(ToDoppler.newBuilder()
                    .setTails(Tails.newBuilder().addReceived(arrived.of(lane)))
                    .build());
        }
    }

    void closed(DopplerSession session) {
        Run run = runs.remove(session.epoch());
        if (run != null) {
            run.ended = clock.getAsLong();
            run.knewUntil = run.ended - session.silence().toNanos();
            run.since = Math.max(run.since, run.knewUntil - IN_FLIGHT);
            // Last in line to be forgotten.
            runs.put(session.epoch(), run);
        }
    }
}
