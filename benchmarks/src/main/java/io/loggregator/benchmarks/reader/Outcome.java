package io.loggregator.benchmarks.reader;

/**
 * What became of what was sent, for one client or several.
 *
 * @param expected logs that were to arrive, once for each client
 * @param received different ones of these that did
 * @param lost those that did not
 * @param duplicates arrivals of what had arrived already
 * @param outOfOrder arrivals after a later log of the same source
 * @param announced logs that notices in the streams told as lost
 * @param others envelopes that were nothing of the load, such as those notices
 */
public record Outcome(
        long expected, long received, long lost, long duplicates, long outOfOrder, long announced, long others) {
    /** Of nothing that was sent. */
    public static final Outcome NOTHING = new Outcome(0, 0, 0, 0, 0, 0, 0);

    /** What was lost without a word; below zero when more was announced than lost. */
    public long unannounced() {
        return lost - announced;
    }

    /** The two together. */
    public Outcome plus(Outcome more) {
        return new Outcome(
                expected + more.expected,
                received + more.received,
                lost + more.lost,
                duplicates + more.duplicates,
                outOfOrder + more.outOfOrder,
                announced + more.announced,
                others + more.others);
    }
}
