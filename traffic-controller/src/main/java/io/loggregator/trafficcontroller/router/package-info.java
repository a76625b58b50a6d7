/**
 * Dopplers as upstreams by the gRPC services that the Go release's Dopplers have: {@code plumbing.Doppler} for v1,
 * {@code loggregator.v2.Egress} for v2. {@link io.loggregator.trafficcontroller.router.Routers} keeps a connection to each;
 * a session takes the link's messages in process and answers in them.
 */
package io.loggregator.trafficcontroller.router;
