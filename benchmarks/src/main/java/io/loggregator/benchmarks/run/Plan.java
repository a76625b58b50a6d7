package io.loggregator.benchmarks.run;

import java.time.Duration;

/**
 * How long a scenario runs, and in what portions.
 *
 * @param warmUp load in small batches, which makes the JIT compilers see many calls early
 * @param settle the scenario's own load, not measured yet
 * @param measure the scenario's own load, measured
 * @param batchSize envelopes in a batch
 * @param connections of the generator
 * @param eventLoops of each server; 0: the servers' default
 */
public record Plan(
        Duration warmUp, Duration settle, Duration measure, int batchSize, int connections, int eventLoops) {}
