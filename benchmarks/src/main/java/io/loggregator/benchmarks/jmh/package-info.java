/** Benchmarks of single steps of the hot path, run by JMH. All figures are per envelope. */
package io.loggregator.benchmarks.jmh;
