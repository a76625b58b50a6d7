package io.loggregator.benchmarks.run;

import java.util.List;

/**
 * A load and who reads it.
 *
 * @param name how it is chosen on the command line
 * @param rate envelopes a second; 0: as fast as the Doppler takes them
 * @param sources how many sources write
 * @param firehoses clients, each with a subscription of its own
 * @param tails app streams, of one source each; at most as many as sources
 */
public record Scenario(String name, long rate, int sources, int firehoses, int tails) {
    private static final int SOURCES = 100;
    private static final int TAILS = 1_000;

    /** All there are, in the order in which they run. */
    public static final List<Scenario> ALL = List.of(
            new Scenario("10k", 10_000, SOURCES, 1, 0),
            new Scenario("20k", 20_000, SOURCES, 1, 0),
            new Scenario("100k", 100_000, SOURCES, 1, 0),
            new Scenario("20k-4-firehoses", 20_000, SOURCES, 4, 0),
            new Scenario("10k-1000-tails", 10_000, TAILS, 0, TAILS),
            new Scenario("full-speed", 0, SOURCES, 1, 0));

    /** The rate as people write it. */
    public String rateText() {
        return rate == 0 ? "max" : rate + "/s";
    }
}
