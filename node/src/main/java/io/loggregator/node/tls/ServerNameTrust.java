package io.loggregator.node.tls;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.X509TrustManager;

/** For a client: trusts a server whose certificate the authorities signed and that bears the expected name. */
final class ServerNameTrust extends PeerTrust {
    private final ServerName name;

    ServerNameTrust(X509TrustManager authorities, ServerName name) {
        super(authorities);
        this.name = name;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        authorities.checkServerTrusted(chain, authType);
        name.check(chain[0]);
    }
}
