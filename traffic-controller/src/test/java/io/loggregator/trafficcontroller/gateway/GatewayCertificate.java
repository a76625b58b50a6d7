package io.loggregator.trafficcontroller.gateway;

import io.loggregator.node.tls.CertificateAuthority;
import io.loggregator.node.tls.KeyKind;
import io.loggregator.node.tls.PemFiles;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** The certificate of a gateway port on {@code localhost}, and clients that trust its authority. */
public final class GatewayCertificate {
    private final CertificateAuthority authority = CertificateAuthority.create("test CA");
    private final PemFiles files;

    public GatewayCertificate(Path directory) throws Exception {
        files = authority
                .issue("gateway", List.of("localhost"), List.of(), KeyKind.EC_P256, Duration.ofDays(1))
                .writeTo(directory, "gateway");
    }

    public PemFiles files() {
        return files;
    }

    public SSLContext trust() throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry("ca", authority.certificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    /** A client that asks for HTTP/2, and takes HTTP/1.1. */
    public HttpClient http2() throws Exception {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_2)
                .sslContext(trust())
                .build();
    }
}
