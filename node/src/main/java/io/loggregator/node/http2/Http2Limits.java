package io.loggregator.node.http2;

import io.loggregator.node.RateLimitedLog;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Stream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Sees where the limits of one HTTP/2 connection bite, of which neither gRPC nor Vert.x tells. It is called when a stream
 * begins or ends and when the connection is given up, not for what streams carry.
 */
public final class Http2Limits extends Http2ConnectionAdapter {
    private static final String TOO_MANY_PINGS = "too_many_pings";
    private static final String HEADERS_TOO_LARGE = "Header size exceeded";

    private final Http2Connection.Endpoint<?> clients;
    private final Http2Connection.PropertyKey bornHalfClosed;
    private final Consumer<Http2Limit> bites;

    /** @param bites told each time that a limit bites */
    private Http2Limits(Http2Connection connection, Consumer<Http2Limit> bites) {
        this.clients = connection.remote();
        this.bornHalfClosed = connection.newKey();
        this.bites = bites;
    }

    /**
     * Watches a connection that has just got HTTP/2 into its pipeline, before anything is read from it; does nothing for one
     * without.
     *
     * @param port names it in log lines
     * @param peer tells the connection's other end, for log lines; asked only then, as it may not be known before
     * @param log for lines about limits that bite
     * @param bites told each time that one does, on the event loop of the connection
     */
    public static void watch(
            String port, Supplier<?> peer, Channel channel, RateLimitedLog log, Consumer<Http2Limit> bites) {
        Http2ConnectionHandler http2 = channel.pipeline().get(Http2ConnectionHandler.class);
        if (http2 != null) {
            Http2Connection connection = http2.connection();
            connection.addListener(new Http2Limits(connection, limit -> {
                bites.accept(limit);
                log.warn("{} connection from {} is at a limit of HTTP/2: {}", port, peer.get(), limit.label());
            }));
        }
    }

    @Override
    public void onStreamActive(Http2Stream stream) {
        if (clients.numActiveStreams() == clients.maxActiveStreams()) {
            bites.accept(Http2Limit.STREAMS);
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
            bites.accept(Http2Limit.HEADERS);
        }
    }

    @Override
    public void onGoAwaySent(int lastStream, long error, ByteBuf debug) {
        String why = debug.toString(StandardCharsets.US_ASCII);
        if (error != Http2Error.NO_ERROR.code() && why.startsWith(HEADERS_TOO_LARGE)) {
            bites.accept(Http2Limit.HEADERS);
        } else if (error == Http2Error.ENHANCE_YOUR_CALM.code()) {
            bites.accept(why.equals(TOO_MANY_PINGS) ? Http2Limit.PINGS : Http2Limit.FLOOD);
        }
    }
}
