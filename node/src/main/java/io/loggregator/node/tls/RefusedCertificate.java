package io.loggregator.node.tls;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;

/** A peer's certificate that is not good enough. The message names its subject and says what is wrong. */
final class RefusedCertificate extends CertificateException {
    private static final long serialVersionUID = 1L;
    private static final int LONGEST_SUBJECT = 200;

    private final HandshakeRefusal refusal;

    RefusedCertificate(HandshakeRefusal refusal, X509Certificate certificate, String fault, Throwable causeOrNull) {
        super("the certificate of " + subject(certificate) + " " + fault, causeOrNull);
        this.refusal = refusal;
    }

    HandshakeRefusal refusal() {
        return refusal;
    }

    /** The subject as the peer wrote it, but fit for one line of a log. */
    private static String subject(X509Certificate certificate) {
        String subject = certificate.getSubjectX500Principal().getName().replaceAll("\\p{Cntrl}", "?");
        return subject.isEmpty()
                ? "nobody"
                : subject.length() <= LONGEST_SUBJECT ? subject : subject.substring(0, LONGEST_SUBJECT) + "…";
    }
}
