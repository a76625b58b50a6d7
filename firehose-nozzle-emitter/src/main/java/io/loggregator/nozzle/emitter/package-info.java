/**
 * Sends v2 envelopes over gRPC, for tests and for apps that have something to say: batched, bounded in bytes, and without
 * ever making its caller wait. A package and a module of its own, because gRPC is not what a nozzle needs.
 */
package io.loggregator.nozzle.emitter;
