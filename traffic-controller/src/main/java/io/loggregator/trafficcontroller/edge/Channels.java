package io.loggregator.trafficcontroller.edge;

import io.loggregator.node.accept.PerClient;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.util.Attribute;
import io.netty.util.AttributeKey;
import io.vertx.core.Future;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.core.internal.http.WebSocketInternal;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.core.net.impl.ShutdownEvent;

/**
 * The Netty channels beneath. Beside {@link AcceptedFirst} the only place here that knows Vert.x from inside; pinned to
 * its version.
 */
public final class Channels {
    private static final AttributeKey<HttpServerRequest> REQUEST = AttributeKey.valueOf(Channels.class, "request");

    private static final AttributeKey<Boolean> PROXIED = AttributeKey.valueOf(Channels.class, "proxied");

    private static final AttributeKey<Integer> LISTENED = AttributeKey.valueOf(Channels.class, "listened");

    private Channels() {}

    /** Begins or ends a stream whose client only listens, on the connection. */
    public static void listened(HttpConnection connection, int more) {
        Attribute<Integer> open = of(connection).attr(LISTENED);
        open.set((open.get() == null ? 0 : open.get()) + more);
    }

    /** Whether some client only listens on the connection. */
    static boolean isListened(Channel channel) {
        Integer open = channel.attr(LISTENED).get();
        return open != null && open > 0;
    }

    /** Ends a connection at once, whatever waits to be written. */
    public static void cut(HttpConnection connection) {
        // From Vert.x's own place on, because its handler would wait until what is before is written.
        var unused = ((HttpServerConnection) connection).channelHandlerContext().close();
    }

    /** Bytes in this process that the other end has not taken; shrinks whenever it takes some. */
    public static long waitingBytes(Channel channel) {
        ChannelOutboundBuffer outbound = channel.unsafe().outboundBuffer();
        return outbound == null ? 0 : outbound.totalPendingWriteBytes() - outbound.currentProgress();
    }

    /**
     * Remembers the request that a connection is at. Over HTTP/1 that is one at a time: Vert.x hands over the next when
     * the one before is answered.
     */
    static void remember(HttpServerRequest request) {
        of(request.connection()).attr(REQUEST).set(request);
    }

    /**
     * Makes a WebSocket of an HTTP/1 request. Not by the request of a Router, whose WebSocket is a wrapper that hides the
     * channel.
     */
    static Future<ServerWebSocket> toWebSocket(HttpServerRequest request) {
        return of(request.connection()).attr(REQUEST).get().toWebSocket();
    }

    /** Makes the connection one of the client that its PROXY protocol header names. */
    static void proxied(Channel channel, SocketAddress client) {
        channel.attr(PROXIED).set(true);
        belongTo(channel, client);
    }

    /** Counts a client's connection in, until it is closed; false if the client has too many. */
    static boolean countIn(Channel channel, PerClient connections, String client) {
        if (!connections.enter(client)) {
            return false;
        }
        channel.closeFuture().addListener(closed -> connections.leave(client));
        return true;
    }

    /** Whether the connection's client is known from a PROXY protocol header. */
    static boolean isProxied(HttpConnection connection) {
        return of(connection).hasAttr(PROXIED);
    }

    /** From now on, the connection's other end counts as being there. Before anybody asked what is made of the channel. */
    static void belongTo(Channel channel, SocketAddress client) {
        channel.attr(ConnectionBase.REMOTE_ADDRESS_OVERRIDE).set(client);
    }

    static Channel of(HttpConnection connection) {
        return ((HttpServerConnection) connection).channelHandlerContext().channel();
    }

    static Channel of(ServerWebSocket webSocket) {
        return ((WebSocketInternal) webSocket).channelHandlerContext().channel();
    }

    /**
     * Keeps the shutdown of the server from a WebSocket, which Vert.x would close at once; so its owner can, with a reason.
     * A shutdown handler does not do: with one, Vert.x takes the first close by the owner for a shutdown, too, and does
     * nothing.
     */
    static void leaveToOwner(ServerWebSocket webSocket) {
        of(webSocket).pipeline().addBefore("handler", "edgeShutdown", new ChannelInboundHandlerAdapter() {
            @Override
            public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                if (!(event instanceof ShutdownEvent)) {
                    ctx.fireUserEventTriggered(event);
                }
            }
        });
    }
}
