package io.loggregator.benchmarks.run;

import io.loggregator.benchmarks.load.Sent;
import io.loggregator.benchmarks.reader.Outcome;
import org.HdrHistogram.Histogram;

/**
 * What came out of a scenario.
 *
 * @param sent what the generator did
 * @param outcome what became of it, all clients together
 * @param deliverySeconds from the first batch sent to the last log received
 * @param latencies of all logs received, in microseconds from when each was due
 * @param doppler what the Doppler cost, until everything had arrived
 * @param trafficController what the Traffic Controller cost
 * @param driver what this process cost, generator and clients together
 */
public record Result(
        Scenario scenario,
        Sent sent,
        Outcome outcome,
        double deliverySeconds,
        Histogram latencies,
        Cost doppler,
        Cost trafficController,
        Cost driver) {
    private static final double KEPT_UP = 0.99;

    /** Logs that all clients together received in a second. */
    public double deliveryRate() {
        return deliverySeconds <= 0 ? 0 : outcome.received() / deliverySeconds;
    }

    /** Whether the generator kept to the rate asked for. */
    public boolean keptUp() {
        return scenario.rate() == 0 || sent.rate() >= KEPT_UP * scenario.rate();
    }

    /** CPU seconds for a million of the envelopes sent. */
    public double perMillion(double cpuSeconds) {
        return sent.envelopes() == 0 ? 0 : cpuSeconds * 1e6 / sent.envelopes();
    }
}
