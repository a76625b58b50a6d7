package io.loggregator.benchmarks.nozzle;

/** Reads a firehose. What it has counted may be asked for by any thread. */
abstract class Reader implements AutoCloseable {
    /** What every envelope has to pass. */
    final Gate gate = new Gate();

    /** Envelopes that came, other than those that tell of a loss. */
    abstract long received();

    /** Envelopes that it was told are missing. */
    abstract long told();

    /** Times that it was told of a loss without a number, or began anew, or ended: any of it spoils the sums. */
    abstract long troubles();

    /** What it made of the envelopes, so that no compiler can leave that out. */
    abstract long digest();

    /** Takes nothing more, as a handler that has come to a halt. */
    final void hold() {
        gate.shut();
    }

    /** Goes on. */
    final void release() {
        gate.open();
    }

    @Override
    public abstract void close();
}
