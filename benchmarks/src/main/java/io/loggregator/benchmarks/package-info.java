/** The whole pipeline under load, in processes of its own. */
package io.loggregator.benchmarks;
