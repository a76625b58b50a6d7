package io.loggregator.benchmarks.udp;

import io.loggregator.benchmarks.process.Server;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What a Doppler has counted of datagrams.
 *
 * @param received from the kernel, good or bad
 * @param takenIn envelopes, of whatever way
 * @param dropped by the kernel
 */
public record DatagramCounts(long received, long takenIn, long dropped) {
    /** Longer than from one look at the kernel's drops to the next. */
    private static final long STILL_MILLIS = 1_500;

    /** Waits until nothing comes any more. */
    public static DatagramCounts settled(Server doppler) throws IOException, InterruptedException {
        DatagramCounts last = null;
        DatagramCounts now = of(doppler.metrics());
        while (!now.equals(last)) {
            TimeUnit.MILLISECONDS.sleep(STILL_MILLIS);
            last = now;
            now = of(doppler.metrics());
        }
        return now;
    }

    /** What came after these. */
    public DatagramCounts since(DatagramCounts earlier) {
        return new DatagramCounts(received - earlier.received, takenIn - earlier.takenIn, dropped - earlier.dropped);
    }

    private static DatagramCounts of(List<String> metrics) {
        return new DatagramCounts(
                sum(metrics, "listeners_received_messages_total{protocol=\"udp\"}"),
                sum(metrics, "ingress_total "),
                sum(metrics, "udp_kernel_drops_total "));
    }

    private static long sum(List<String> metrics, String beginning) {
        return metrics.stream()
                .filter(line -> line.startsWith(beginning))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
