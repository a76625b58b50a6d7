package io.loggregator.endtoend;

import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.loggregator.node.tls.CertificateAuthority;
import io.loggregator.node.tls.InvalidTlsMaterial;
import io.loggregator.node.tls.KeyKind;
import io.loggregator.node.tls.PemFiles;
import io.loggregator.node.tls.TlsMaterial;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** One authority, and what it signed for every role. */
final class Certificates {
    /** What the authority is called. */
    static final String NAME = "end-to-end tests";

    private final CertificateAuthority authority;
    private final Path authorityFile;
    private final PemFiles doppler;
    private final PemFiles trafficController;
    private final PemFiles agent;
    private final PemFiles edge;

    Certificates(Path directory) throws IOException {
        authority = CertificateAuthority.create(NAME);
        authorityFile = authority.writeTo(directory, "ca").certificate();
        doppler = issue(directory, "doppler");
        trafficController = issue(directory, "trafficcontroller", "reverselogproxy");
        agent = issue(directory, "metron");
        edge = issue(directory, "edge");
    }

    private PemFiles issue(Path directory, String name, String... more) throws IOException {
        List<String> names = new ArrayList<>(List.of(name, "localhost"));
        names.addAll(List.of(more));
        return authority
                .issue(name, names, List.of("127.0.0.1"), KeyKind.EC_P256, Duration.ofDays(1))
                .writeTo(directory, name);
    }

    CertificateAuthority authority() {
        return authority;
    }

    /** Settings of a Doppler. */
    Map<String, String> ofDoppler() {
        return router(doppler);
    }

    /** Settings of a Traffic Controller, for its links and for its clients. */
    Map<String, String> ofTrafficController() {
        Map<String, String> settings = new HashMap<>(router(trafficController));
        settings.put("TRAFFIC_CONTROLLER_OUTGOING_CERT_FILE", edge.certificate().toString());
        settings.put("TRAFFIC_CONTROLLER_OUTGOING_KEY_FILE", edge.key().toString());
        return settings;
    }

    /** Settings of a process with the endpoints of v2, by the names of a Reverse Log Proxy. */
    Map<String, String> ofRlp() {
        return Map.of(
                "RLP_CERT_FILE", trafficController.certificate().toString(),
                "RLP_KEY_FILE", trafficController.key().toString(),
                "RLP_CA_FILE", authorityFile.toString());
    }

    /** Settings of the port that its gateway has. */
    Map<String, String> ofGateway() {
        return Map.of(
                "HTTP_CERT_PATH", edge.certificate().toString(),
                "HTTP_KEY_PATH", edge.key().toString());
    }

    private Map<String, String> router(PemFiles own) {
        return Map.of(
                "ROUTER_CERT_FILE", own.certificate().toString(),
                "ROUTER_KEY_FILE", own.key().toString(),
                "ROUTER_CA_FILE", authorityFile.toString());
    }

    /** The authority's certificate. */
    Path authorityFile() {
        return authorityFile;
    }

    /** What an agent dials a Doppler with. */
    SslContext ofAgent() throws IOException {
        return GrpcSslContexts.forClient()
                .trustManager(authorityFile.toFile())
                .keyManager(agent.certificate().toFile(), agent.key().toFile())
                .build();
    }

    /** What an agent serves its platform's components with. */
    SslContext ofServingAgent() throws IOException {
        return GrpcSslContexts.forServer(
                        agent.certificate().toFile(), agent.key().toFile())
                .trustManager(authorityFile.toFile())
                .clientAuth(ClientAuth.REQUIRE)
                .build();
    }

    /** A connection of an agent's, or of a reader with the same certificate, to a gRPC port on loopback. */
    ManagedChannel channel(int port, String serverName) throws IOException {
        return NettyChannelBuilder.forAddress("127.0.0.1", port)
                .sslContext(ofAgent())
                .overrideAuthority(serverName)
                .build();
    }

    /** What an agent dials a port for frames with. */
    SSLContext ofFramingAgent() throws IOException {
        try {
            TlsMaterial material = TlsMaterial.load(agent.certificate(), agent.key(), authorityFile);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    material.keyManagerFactory().getKeyManagers(),
                    new TrustManager[] {material.serverTrust("doppler")},
                    null);
            return context;
        } catch (GeneralSecurityException | InvalidTlsMaterial e) {
            throw new IOException(e);
        }
    }

    /** What a client dials a Traffic Controller with. */
    SSLContext ofClient() throws IOException {
        try {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            trusted.setCertificateEntry("ca", authority.certificate());
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }
}
