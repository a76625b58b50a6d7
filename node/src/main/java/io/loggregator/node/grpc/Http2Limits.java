package io.loggregator.node.grpc;

import io.loggregator.node.RateLimitedLog;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Stream;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;

/**
 * Sees where the limits of one HTTP/2 connection bite, of which gRPC does not tell. It is called when a stream begins or ends
 * and when the connection is given up, not for what streams carry.
 */
final class Http2Limits extends Http2ConnectionAdapter {
    private static final String TOO_MANY_PINGS = "too_many_pings";
    private static final String HEADERS_TOO_LARGE = "Header size exceeded";

    private final String port;
    private final SocketAddress peer;
    private final Http2Connection.Endpoint<?> clients;
    private final Http2Connection.PropertyKey bornHalfClosed;
    private final Refusals refusals;
    private final RateLimitedLog log;

    private Http2Limits(
            String port, SocketAddress peer, Http2Connection connection, Refusals refusals, RateLimitedLog log) {
        this.port = port;
        this.peer = peer;
        this.clients = connection.remote();
        this.bornHalfClosed = connection.newKey();
        this.refusals = refusals;
        this.log = log;
    }

    /** Watches a connection for which gRPC has just put HTTP/2 into the pipeline, before anything is read from it. */
    static void watch(String port, Channel channel, Refusals refusals, RateLimitedLog log) {
        Http2ConnectionHandler http2 = channel.pipeline().get(Http2ConnectionHandler.class);
        if (http2 != null) {
            Http2Connection connection = http2.connection();
            connection.addListener(new Http2Limits(port, channel.remoteAddress(), connection, refusals, log));
        }
    }

    @Override
    public void onStreamActive(Http2Stream stream) {
        if (clients.numActiveStreams() == clients.maxActiveStreams()) {
            bites("streams");
        }
        if (stream.state() == Http2Stream.State.HALF_CLOSED_REMOTE) {
            stream.setProperty(bornHalfClosed, true);
        }
    }

    /**
     * To answer headers that are too large, Netty opens a stream whose client has said all. Of such streams it notes headers
     * as it opens them, and notes them again, as trailers, when there are any that it has read.
     */
    @Override
    public void onStreamClosed(Http2Stream stream) {
        if (stream.removeProperty(bornHalfClosed) != null && !stream.isTrailersReceived()) {
            bites("headers");
        }
    }

    @Override
    public void onGoAwaySent(int lastStream, long error, ByteBuf debug) {
        if (error == Http2Error.NO_ERROR.code()) {
            return;
        }
        String why = debug.toString(StandardCharsets.US_ASCII);
        if (why.equals(TOO_MANY_PINGS)) {
            bites("pings");
        } else if (why.startsWith(HEADERS_TOO_LARGE)) {
            bites("headers");
        }
    }

    private void bites(String limit) {
        refusals.http2(limit);
        log.warn("{} connection from {} is at a limit of HTTP/2: {}", port, peer, limit);
    }
}
