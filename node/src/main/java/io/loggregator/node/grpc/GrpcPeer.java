package io.loggregator.node.grpc;

import io.grpc.ManagedChannel;
import io.grpc.netty.NegotiationType;
import io.grpc.netty.NettyChannelBuilder;
import io.loggregator.node.settings.HostPort;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslContext;
import java.util.concurrent.TimeUnit;

/**
 * Another process that is spoken to in gRPC, from the event loops of this one.
 *
 * @param address where it listens
 * @param tls client side TLS that checks the server's name itself, or null for plain text
 * @param serverName the name that its certificate bears
 * @param largestMessage bytes of a message that it may send
 */
public record GrpcPeer(HostPort address, SslContext tls, String serverName, int largestMessage) {
    private static final int PING_SECONDS = 15;
    private static final int PING_TIMEOUT_SECONDS = 20;

    /**
     * A channel, which connects when it is first used. Answers come on the event loop of the connection, which is one of
     * the group's.
     */
    public ManagedChannel channel(Loops loops, EventLoopGroup group) {
        return builder(loops, group).build();
    }

    /** As {@link #channel}, for one that wants more said. */
    public NettyChannelBuilder builder(Loops loops, EventLoopGroup group) {
        NettyChannelBuilder channel = NettyChannelBuilder.forAddress(address.host(), address.port())
                .eventLoopGroup(group)
                .channelFactory(loops.clientChannels())
                .directExecutor()
                .maxInboundMessageSize(largestMessage)
                .disableServiceConfigLookUp()
                .keepAliveTime(PING_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(PING_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .keepAliveWithoutCalls(true);
        return tls == null
                ? channel.negotiationType(NegotiationType.PLAINTEXT)
                : channel.sslContext(tls).overrideAuthority(serverName);
    }
}
