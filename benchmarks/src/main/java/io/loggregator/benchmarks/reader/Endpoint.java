package io.loggregator.benchmarks.reader;

import io.loggregator.benchmarks.load.Transport;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Where clients connect, and how.
 *
 * @param host an address
 * @param tls which checks that the server is the one expected
 */
public record Endpoint(String host, int port, SslContext tls) {
    private static final String HERE = "127.0.0.1";

    /** On this machine. */
    public Endpoint(int port, SslContext tls) {
        this(HERE, port, tls);
    }

    /** Whether it is on this machine, where nobody vanishes without a word. */
    boolean isHere() {
        return host.equals(HERE);
    }

    /** As clients name it in a request. */
    String authority() {
        return host + ":" + port;
    }

    /**
     * Connects with TLS.
     *
     * @param handlers adds what takes the bytes
     * @param failed completed if nothing comes of it
     */
    void connect(EventLoop loop, Consumer<Channel> handlers, CompletableFuture<Void> failed) {
        Bootstrap client = new Bootstrap();
        if (!isHere()) {
            Transport.noticeSilence(client);
        }
        client.group(loop)
                .channel(Transport.client())
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(tls.newHandler(channel.alloc()));
                        handlers.accept(channel);
                    }
                })
                .connect(new InetSocketAddress(host, port))
                .addListener(done -> {
                    if (!done.isSuccess()) {
                        failed.completeExceptionally(done.cause());
                    }
                });
    }
}
