package io.loggregator.node.accept;

import io.loggregator.node.RateLimitedLog;
import io.loggregator.node.metrics.Metrics;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ServerChannel;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.transport.Transport;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of a listener that cannot take a connection, most often because the process may open no more files: it waits
 * for a second, in which connections wait in the kernel, and tries again. Files are the whole process's, and so is the count.
 */
public final class FailedAccepts {
    private static final Logger LOG = LoggerFactory.getLogger(FailedAccepts.class);
    private static final Duration LOG_PERIOD = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final AtomicLong COUNT = new AtomicLong();
    private static final ChannelHandler WAITING = new Waiting(COUNT, new RateLimitedLog(LOG, LOG_PERIOD));

    private FailedAccepts() {}

    /** A Vert.x whose listeners behave so, on native sockets where there are any. */
    public static Vertx vertx(VertxOptions options) {
        Transport natively = Transport.nativeTransport();
        return Vertx.builder()
                .with(options)
                .withTransport(watched(natively != null && natively.available() ? natively : Transport.NIO))
                .build();
    }

    private static Transport watched(Transport real) {
        io.vertx.core.spi.transport.Transport watching = new DelegatingTransport(real.implementation()) {
            @Override
            public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
                ChannelFactory<? extends ServerChannel> listeners = super.serverChannelFactory(domainSocket);
                return () -> {
                    ServerChannel listener = listeners.newChannel();
                    listener.pipeline().addLast(WAITING);
                    return listener;
                };
            }
        };
        return new Transport() {
            @Override
            public String name() {
                return real.name();
            }

            @Override
            public boolean available() {
                return real.available();
            }

            @Override
            public Throwable unavailabilityCause() {
                return real.unavailabilityCause();
            }

            @Override
            public io.vertx.core.spi.transport.Transport implementation() {
                return watching;
            }
        };
    }

    /** Declares the metric that counts them. */
    public static void showIn(Metrics metrics) {
        metrics.observedCounter(
                "failed_accepts",
                "Times that a listener of this process could not take a connection, most often because the process may open no"
                        + " more files (ulimit -n). It tries again every second; connections wait meanwhile.",
                COUNT::get);
    }

    /** Before Netty's own, which would wait as long and write a stack trace each time. */
    @Sharable
    static final class Waiting extends ChannelInboundHandlerAdapter {
        private final AtomicLong count;
        private final RateLimitedLog log;

        Waiting(AtomicLong count, RateLimitedLog log) {
            this.count = count;
            this.log = log;
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
            if (!(failure instanceof IOException)) {
                ctx.fireExceptionCaught(failure);
                return;
            }
            count.incrementAndGet();
            log.warn(
                    "cannot accept connections at {}: {}; tries again every second. If it has too many open files, raise"
                            + " their limit (ulimit -n, LimitNOFILE)",
                    ctx.channel().localAddress(),
                    failure.getMessage());
            ChannelConfig listener = ctx.channel().config();
            if (listener.isAutoRead()) {
                listener.setAutoRead(false);
                ctx.channel()
                        .eventLoop()
                        .schedule(() -> listener.setAutoRead(true), PAUSE.toMillis(), TimeUnit.MILLISECONDS);
            }
        }
    }
}
