/**
 * The stream over gRPC, for readers of the Go release: {@code plumbing.Doppler} in v1, {@code loggregator.v2.Egress} in
 * v2. A call lives on its connection's loop and reads from all lanes: at each, a {@link
 * io.loggregator.doppler.egress.LaneReader} turns what the lane hands out into messages, which the call writes as fast as
 * its client takes them. What has been written is confirmed; what has not waits in the log.
 */
package io.loggregator.doppler.egress;
