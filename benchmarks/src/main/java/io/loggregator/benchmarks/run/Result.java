package io.loggregator.benchmarks.run;

import io.loggregator.benchmarks.load.Sent;
import io.loggregator.benchmarks.reader.Outcome;
import org.HdrHistogram.Histogram;

/**
 * What came out of a scenario.
 *
 * @param loadBefore the machine's load average over a minute, before it began
 * @param sent what the generator did
 * @param outcome what became of it, all clients together
 * @param deliverySeconds from the first batch sent to the last log received
 * @param latencies of all logs received, in microseconds from when each was due
 * @param doppler what the Doppler cost, until everything had arrived
 * @param trafficController what the Traffic Controller cost
 * @param emitter what the generator cost
 * @param readers what this process cost, which is the clients'
 */
public record Result(
        Scenario scenario,
        double loadBefore,
        Sent sent,
        Outcome outcome,
        double deliverySeconds,
        Histogram latencies,
        Cost doppler,
        Cost trafficController,
        Cost emitter,
        Cost readers) {
    private static final double KEPT_UP = 0.99;
    /** A second after the last was sent, everything has arrived, or the readers fall behind further and further. */
    private static final double KEEPING_UP_SECONDS = 1;

    /** Logs that all clients together received in a second. */
    public double deliveryRate() {
        return deliverySeconds <= 0 ? 0 : outcome.received() / deliverySeconds;
    }

    /** Whether the generator kept to the rate asked for. */
    public boolean keptUp() {
        return scenario.rate() == 0 || sent.rate() >= KEPT_UP * scenario.rate();
    }

    /** Whether nothing was lost, and nothing was late in the end. */
    public boolean lossless() {
        return outcome.lost() == 0 && deliverySeconds <= sent.elapsedNanos() / 1e9 + KEEPING_UP_SECONDS;
    }

    /** CPU seconds for a million of the envelopes sent. */
    public double perMillion(double cpuSeconds) {
        return sent.envelopes() == 0 ? 0 : cpuSeconds * 1e6 / sent.envelopes();
    }

    /** A process's work, compilers apart, as a multiple of the generator's; 0 if there was no work to compare with. */
    public double timesEmitter(Cost cost) {
        double emitted = emitter.cpu().work();
        return emitted <= 0 ? 0 : cost.cpu().work() / emitted;
    }
}
