package io.loggregator.benchmarks.nozzle;

/** Reads a firehose. What it has counted may be asked for by any thread. */
interface Reader extends AutoCloseable {
    /** Envelopes that came, other than those that tell of a loss. */
    long received();

    /** Envelopes that it was told are missing. */
    long told();

    /** Times that it was told of a loss without a number, or began anew, or ended: any of it spoils the sums. */
    long troubles();

    /** What it made of the envelopes, so that no compiler can leave that out. */
    long digest();

    /** Takes nothing more, as a handler that has come to a halt. */
    void hold();

    /** Goes on. */
    void release();

    @Override
    void close();
}
