/**
 * Clients that cost little: WebSocket frames, batches of gRPC and lines of server-sent events are read where they lie, nothing is
 * made for any of them, and what arrives is checked against what was sent, number by number.
 */
package io.loggregator.benchmarks.reader;
