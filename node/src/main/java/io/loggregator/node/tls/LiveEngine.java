package io.loggregator.node.tls;

import io.netty.handler.ssl.SslContext;
import io.vertx.core.net.SSLEngineOptions;
import io.vertx.core.spi.tls.SslContextFactory;
import java.util.List;
import javax.net.ssl.SSLException;

/** Makes Vert.x take our contexts, with the application protocols that it wants to offer. Immutable. */
final class LiveEngine extends SSLEngineOptions {
    private final ContextSource source;

    /** Makes a context that follows its files. */
    interface ContextSource {
        SslContext offering(String... applicationProtocols) throws SSLException;
    }

    LiveEngine(ContextSource source) {
        this.source = source;
    }

    @Override
    public LiveEngine copy() {
        return this;
    }

    @Override
    public SslContextFactory sslContextFactory() {
        return new SslContextFactory() {
            private boolean alpn;
            private List<String> protocols = List.of();

            @Override
            public SslContextFactory useAlpn(boolean use) {
                alpn = use;
                return this;
            }

            @Override
            public SslContextFactory applicationProtocols(List<String> offered) {
                protocols = offered == null ? List.of() : List.copyOf(offered);
                return this;
            }

            @Override
            public SslContext create() throws SSLException {
                return source.offering(alpn ? protocols.toArray(String[]::new) : new String[0]);
            }
        };
    }
}
