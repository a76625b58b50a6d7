/** The nozzle that keeps the latest values of counters and gauges, and histograms of HTTP requests, for Prometheus. */
package io.loggregator.nozzles.prometheus;
