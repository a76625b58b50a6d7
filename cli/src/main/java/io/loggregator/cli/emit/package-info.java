/**
 * Senders to a Doppler: envelopes from lines or at a rate, over gRPC as v2 or v1, held back by its flow control and through
 * reconnects, or in datagrams.
 */
package io.loggregator.cli.emit;
