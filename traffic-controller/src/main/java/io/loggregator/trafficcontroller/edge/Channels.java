package io.loggregator.trafficcontroller.edge;

import io.netty.channel.Channel;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.core.internal.http.WebSocketInternal;

/** The Netty channels beneath. The only place here that knows Vert.x from inside; pinned to its version. */
final class Channels {
    private Channels() {}

    static Channel of(HttpConnection connection) {
        return ((HttpServerConnection) connection).channelHandlerContext().channel();
    }

    static Channel of(ServerWebSocket webSocket) {
        return ((WebSocketInternal) webSocket).channelHandlerContext().channel();
    }
}
