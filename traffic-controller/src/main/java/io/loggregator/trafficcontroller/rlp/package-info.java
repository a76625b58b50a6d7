/**
 * gRPC {@code loggregator.v2.Egress}, as the Go release's Reverse Log Proxy serves it: requests checked in its order and
 * with its words, envelopes in either form of tags. A call lives on its connection's event loop and reads from what that
 * loop receives.
 */
package io.loggregator.trafficcontroller.rlp;
