package io.loggregator.nozzle.testkit;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.CertificateBuilder.KeyUsage;
import io.netty.pkitesting.X509Bundle;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/**
 * A certificate for an endpoint, from an authority that all endpoints of this process share, because keys take time to make.
 * Nothing of it is ever written.
 */
final class Certificates {
    /** The authority, and a client's certificate; made when first needed. */
    private static final class Shared {
        static final X509Bundle AUTHORITY = built(() -> anyone().subject("CN=test kit authority")
                .setIsCertificateAuthority(true)
                .setKeyUsage(true, KeyUsage.keyCertSign, KeyUsage.cRLSign)
                .buildSelfSigned());
        static final X509Bundle CLIENT = built(() -> anyone().subject("CN=nozzle")
                .setKeyUsage(true, KeyUsage.digitalSignature)
                .addExtendedKeyUsageClientAuth()
                .buildIssuedBy(AUTHORITY));
    }

    private static final Map<List<String>, KeyManagerFactory> SERVERS = new ConcurrentHashMap<>();

    final X509Bundle authority = Shared.AUTHORITY;
    final X509Bundle client = Shared.CLIENT;
    /** What the endpoint shows. */
    final KeyManagerFactory server;

    /** @param names that the endpoint's certificate is for: IPv4 addresses and host names */
    Certificates(List<String> names) {
        server = SERVERS.computeIfAbsent(names, Certificates::server);
    }

    private static KeyManagerFactory server(List<String> names) {
        CertificateBuilder named = anyone().subject("CN=test kit")
                .setKeyUsage(true, KeyUsage.digitalSignature)
                .addExtendedKeyUsageServerAuth();
        for (String name : names) {
            if (name.matches("[0-9.]+")) {
                named.addSanIpAddress(name);
            } else {
                named.addSanDnsName(name);
            }
        }
        return built(() -> named.buildIssuedBy(Shared.AUTHORITY).toKeyManagerFactory());
    }

    private static CertificateBuilder anyone() {
        return new CertificateBuilder().ecp256();
    }

    private static <T> T built(Callable<T> builder) {
        try {
            return builder.call();
        } catch (Exception e) {
            throw new IllegalStateException("this Java cannot make certificates", e);
        }
    }

    /** What a client has that trusts the authority, and shows a certificate or does not. */
    SSLContext clientContext(boolean certificate) {
        try {
            KeyManager[] keys = certificate ? client.toKeyManagerFactory().getKeyManagers() : null;
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, new TrustManager[] {authority.toTrustManager()}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no TLS", e);
        }
    }
}
