package io.loggregator.benchmarks.run;

import io.loggregator.benchmarks.load.PreparedBatch;
import io.loggregator.benchmarks.reader.Readers;
import java.util.List;
import java.util.Optional;

/**
 * A load and who reads it.
 *
 * @param name how it is chosen on the command line
 * @param rate envelopes a second; 0: as fast as the Doppler takes them
 * @param sources how many sources write
 * @param payloadBytes of each log
 * @param readers at most as many tails as sources
 */
public record Scenario(String name, long rate, int sources, int payloadBytes, Readers readers) {
    static final int SOURCES = 100;
    static final int TAILS = 1_000;

    /** The load that the long-lived servers of a run get, in the order in which they get it. */
    public static final List<Scenario> ALL = List.of(
            usual("20k", 20_000, Readers.firehoses(1)),
            usual("100k", 100_000, Readers.firehoses(1)),
            usual("10k", 10_000, Readers.firehoses(1)),
            usual("20k-4-firehoses", 20_000, Readers.firehoses(4)),
            usual("20k-grpc", 20_000, Readers.oneGrpc(true)),
            usual("100k-grpc", 100_000, Readers.oneGrpc(true)),
            usual("20k-grpc-deprecated", 20_000, Readers.oneGrpc(false)),
            usual("100k-grpc-deprecated", 100_000, Readers.oneGrpc(false)),
            usual("20k-sse", 20_000, Readers.oneSse()),
            usual("100k-sse", 100_000, Readers.oneSse()),
            new Scenario("10k-1000-tails", 10_000, TAILS, PreparedBatch.PAYLOAD_BYTES, Readers.tails(TAILS)),
            usual("full-speed", 0, Readers.firehoses(1)));

    private static Scenario usual(String name, long rate, Readers readers) {
        return new Scenario(name, rate, SOURCES, PreparedBatch.PAYLOAD_BYTES, readers);
    }

    static Optional<Scenario> named(String name) {
        return ALL.stream().filter(scenario -> scenario.name().equals(name)).findAny();
    }

    /** The rate as people write it. */
    public String rateText() {
        return rate == 0 ? "max" : rate + "/s";
    }
}
