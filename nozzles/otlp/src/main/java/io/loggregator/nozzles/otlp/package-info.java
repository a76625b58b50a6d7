/** The nozzle for OpenTelemetry: logs and metrics to a collector, by OTLP over gRPC. */
package io.loggregator.nozzles.otlp;
