/** Benchmarks of what the Traffic Controller keeps to this package. */
package io.loggregator.trafficcontroller.fanout;
