package io.loggregator.doppler.link;

import io.loggregator.doppler.lane.DopplerLane;
import io.loggregator.node.RateLimitedLog;
import io.loggregator.node.tls.RefusedHandshakes;
import io.netty.handler.codec.CorruptedFrameException;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.ServerWebSocketHandshake;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.slf4j.LoggerFactory;

/** Serves the link port; one instance per event loop. */
public final class LinkVerticle extends VerticleBase {
    /** The protocol's name and version, as WebSocket subprotocol. */
    public static final String SUBPROTOCOL = "loggregator.link.v1";
    /** Where on the link port it is served. */
    public static final String PATH = "/link";
    /** The largest message a Traffic Controller may send. */
    public static final int LARGEST_MESSAGE = 1024 * 1024;

    private static final String PORT = "link";

    /** Names the free port that all instances share. */
    private static final int FREE_PORT = 1;

    private static final Duration LOG_PERIOD = Duration.ofSeconds(10);

    private final Options options;
    private final List<DopplerLane> lanes;
    private final Set<LinkConnection> connections = new HashSet<>();
    private final IntConsumer onBound;
    private final RateLimitedLog log = new RateLimitedLog(LoggerFactory.getLogger(LinkVerticle.class), LOG_PERIOD);
    private HttpServer server;

    /**
     * What the port needs.
     *
     * @param server address, port and TLS
     * @param epoch names this run of the Doppler
     * @param connections of all instances
     * @param buffer bytes that may wait to be written to one link
     * @param full told each time that nothing more may wait for a link; from any thread
     * @param refused told of each connection refused or cut, with a word for why
     * @param handshakes told of each TLS handshake that came to nothing
     */
    public record Options(
            HttpServerOptions server,
            String epoch,
            LinkConnections connections,
            long buffer,
            Duration pingInterval,
            Runnable full,
            Consumer<String> refused,
            RefusedHandshakes handshakes) {}

    /** @param onBound told the port, which all instances share */
    public LinkVerticle(Options options, List<DopplerLane> lanes, IntConsumer onBound) {
        this.options = options;
        this.lanes = lanes;
        this.onBound = onBound;
    }

    @Override
    public Future<?> start() {
        HttpServerOptions http = new HttpServerOptions(options.server())
                // Else a connection would be none until it has said which HTTP it speaks.
                .setHttp2ClearTextEnabled(false)
                .setMaxWebSocketMessageSize(LARGEST_MESSAGE)
                .setMaxWebSocketFrameSize(LARGEST_MESSAGE)
                .setWebSocketSubProtocols(List.of(SUBPROTOCOL));
        server = vertx.createHttpServer(http)
                .connectionHandler(this::accepted)
                .webSocketHandshakeHandler(this::handshake)
                .webSocketHandler(this::connected)
                .requestHandler(request -> request.response()
                        .setStatusCode(404)
                        .end("the link port serves WebSockets at " + PATH + " only\n"))
                .exceptionHandler(this::failed)
                .invalidRequestHandler(request -> {
                    options.refused().accept("garbage");
                    log.warn("what came from {} on the link port is not HTTP", request.remoteAddress());
                    request.connection().close();
                });
        return server.listen(address()).onSuccess(bound -> onBound.accept(bound.actualPort()));
    }

    private void accepted(HttpConnection connection) {
        if (connection.isSsl()
                && options.handshakes().hasExpired(PORT, connection.remoteAddress(), connection.sslSession())) {
            options.refused().accept("handshake");
            connection.close();
        } else if (options.connections().enter()) {
            // Not by the connection's own handler: it is over for HTTP when it becomes a WebSocket.
            ((HttpServerConnection) connection)
                    .channelHandlerContext()
                    .channel()
                    .closeFuture()
                    .addListener(closed -> options.connections().leave());
        } else {
            options.refused().accept("too_many");
            log.warn(
                    "refused a connection of {} to the link port, which has {} (DOPPLER_LINK_CONNECTIONS)",
                    connection.remoteAddress(),
                    options.connections());
            connection.close();
        }
    }

    /** Told of what went wrong before there was a WebSocket. */
    private void failed(Throwable error) {
        if (options.server().isSsl() && !(error instanceof CorruptedFrameException)) {
            options.refused().accept("handshake");
            options.handshakes().refused(PORT, "a client", error);
        } else {
            options.refused().accept("garbage");
            log.warn("a connection to the link port failed: {}", error.getMessage());
        }
    }

    private SocketAddress address() {
        String host = options.server().getHost();
        int port = options.server().getPort();
        return port == 0
                ? SocketAddress.sharedRandomPort(FREE_PORT, host)
                : SocketAddress.inetSocketAddress(port, host);
    }

    private void handshake(ServerWebSocketHandshake handshake) {
        String offered = handshake.headers().get("Sec-WebSocket-Protocol");
        if (!handshake.path().equals(PATH)) {
            options.refused().accept("path");
            handshake.reject(404);
        } else if (offered == null || !List.of(offered.split(", *")).contains(SUBPROTOCOL)) {
            options.refused().accept("subprotocol");
            handshake.reject(400);
        } else {
            handshake.accept();
        }
    }

    private void connected(ServerWebSocket webSocket) {
        LinkConnection connection = new LinkConnection(vertx, webSocket, lanes, options);
        connections.add(connection);
        connection.serve(options.pingInterval(), () -> connections.remove(connection));
    }

    @Override
    public Future<?> stop() {
        List.copyOf(connections).forEach(LinkConnection::goodbye);
        // No new ones; those that are open are closing, with what is before the goodbye still to be written.
        return server.shutdown(LinkConnection.CLOSE_MILLIS, TimeUnit.MILLISECONDS);
    }
}
