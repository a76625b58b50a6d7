package io.loggregator.benchmarks.load;

import io.loggregator.node.tls.InvalidTlsMaterial;
import io.loggregator.node.tls.PemFiles;
import io.loggregator.node.tls.TlsMaterial;
import io.netty.handler.ssl.SslContext;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SSLException;

/**
 * What a process of the benchmark shows and whom it trusts; as arguments of a command line it is passed on.
 *
 * @param certificate its certificate chain (PEM)
 * @param key its private key (PEM)
 * @param ca whom it trusts (PEM)
 */
public record Keys(Path certificate, Path key, Path ca) {
    static final int ARGUMENTS = 3;

    /** Of a pair of files. */
    public Keys(PemFiles own, Path ca) {
        this(own.certificate(), own.key(), ca);
    }

    static Keys parse(String... arguments) {
        return new Keys(Path.of(arguments[0]), Path.of(arguments[1]), Path.of(arguments[2]));
    }

    /** As {@link #parse} takes them. */
    public List<String> arguments() {
        return List.of(certificate.toString(), key.toString(), ca.toString());
    }

    /** For a gRPC client that expects this name of its server. */
    public SslContext grpcClient(String serverName) throws InvalidTlsMaterial, SSLException {
        return TlsMaterial.load(certificate, key, ca)
                .clientContext(serverName, "h2")
                .build();
    }

    /** For a server that anybody may connect to, without HTTP/2. */
    SslContext server() throws InvalidTlsMaterial, SSLException {
        return TlsMaterial.load(certificate, key, ca).serverContext(false).build();
    }

    /** For a gRPC server that wants its clients' certificates. */
    SslContext grpcServer() throws InvalidTlsMaterial, SSLException {
        return TlsMaterial.load(certificate, key, ca).serverContext(true, "h2").build();
    }
}
