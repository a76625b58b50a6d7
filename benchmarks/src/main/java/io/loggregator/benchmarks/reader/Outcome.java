package io.loggregator.benchmarks.reader;

/**
 * What became of what was sent, for one client or several.
 *
 * @param expected logs that were to arrive, once for each client
 * @param received different ones of these that did
 * @param lost those that did not
 * @param duplicates arrivals of what had arrived already
 * @param outOfOrder arrivals after a later log of the same source
 * @param others frames that were nothing of the load, such as notices of loss
 */
public record Outcome(long expected, long received, long lost, long duplicates, long outOfOrder, long others) {
    public Outcome plus(Outcome more) {
        return new Outcome(
                expected + more.expected,
                received + more.received,
                lost + more.lost,
                duplicates + more.duplicates,
                outOfOrder + more.outOfOrder,
                others + more.others);
    }
}
