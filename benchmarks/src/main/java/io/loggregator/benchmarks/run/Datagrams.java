package io.loggregator.benchmarks.run;

import io.loggregator.benchmarks.udp.DatagramCounts;

/**
 * What came of signed datagrams that were sent at a rate, for one firehose.
 *
 * @param rate asked for, datagrams a second
 * @param sent how many
 * @param seconds that took
 * @param counts what the Doppler counted
 * @param arrived envelopes, at the firehose
 */
public record Datagrams(
        String name,
        long rate,
        long sent,
        double seconds,
        DatagramCounts counts,
        long arrived,
        Cost doppler,
        Cost trafficController) {
    private static final double KEPT_UP = 0.99;

    /** Datagrams that were sent in a second. */
    public double sentRate() {
        return sent / seconds;
    }

    /** What the kernel did not drop and the firehose did not get. */
    public long lost() {
        return sent - counts.dropped() - arrived;
    }

    /** Whether as many were sent as asked for, and all arrived. */
    public boolean sound() {
        return sentRate() >= KEPT_UP * rate && counts.dropped() == 0 && arrived == sent;
    }

    /** CPU seconds for a million sent, without compilers. */
    public double perMillion(Cost cost) {
        return cost.cpu().work() * 1e6 / sent;
    }
}
