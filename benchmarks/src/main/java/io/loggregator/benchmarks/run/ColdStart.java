package io.loggregator.benchmarks.run;

/**
 * What it takes servers to begin.
 *
 * @param firstSeconds from when both were started until the first envelope was through
 * @param startSeconds CPU of both until then, compilers included
 * @param loaded what the load right afterwards cost
 */
public record ColdStart(double firstSeconds, double startSeconds, Result loaded) {
    /** CPU seconds of both for a million envelopes, compilers included. */
    public static double both(Result result) {
        return result.perMillion(result.doppler().cpu().total()
                + result.trafficController().cpu().total());
    }
}
