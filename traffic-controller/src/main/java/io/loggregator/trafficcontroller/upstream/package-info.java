/**
 * What Traffic Controllers and Dopplers have to say to each other, whichever way they are connected: by the link, or by
 * the gRPC services of the Go release. Also what both need to find Dopplers.
 */
package io.loggregator.trafficcontroller.upstream;
