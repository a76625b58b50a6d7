package io.loggregator.node.grpc;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * Vert.x's event loops, for gRPC and others to run on, so that a batch does not change threads on its way. The only
 * place that uses Vert.x's internal interface for it; there is no public one.
 */
public final class Loops {
    private final VertxInternal vertx;
    private final EventLoopGroup workers;

    /** All of them. */
    public Loops(Vertx vertx) {
        this.vertx = (VertxInternal) vertx;
        this.workers = this.vertx.nettyEventLoopGroup();
    }

    /** Only some of them serve connections, in turn. */
    public Loops(Vertx vertx, List<EventLoop> some) {
        this.vertx = (VertxInternal) vertx;
        this.workers = new SomeLoops(this.vertx.nettyEventLoopGroup(), some);
    }

    /** The loops that serve connections, one lane each. */
    public List<EventLoop> all() {
        List<EventLoop> loops = new ArrayList<>();
        for (EventExecutor loop : workers()) {
            loops.add((EventLoop) loop);
        }
        return loops;
    }

    /** The group of the loops that serve connections. */
    public EventLoopGroup workers() {
        return workers;
    }

    /** The group that accepts connections. */
    public EventLoopGroup acceptors() {
        return vertx.acceptorEventLoopGroup();
    }

    /** The loop that a context belongs to. */
    public static EventLoop of(Context context) {
        return ((ContextInternal) context).nettyEventLoop();
    }

    /** Runs tasks on a context: at once, if called on its loop. */
    public static Executor on(Context context) {
        ContextInternal inside = (ContextInternal) context;
        return task -> inside.emit(now -> task.run());
    }

    /** Makes client channels that fit the loops. */
    @SuppressWarnings("unchecked")
    public ChannelFactory<Channel> clientChannels() {
        return (ChannelFactory<Channel>) vertx.transport().channelFactory(false);
    }

    /** Makes server channels that fit the loops (native epoll where Vert.x uses it). */
    @SuppressWarnings("unchecked")
    public ChannelFactory<ServerChannel> serverChannels() {
        return (ChannelFactory<ServerChannel>) vertx.transport().serverChannelFactory(false);
    }

    /** Makes datagram channels that fit the loops. */
    @SuppressWarnings("unchecked")
    public ChannelFactory<DatagramChannel> datagramChannels() {
        return (ChannelFactory<DatagramChannel>) vertx.transport().datagramChannelFactory();
    }
}
