package io.loggregator.doppler;

import io.loggregator.doppler.egress.Subscription;
import io.loggregator.doppler.lane.DopplerLane;
import io.loggregator.stream.SteadyClock;
import io.loggregator.stream.dispatch.GroupKey;
import io.loggregator.stream.dispatch.LaneCounters;
import io.loggregator.stream.dispatch.Remainder;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives readers, within a limit, what they have not had when nothing more comes in. Readers that are there have most of
 * the limit; groups whose client is away, and app streams whose Traffic Controller is, have a third of it, or the rest of
 * their grace period, for it to come back. What does not fit is counted and told.
 */
final class HandOver {
    private static final Logger LOG = LoggerFactory.getLogger(HandOver.class);
    private static final long CHECK_MILLIS = 20;
    /** Of the limit, in which readers are served; the rest is for the confirmations of what was sent last. */
    private static final double SERVING = 0.8;

    private static final double CONFIRMING = 0.95;
    private static final double RETURNING = 1.0 / 3;
    /** Groups named in the log; more are added up. */
    private static final int MOST_NAMED = 50;

    private final Vertx vertx;
    private final List<DopplerLane> lanes;
    private final long limitNanos;
    private final long begun = System.nanoTime();
    private final Promise<Void> done = Promise.promise();

    /** Readers that are there did not get everything. */
    static final class Incomplete extends Exception {
        private static final long serialVersionUID = 1L;

        Incomplete(String message) {
            super(message, null, false, false);
        }
    }

    private HandOver(Vertx vertx, List<DopplerLane> lanes, Duration limit) {
        this.vertx = vertx;
        this.lanes = lanes;
        this.limitNanos = limit.toNanos();
    }

    /** Begins; the future fails with {@link Incomplete} when readers that are there did not get everything. */
    static Future<Void> within(Duration limit, Vertx vertx, List<DopplerLane> lanes) {
        HandOver handOver = new HandOver(vertx, lanes, limit);
        handOver.serve();
        return handOver.done.future();
    }

    private record State(boolean drained, boolean waitsForReaders) {}

    private boolean passed(double part) {
        return System.nanoTime() - begun >= part * limitNanos;
    }

    private void serve() {
        ask(lane -> new State(lane.lane().isDrained(), lane.lane().waitsForReaders(SteadyClock.millis())))
                .onComplete(answers -> {
                    boolean drained = answers.result().stream().allMatch(State::drained);
                    boolean waits = answers.result().stream().anyMatch(State::waitsForReaders);
                    if (passed(SERVING) || (drained && (!waits || passed(RETURNING)))) {
                        giveUp();
                    } else {
                        vertx.setTimer(CHECK_MILLIS, again -> serve());
                    }
                });
    }

    private void giveUp() {
        ask(lane -> {
                    lane.lane().giveUp();
                    return true;
                })
                .onComplete(answers -> awaitConfirmations());
    }

    private void awaitConfirmations() {
        ask(lane -> lane.lane().isDrained()).onComplete(answers -> {
            if (passed(CONFIRMING) || !answers.result().contains(false)) {
                ask(lane -> lane.lane().remainders())
                        .onComplete(remainders -> report(remainders.result().stream()
                                .flatMap(List::stream)
                                .toList()));
            } else {
                vertx.setTimer(CHECK_MILLIS, again -> awaitConfirmations());
            }
        });
    }

    private void report(List<Remainder> remainders) {
        Map<String, long[]> groups = new TreeMap<>();
        long told = 0;
        long all = 0;
        for (Remainder remainder : remainders) {
            long[] sums = groups.computeIfAbsent(name(remainder), first -> new long[2]);
            sums[0] += remainder.notSent();
            sums[1] += remainder.unconfirmed();
            all += remainder.notSent() + remainder.unconfirmed();
            told += remainder.attended() ? remainder.notSent() + remainder.unconfirmed() : 0;
        }
        groups.entrySet().stream()
                .limit(MOST_NAMED)
                .forEach(group -> LOG.warn(
                        "stopping: {}: {} envelopes not handed over, {} sent and not confirmed",
                        group.getKey(),
                        group.getValue()[0],
                        group.getValue()[1]));
        if (groups.size() > MOST_NAMED) {
            LOG.warn("stopping: {} envelopes of {} groups in all", all, groups.size());
        }
        long tails = sum(LaneCounters::stoppedTails);
        if (tails > 0) {
            LOG.warn("stopping: app streams: {} envelopes not handed over", tails);
        }
        long absentTails = sum(LaneCounters::stoppedAbsentTails);
        if (absentTails > 0) {
            LOG.warn(
                    "stopping: app streams, whose Traffic Controller is away: {} envelopes not handed over",
                    absentTails);
        }
        if (told + tails > 0) {
            done.fail(new Incomplete(told + tails + " envelopes of readers that are connected did not fit"));
        } else {
            done.complete();
        }
    }

    private long sum(ToLongFunction<LaneCounters> count) {
        return lanes.stream()
                .mapToLong(lane -> count.applyAsLong(lane.lane().counters()))
                .sum();
    }

    /** A subscription id is a client's word: what is not fit for a log line is left out of it. */
    private static String name(Remainder remainder) {
        GroupKey key = remainder.key();
        String subscription = Subscription.nameOf(key);
        String who = subscription.isEmpty() ? "streams without a shard" : "subscription " + subscription;
        return who.replaceAll("[^ -~]", "?") + " ("
                + key.protocol().replaceAll("[^ -~]", "?") + ", " + key.selection() + ")"
                + (remainder.attended() ? "" : ", whose client is away");
    }

    private <T> Future<List<T>> ask(Function<DopplerLane, T> question) {
        return LaneQuestions.ask(lanes, question);
    }
}
