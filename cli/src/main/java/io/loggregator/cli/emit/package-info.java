/** A sender on the v2 ingress: envelopes from lines or at a rate, held back by gRPC's flow control, through reconnects. */
package io.loggregator.cli.emit;
