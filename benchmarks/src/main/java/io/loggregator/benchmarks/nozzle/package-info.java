/**
 * Readers of a firehose compared: the library for nozzles, cf-java-client, and one that does next to nothing. Each is a
 * process of its own, so that what it costs can be told apart.
 */
package io.loggregator.benchmarks.nozzle;
