package io.loggregator.benchmarks.nozzle;

import java.time.Duration;

/**
 * How readers are measured.
 *
 * @param warmUp how long each reads before it is measured
 * @param measure how long it is
 * @param rate envelopes a second of both
 * @param bursts how often it is held up and has to catch up
 */
record NozzlePlan(Duration warmUp, Duration measure, long rate, int bursts) {}
