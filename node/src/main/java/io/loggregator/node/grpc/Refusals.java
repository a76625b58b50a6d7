package io.loggregator.node.grpc;

import io.loggregator.node.http2.Http2Limit;

/** Told what a gRPC port refused, and where its limits bit; from any event loop. */
public interface Refusals {
    /** A stream ended with an error of ours, with the status code's name. */
    void stream(String code);

    /** A connection came to nothing: {@code handshake}, {@code no_stream}, {@code too_many}, {@code too_many_of_client}. */
    void connection(String reason);

    /** A limit of HTTP/2 bit on a connection. */
    void http2(Http2Limit limit);
}
