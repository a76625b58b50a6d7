package io.loggregator.node.tls;

import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.X509TrustManager;

/**
 * For a server: trusts a client whose certificate the authorities signed and, where names are expected, that has one of
 * them as its common name or among its DNS names. Names are compared whole; a wildcard stands for nothing here.
 */
final class ClientTrust extends PeerTrust {
    private final ClientNames names;

    /** @param names whom to let in; none: whoever the authorities signed */
    ClientTrust(X509TrustManager authorities, List<String> names) {
        super(authorities);
        this.names = new ClientNames(names);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        try {
            authorities.checkClientTrusted(chain, authType);
        } catch (CertificateException e) {
            throw explained(chain[0], e);
        }
        if (!names.isEmpty() && !bearsExpectedName(chain[0])) {
            throw new RefusedCertificate(HandshakeRefusal.NAME, chain[0], "has none of the names " + names, null);
        }
    }

    private static RefusedCertificate explained(X509Certificate own, CertificateException cause) {
        RefusedCertificate untimely = untimely(own);
        return untimely == null
                ? new RefusedCertificate(HandshakeRefusal.AUTHORITY, own, "comes from no authority we trust", cause)
                : untimely;
    }

    /** Why a certificate does not count now; null when it does, as far as time goes. */
    static RefusedCertificate untimely(X509Certificate own) {
        try {
            own.checkValidity();
            return null;
        } catch (CertificateExpiredException e) {
            return new RefusedCertificate(
                    HandshakeRefusal.EXPIRED,
                    own,
                    "expired at " + own.getNotAfter().toInstant(),
                    e);
        } catch (CertificateNotYetValidException e) {
            return new RefusedCertificate(
                    HandshakeRefusal.NOT_YET_VALID,
                    own,
                    "is not valid before " + own.getNotBefore().toInstant(),
                    e);
        }
    }

    private boolean bearsExpectedName(X509Certificate certificate) throws CertificateException {
        try {
            return names.bearsOne(certificate);
        } catch (CertificateParsingException e) {
            throw new RefusedCertificate(
                    HandshakeRefusal.NAME, certificate, "has malformed subject alternative names", e);
        }
    }
}
