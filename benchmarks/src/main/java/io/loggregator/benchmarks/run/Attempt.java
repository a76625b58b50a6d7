package io.loggregator.benchmarks.run;

/**
 * One rate of the search for the highest without loss.
 *
 * @param asked envelopes a second
 * @param sent what the generator brought about
 * @param lossless whether all of it arrived in time
 */
public record Attempt(long asked, double sent, boolean lossless) {
    private static final double KEPT_UP = 0.99;

    /** Whether it was not the generator that could not do it. */
    boolean generatorKeptUp() {
        return sent >= KEPT_UP * asked;
    }
}
