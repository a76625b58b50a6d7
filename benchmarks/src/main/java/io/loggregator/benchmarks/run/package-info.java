/** Scenarios, the servers they run against, and what comes out. */
package io.loggregator.benchmarks.run;
