package io.loggregator.benchmarks.run;

import java.time.Duration;

/**
 * How long things take, and in what portions.
 *
 * @param cold load on servers that have just started
 * @param warmUp load in small batches, which makes the JIT compilers see many calls early
 * @param settle a scenario's own load, not measured yet
 * @param measure a scenario's own load, measured
 * @param attempt one rate of the search for the highest without loss
 * @param idle nothing
 * @param batchSize envelopes in a batch
 * @param connections of the generator
 * @param eventLoops of each server; 0: the servers' default
 */
public record Plan(
        Duration cold,
        Duration warmUp,
        Duration settle,
        Duration measure,
        Duration attempt,
        Duration idle,
        int batchSize,
        int connections,
        int eventLoops) {}
