package io.loggregator.benchmarks.run;

/**
 * What servers cost while nothing is sent.
 *
 * @param name how it is chosen on the command line
 * @param tails app streams that are open
 * @param seconds how long it was looked at
 */
public record Idle(String name, int tails, double seconds, Cost doppler, Cost trafficController) {
    /** The share of one processor that a process used. */
    public double cores(Cost cost) {
        return cost.cpu().total() / seconds;
    }
}
