package io.loggregator.node.grpc;

import io.grpc.ManagedChannel;
import io.grpc.netty.NegotiationType;
import io.grpc.netty.NettyChannelBuilder;
import io.loggregator.node.settings.HostPort;
import io.loggregator.node.tls.LiveTls;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslContext;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/**
 * Another process that is spoken to in gRPC, from the event loops of this one.
 *
 * @param address where it listens
 * @param tls client side TLS that checks the server's name itself, or null for plain text
 * @param serverName the name that its certificate bears
 * @param largestMessage bytes of a message that it may send
 */
public record GrpcPeer(HostPort address, SslContext tls, String serverName, int largestMessage) {
    private static final String AGENT_NAME = "metron";
    private static final int LARGEST_ANSWER_OF_AGENT = 64 * 1024;
    private static final int PING_SECONDS = 15;
    private static final int PING_TIMEOUT_SECONDS = 20;

    /**
     * An agent of the platform.
     *
     * @param tls what this process is to it; empty: plain text
     */
    public static GrpcPeer agent(HostPort address, Optional<LiveTls> tls) {
        try {
            SslContext context = tls.isEmpty() ? null : tls.get().context(now -> now.clientContext(AGENT_NAME, "h2"));
            return new GrpcPeer(address, context, AGENT_NAME, LARGEST_ANSWER_OF_AGENT);
        } catch (SSLException e) {
            throw new IllegalStateException("material that was good for other ports", e);
        }
    }

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
