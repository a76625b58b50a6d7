package io.loggregator.benchmarks.run;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks for the highest rate at which nothing is lost: upwards until something is, then between the highest that went well
 * and the lowest that did not.
 */
final class LosslessSearch {
    private static final double UP = 1.5;
    private static final double CLOSE_ENOUGH = 1.05;
    private static final int MOST_ATTEMPTS = 12;

    private final List<Attempt> attempts = new ArrayList<>();

    /** Tries a rate. */
    interface Trial {
        Attempt at(long rate) throws IOException, InterruptedException;
    }

    /**
     * @param first where to begin, envelopes a second
     * @return the highest rate that was really sent and arrived; 0 if there was none
     */
    double highest(long first, Trial trial) throws IOException, InterruptedException {
        double best = 0;
        double well = 0;
        double badly = Double.POSITIVE_INFINITY;
        double rate = first;
        while (attempts.size() < MOST_ATTEMPTS && badly > CLOSE_ENOUGH * well && rate >= 1) {
            Attempt attempt = trial.at(Math.round(rate));
            attempts.add(attempt);
            if (attempt.lossless()) {
                best = Math.max(best, attempt.sent());
            }
            if (attempt.lossless() && attempt.generatorKeptUp()) {
                well = rate;
            } else {
                badly = rate;
            }
            rate = badly == Double.POSITIVE_INFINITY ? well * UP : well == 0 ? badly / 2 : (well + badly) / 2;
        }
        return best;
    }

    /** All that was tried, in that order. */
    List<Attempt> attempts() {
        return List.copyOf(attempts);
    }
}
