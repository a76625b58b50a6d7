package io.loggregator.node.grpc;

/** Told what a gRPC port refused; from any event loop. */
public interface Refusals {
    /** A stream ended with an error of ours, with the status code's name. */
    void stream(String code);

    /** A connection came to nothing: {@code handshake} or {@code no_stream}. */
    void connection(String reason);
}
