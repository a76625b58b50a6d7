package io.loggregator.node.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Function;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSessionContext;

/**
 * Hands each new connection to the context at hand, which may be replaced at any time. A whole context is replaced and
 * not its key and trust: it also holds the authorities' names that clients are sent and the sessions that may be
 * resumed. Connections keep the context they began with.
 */
final class LiveSslContext extends SslContext {
    private final Function<TlsMaterial, SslContextBuilder> how;
    private volatile SslContext current;

    LiveSslContext(Function<TlsMaterial, SslContextBuilder> how, TlsMaterial material) throws SSLException {
        this.how = how;
        this.current = build(material);
    }

    SslContext build(TlsMaterial material) throws SSLException {
        return how.apply(material).build();
    }

    void use(SslContext next) {
        current = next;
    }

    @Override
    public boolean isClient() {
        return current.isClient();
    }

    @Override
    public List<String> cipherSuites() {
        return current.cipherSuites();
    }

    @Override
    public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
        return current.applicationProtocolNegotiator();
    }

    @Override
    public SSLSessionContext sessionContext() {
        return current.sessionContext();
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator alloc) {
        return current.newEngine(alloc);
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator alloc, String peerHost, int peerPort) {
        return current.newEngine(alloc, peerHost, peerPort);
    }

    @Override
    public SslHandler newHandler(ByteBufAllocator alloc, Executor delegatedTasks) {
        return current.newHandler(alloc, delegatedTasks);
    }

    @Override
    public SslHandler newHandler(ByteBufAllocator alloc, String peerHost, int peerPort, Executor delegatedTasks) {
        return current.newHandler(alloc, peerHost, peerPort, delegatedTasks);
    }
}
