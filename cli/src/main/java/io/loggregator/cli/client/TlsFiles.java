package io.loggregator.cli.client;

import io.grpc.netty.GrpcSslContexts;
import io.loggregator.node.tls.InvalidTlsMaterial;
import io.loggregator.node.tls.TlsMaterial;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.net.KeyCertOptions;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLException;

/**
 * PEM files for TLS.
 *
 * @param ca the certificates to trust; without it, those that Java trusts
 * @param cert the certificate chain to show to the server; comes with {@code key}
 * @param key its private key, not encrypted
 */
public record TlsFiles(Optional<Path> ca, Optional<Path> cert, Optional<Path> key) {
    /** No files: trusts what Java trusts and shows no certificate. */
    public static final TlsFiles NONE = new TlsFiles(Optional.empty(), Optional.empty(), Optional.empty());

    /** TLS for gRPC with a server of this name. */
    public SslContext forGrpc(String serverName) throws InvalidTlsMaterial, SSLException {
        if (ca.isPresent()) {
            return material().clientContext(serverName, "h2").build();
        }
        SslContextBuilder context = GrpcSslContexts.forClient();
        if (cert.isPresent()) {
            context.keyManager(material().keyManagerFactory());
        }
        return context.build();
    }

    void applyTo(WebSocketClientOptions options, String serverName) throws InvalidTlsMaterial {
        options.setSsl(true);
        if (ca.isPresent()) {
            material().applyTo(options, serverName);
        } else if (cert.isPresent()) {
            options.setKeyCertOptions(KeyCertOptions.wrap(material().keyManagerFactory()));
        }
    }

    void applyTo(HttpClientOptions options, String serverName) throws InvalidTlsMaterial {
        options.setSsl(true);
        if (ca.isPresent()) {
            material().applyTo(options, serverName);
        } else if (cert.isPresent()) {
            options.setKeyCertOptions(KeyCertOptions.wrap(material().keyManagerFactory()));
        }
    }

    private TlsMaterial material() throws InvalidTlsMaterial {
        return cert.isPresent()
                ? TlsMaterial.load(cert.get(), key.orElseThrow(), ca.orElse(null))
                : TlsMaterial.trusting(ca.orElseThrow());
    }
}
