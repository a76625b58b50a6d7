package io.loggregator.node.tls;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Names of which a client's certificate must bear one: as its common name or as a DNS name, in upper or lower case. */
public final class ClientNames {
    private static final int DNS = 2;

    private final Set<String> names;

    public ClientNames(List<String> names) {
        this.names = names.stream().map(ClientNames::lower).collect(Collectors.toUnmodifiableSet());
    }

    boolean isEmpty() {
        return names.isEmpty();
    }

    /**
     * Whether it does.
     *
     * @throws CertificateParsingException its alternative names are malformed
     */
    public boolean bearsOne(X509Certificate certificate) throws CertificateParsingException {
        String commonName = ServerName.commonName(certificate);
        if (commonName != null && names.contains(lower(commonName))) {
            return true;
        }
        Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
        return alternatives != null
                && alternatives.stream()
                        .anyMatch(name -> (Integer) name.get(0) == DNS && names.contains(lower((String) name.get(1))));
    }

    @Override
    public String toString() {
        return String.join(", ", names);
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}
