package io.loggregator.node.tls;

import io.netty.util.NetUtil;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;

/**
 * The name that a server's certificate must bear. As RFC 6125: a DNS name (or an IP address) among the subject
 * alternative names, a wildcard standing for the whole leftmost label only. A certificate without any alternative
 * name is judged by its common name, because operators of the Go release have such certificates.
 */
final class ServerName {
    private static final int DNS = 2;
    private static final int IP = 7;

    private final String expected;

    ServerName(String expected) {
        if (expected == null || expected.isBlank()) {
            throw new IllegalArgumentException("a server must be expected to have a name");
        }
        this.expected = withoutDot(expected);
    }

    /** Passes when the certificate bears the name. */
    void check(X509Certificate certificate) throws CertificateException {
        Collection<List<?>> names;
        try {
            names = certificate.getSubjectAlternativeNames();
        } catch (CertificateParsingException e) {
            throw new CertificateException("malformed subject alternative names", e);
        }
        boolean borne = names == null
                ? matches(commonName(certificate))
                : names.stream().anyMatch(this::matchesAlternative);
        if (!borne) {
            throw new CertificateException("the server's certificate is not for " + expected);
        }
    }

    private boolean matchesAlternative(List<?> name) {
        int kind = (Integer) name.get(0);
        byte[] address = NetUtil.createByteArrayFromIpAddressString(expected);
        if (kind == IP && address != null) {
            return Arrays.equals(address, NetUtil.createByteArrayFromIpAddressString((String) name.get(1)));
        }
        return kind == DNS && address == null && matches((String) name.get(1));
    }

    private boolean matches(String pattern) {
        if (pattern == null) {
            return false;
        }
        String name = withoutDot(pattern);
        if (!name.startsWith("*.")) {
            return name.equals(expected);
        }
        int firstDot = expected.indexOf('.');
        // "*.com" is too wide for anyone to mean.
        return firstDot > 0
                && name.indexOf('.', 2) > 0
                && expected.substring(firstDot).equals(name.substring(1));
    }

    static String commonName(X509Certificate certificate) {
        RDN[] names = X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded())
                .getRDNs(BCStyle.CN);
        return names.length == 1 ? IETFUtils.valueToString(names[0].getFirst().getValue()) : null;
    }

    private static String withoutDot(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }
}
