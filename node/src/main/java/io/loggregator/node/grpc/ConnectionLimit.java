package io.loggregator.node.grpc;

import io.loggregator.node.RateLimitedLog;
import io.loggregator.node.accept.PerClient;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes connections to a port above the number that may be open, before anything is read from them. Part of the listener's
 * pipeline.
 */
final class ConnectionLimit extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionLimit.class);

    private final String port;
    private final int most;
    private final PerClient perClient;
    private final Refusals refusals;
    private final RateLimitedLog log = new RateLimitedLog(LOG, GrpcPort.LOG_PERIOD);
    private final AtomicInteger open = new AtomicInteger();

    /** @param port what log lines call it */
    ConnectionLimit(String port, GrpcLimits.Connections limits, Refusals refusals) {
        this.port = port;
        this.most = limits.most();
        this.perClient = new PerClient(limits.ofClient());
        this.refusals = refusals;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object accepted) {
        Channel connection = (Channel) accepted;
        // What the kernel accepted may have been reset before anybody asks where it came from.
        String client = connection.remoteAddress() instanceof InetSocketAddress address
                ? address.getAddress().getHostAddress()
                : "";
        if (open.incrementAndGet() > most) {
            open.decrementAndGet();
            refuse(connection, client, "too_many");
        } else if (!perClient.enter(client)) {
            open.decrementAndGet();
            refuse(connection, client, "too_many_of_client");
        } else {
            connection.closeFuture().addListener(closed -> {
                open.decrementAndGet();
                perClient.leave(client);
            });
            ctx.fireChannelRead(accepted);
        }
    }

    private void refuse(Channel connection, String client, String reason) {
        connection.unsafe().closeForcibly();
        refusals.connection(reason);
        log.warn("a connection to the {} port from {} is closed: {}, {} are open", port, client, reason, open);
    }
}
