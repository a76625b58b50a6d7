package io.loggregator.node.grpc;

import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.loggregator.node.RateLimitedLog;

/** Counts and logs streams that we, or the limits, ended: oversize, too many, not implemented. */
final class RefusedStreams extends ServerStreamTracer.Factory {
    private final String port;
    private final Refusals refusals;
    private final RateLimitedLog log;

    RefusedStreams(String port, Refusals refusals, RateLimitedLog log) {
        this.port = port;
        this.refusals = refusals;
        this.log = log;
    }

    @Override
    public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
        return new ServerStreamTracer() {
            @Override
            public void serverCallStarted(ServerCallInfo<?, ?> call) {
                RefusedConnections.streamOpened(call.getAttributes());
            }

            @Override
            public void streamClosed(Status status) {
                // Cancelled: the client gave up. Unavailable: it is gone, or we stop.
                if (!status.isOk()
                        && status.getCode() != Status.Code.CANCELLED
                        && status.getCode() != Status.Code.UNAVAILABLE) {
                    refusals.stream(status.getCode().name());
                    log.warn("{} stream {} ended: {} {}", port, method, status.getCode(), status.getDescription());
                }
            }
        };
    }
}
