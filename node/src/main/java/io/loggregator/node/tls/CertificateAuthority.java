package io.loggregator.node.tls;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate authority for test clusters: no revocation, no intermediate authorities, an RSA key of 2048 bits that
 * any peer can check. Certificates are valid from five minutes ago, so that clocks may differ a little.
 */
public final class CertificateAuthority {
    private static final Duration VALIDITY = Duration.ofDays(3650);
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);
    private static final SecureRandom RANDOM = new SecureRandom();

    private final X509Certificate certificate;
    private final PrivateKey key;

    private CertificateAuthority(X509Certificate certificate, PrivateKey key) {
        this.certificate = certificate;
        this.key = key;
    }

    /** A new authority with a certificate signed by itself, valid for ten years. */
    public static CertificateAuthority create(String commonName) {
        KeyPair pair = KeyKind.RSA_2048.newPair();
        X500Name name = name(commonName);
        Instant from = Instant.now().minus(CLOCK_SKEW);
        try {
            X509v3CertificateBuilder builder = builder(name, name, from, from.plus(VALIDITY), pair);
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            return new CertificateAuthority(sign(builder, pair.getPrivate()), pair.getPrivate());
        } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException("this Java cannot make certificates", e);
        }
    }

    /**
     * One that {@link #writeTo} wrote before.
     *
     * @throws InvalidTlsMaterial a file cannot be read, they do not belong together, or the certificate has expired
     */
    public static CertificateAuthority read(Path directory, String name) throws InvalidTlsMaterial {
        Path certificate = directory.resolve(name + ".crt");
        Path key = directory.resolve(name + ".key");
        X509Certificate own = TlsMaterial.load(certificate, key, null).chain().get(0);
        if (own.getBasicConstraints() < 0) {
            throw new InvalidTlsMaterial(certificate, "is no authority's", "the certificate of an authority");
        }
        return new CertificateAuthority(own, PemFile.key(key));
    }

    /**
     * Makes a key and a certificate for it that serves as a server's and as a client's.
     *
     * @param dnsNames the names a client may expect, such as {@code doppler}
     * @param ips addresses a client may expect; without names and addresses, the common name is what counts
     * @param validity from now
     */
    public IssuedCertificate issue(
            String commonName, List<String> dnsNames, List<String> ips, KeyKind kind, Duration validity) {
        Instant now = Instant.now();
        return issue(commonName, dnsNames, ips, kind, now.minus(CLOCK_SKEW), now.plus(validity));
    }

    /** As the other, valid for any time, such as one that is over. */
    public IssuedCertificate issue(
            String commonName, List<String> dnsNames, List<String> ips, KeyKind kind, Instant from, Instant to) {
        return issue(commonName, dnsNames, ips, kind.newPair(), from, to);
    }

    IssuedCertificate issue(
            String commonName, List<String> dnsNames, List<String> ips, KeyPair pair, Instant from, Instant to) {
        try {
            X500Name issuer =
                    X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
            X509v3CertificateBuilder builder = builder(issuer, name(commonName), from, to, pair);
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(
                    Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment));
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(new KeyPurposeId[] {
                KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
            }));
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(certificate));
            GeneralName[] names = Stream.concat(
                            dnsNames.stream().map(dns -> new GeneralName(GeneralName.dNSName, dns)),
                            ips.stream().map(ip -> new GeneralName(GeneralName.iPAddress, ip)))
                    .toArray(GeneralName[]::new);
            if (names.length > 0) {
                builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
            }
            return new IssuedCertificate(sign(builder, key), pair.getPrivate());
        } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException("this Java cannot make certificates", e);
        }
    }

    /** The authority's own certificate, which peers are to trust. */
    public X509Certificate certificate() {
        return certificate;
    }

    /** Writes the authority's own certificate and key, as {@link IssuedCertificate#writeTo} does. */
    public PemFiles writeTo(Path directory, String name) throws IOException {
        return PemFiles.write(directory, name, certificate, key);
    }

    private static X500Name name(String commonName) {
        return new X500NameBuilder().addRDN(BCStyle.CN, commonName).build();
    }

    private static X509v3CertificateBuilder builder(
            X500Name issuer, X500Name subject, Instant from, Instant to, KeyPair pair)
            throws CertIOException, GeneralSecurityException {
        return new JcaX509v3CertificateBuilder(
                        issuer,
                        new BigInteger(127, RANDOM).setBit(126),
                        Date.from(from.truncatedTo(ChronoUnit.SECONDS)),
                        Date.from(to.truncatedTo(ChronoUnit.SECONDS)),
                        subject,
                        pair.getPublic())
                .addExtension(
                        Extension.subjectKeyIdentifier,
                        false,
                        new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic()));
    }

    private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key)
            throws OperatorCreationException, GeneralSecurityException {
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withRSA").build(key)));
    }
}
