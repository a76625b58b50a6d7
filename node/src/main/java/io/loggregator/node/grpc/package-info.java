/** gRPC on Vert.x's event loops. Of a server: its limits, its TLS, and an account of the connections and streams it refuses. */
package io.loggregator.node.grpc;
