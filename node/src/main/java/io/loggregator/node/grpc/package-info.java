/** A gRPC server on Vert.x's event loops: its limits, its TLS, and an account of the connections and streams it refuses. */
package io.loggregator.node.grpc;
