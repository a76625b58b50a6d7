package io.loggregator.benchmarks.report;

import io.loggregator.benchmarks.load.Sent;
import io.loggregator.benchmarks.process.Cpu;
import io.loggregator.benchmarks.reader.Outcome;
import io.loggregator.benchmarks.reader.Readers;
import io.loggregator.benchmarks.run.Cost;
import io.loggregator.benchmarks.run.Result;
import io.loggregator.benchmarks.run.Scenario;
import java.time.Instant;
import org.HdrHistogram.Histogram;

/** Results with round numbers: 200,000 envelopes sent. */
final class Samples {
    static final long SECOND = 1_000_000_000;
    static final Machine MACHINE =
            new Machine(2, "A Processor", "Linux 6", "A VM 17", Instant.parse("2026-11-28T20:00:00Z"), "abc");

    private static final long SENT = 200_000;

    private Samples() {}

    static Cost cost(double total, double compiler) {
        return new Cost(new Cpu(total, compiler, 0.01), 100, 150);
    }

    /** Servers with a second of work each and half a second of compilers, a generator with 0.8 s of work. */
    static Result result(String name, long rate, long elapsed, long lost, long announced) {
        return result(name, rate, elapsed, lost, announced, cost(1.5, 0.5), 2_000);
    }

    static Result result(
            String name, long rate, long elapsed, long lost, long announced, Cost servers, long latencyMicros) {
        Histogram latencies = new Histogram(1_000_000, 3);
        latencies.recordValue(latencyMicros);
        return new Result(
                new Scenario(name, rate, 2, 115, Readers.firehoses(1)),
                0.5,
                new Sent(new long[] {SENT / 2, SENT / 2}, SENT, 0, elapsed, 0, 0),
                new Outcome(SENT, SENT - lost, lost, 0, 0, announced, 0),
                20,
                latencies,
                servers,
                servers,
                cost(0.9, 0.1),
                cost(1, 0));
    }
}
