package io.loggregator.node.tls;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.net.SSLEngineOptions;
import java.util.List;
import java.util.function.Function;
import javax.net.ssl.SSLException;

/**
 * {@link TlsMaterial} that follows its files: what is configured from it uses, for each new connection, what the files
 * held when a {@link TlsWatch} last found them good. Connections that are open stay as they are. Safe for use by any
 * thread.
 */
public final class LiveTls {
    private final WatchedTls watched;
    private final List<String> clientNames;

    LiveTls(WatchedTls watched, List<String> clientNames) {
        this.watched = watched;
        this.clientNames = List.copyOf(clientNames);
    }

    /** As {@link TlsMaterial#accepting}. */
    public LiveTls accepting(List<String> names) {
        return new LiveTls(watched, names);
    }

    /** What was last read from the files. */
    public TlsMaterial current() {
        return named(watched.material());
    }

    /**
     * A context of any kind that follows the files, such as {@code context(now -> now.clientContext("uaa"))}.
     *
     * @param how also asked again, from any thread, when the files have changed
     */
    public SslContext context(Function<TlsMaterial, SslContextBuilder> how) throws SSLException {
        return watched.follow(material -> how.apply(named(material)));
    }

    /** As {@link TlsMaterial#applyTo(HttpServerOptions, boolean)}. */
    public HttpServerOptions applyTo(HttpServerOptions options, boolean clientCertificateRequired) {
        current().applyTo(options, clientCertificateRequired);
        options.setSslEngineOptions(
                engine((now, protocols) -> now.serverContext(clientCertificateRequired, protocols)));
        return options;
    }

    /** As {@link TlsMaterial#applyTo(WebSocketClientOptions, String)}. */
    public WebSocketClientOptions applyTo(WebSocketClientOptions options, String expectedServerName) {
        current().applyTo(options, expectedServerName);
        options.setSslEngineOptions(engine((now, protocols) -> now.clientContext(expectedServerName, protocols)));
        return options;
    }

    /** As {@link TlsMaterial#applyTo(HttpClientOptions, String)}. */
    public HttpClientOptions applyTo(HttpClientOptions options, String expectedServerName) {
        current().applyTo(options, expectedServerName);
        options.setSslEngineOptions(engine((now, protocols) -> now.clientContext(expectedServerName, protocols)));
        return options;
    }

    private interface Kind {
        SslContextBuilder of(TlsMaterial now, String... applicationProtocols);
    }

    private SSLEngineOptions engine(Kind kind) {
        return new LiveEngine(protocols -> context(now -> kind.of(now, protocols)));
    }

    private TlsMaterial named(TlsMaterial material) {
        return clientNames.isEmpty() ? material : material.accepting(clientNames);
    }
}
