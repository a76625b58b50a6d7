package io.loggregator.doppler.egress;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.loggregator.node.tls.ClientNames;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** Who may read, of those who may connect: agents share the port with readers, and are not to see what others send. */
public final class Readers {
    private final String setting;
    private final List<String> names;
    private final ClientNames certified;

    /**
     * @param setting that the names come from
     * @param names common or DNS names, of which a reader's certificate must bear one; none: everybody
     */
    public Readers(String setting, List<String> names) {
        this.setting = setting;
        this.names = names;
        this.certified = new ClientNames(names);
    }

    /** Why the client of a connection may not read, for its eyes; null if it may. */
    String refusal(Attributes connection) {
        if (names.isEmpty()) {
            return null;
        }
        SSLSession session = connection.get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
        try {
            if (session != null
                    && session.getPeerCertificates()[0] instanceof X509Certificate own
                    && certified.bearsOne(own)) {
                return null;
            }
        } catch (SSLPeerUnverifiedException | CertificateException e) {
            // As one without a name.
        }
        return "only certificates that bear " + String.join(" or ", names) + " may read here (" + setting + ")";
    }
}
