package io.loggregator.node.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.jcajce.JcaMiscPEMGenerator;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcePEMEncryptorBuilder;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TlsMaterialTest {
    private static final Map<String, KeyPair> PAIRS = new HashMap<>();
    private static CertificateAuthority authority;

    @TempDir
    Path dir;

    @BeforeAll
    static void createAuthority() {
        authority = CertificateAuthority.create("test CA");
    }

    @ParameterizedTest
    @CsvSource({
        "RSA, 2048, PRIVATE KEY",
        "RSA, 2048, RSA PRIVATE KEY",
        "RSA, 1024, PRIVATE KEY",
        "RSA, 1024, RSA PRIVATE KEY",
        "EC, 256, PRIVATE KEY",
        "EC, 256, EC PRIVATE KEY",
        "EC, 384, PRIVATE KEY",
        "EC, 384, EC PRIVATE KEY"
    })
    void keysOfTheseKindsInTheseEncodingsAreRead(String algorithm, int bits, String encoding) throws Exception {
        KeyPair pair = pair(algorithm, bits);
        IssuedCertificate issued = issue(pair);
        PemFiles files = issued.writeTo(dir, "node");
        if (!encoding.equals("PRIVATE KEY")) {
            Files.writeString(files.key(), traditional(pair));
        }
        assertThat(Files.readString(files.key())).startsWith("-----BEGIN " + encoding + "-----");

        TlsMaterial material = TlsMaterial.load(files.certificate(), files.key(), null);
        assertThat(material.chain()).containsExactly(issued.certificate());
        assertThat(material.notAfter())
                .contains(issued.certificate().getNotAfter().toInstant());
        assertThat(material.serverContext(false).build().isServer()).isTrue();
    }

    @Test
    void anEcKeyMayComeAfterItsParametersAsOpensslWritesIt() throws Exception {
        KeyPair pair = pair("EC", 256);
        PemFiles files = issue(pair).writeTo(dir, "node");
        String parameters = PemFiles.pem("EC PARAMETERS", SECObjectIdentifiers.secp256r1.getEncoded());
        Files.writeString(files.key(), parameters + traditional(pair));
        assertThat(TlsMaterial.load(files.certificate(), files.key(), null).chain())
                .hasSize(1);
    }

    @Test
    void chainsAndBundlesOfAuthoritiesAreReadWhole() throws Exception {
        PemFiles node = issue(pair("EC", 256)).writeTo(dir, "node");
        Path own = authority.writeTo(dir, "ca").certificate();
        Path other =
                CertificateAuthority.create("other CA").writeTo(dir, "other").certificate();
        Path bundle = Files.writeString(
                dir.resolve("bundle.pem"),
                "our authorities\n" + Files.readString(other) + "\n" + Files.readString(own));
        Path chain = Files.writeString(
                dir.resolve("chain.pem"), Files.readString(node.certificate()) + Files.readString(own));

        TlsMaterial material = TlsMaterial.load(chain, node.key(), bundle);
        assertThat(material.chain()).hasSize(2);
        assertThat(material.clientTrust().getAcceptedIssuers()).hasSize(2);
    }

    @Test
    void aKeyOfAnotherCertificateIsRefused() throws Exception {
        PemFiles one = issue(pair("RSA", 2048)).writeTo(dir, "one");
        PemFiles two = issue(pair("RSA", 1024)).writeTo(dir, "two");
        PemFiles elliptic = issue(pair("EC", 256)).writeTo(dir, "elliptic");
        for (Path key : List.of(two.key(), elliptic.key())) {
            InvalidTlsMaterial e = refused(one.certificate(), key);
            assertThat(e.file()).isEqualTo(key);
            assertThat(e)
                    .hasMessage(key + ": does not belong to the first certificate in " + one.certificate()
                            + " (expected: the private key of that certificate)");
        }
    }

    @Test
    void aCertificateIsRefusedBeforeAndAfterItsTime() throws Exception {
        PemFiles files = issue(pair("EC", 256)).writeTo(dir, "node");
        Instant now = Instant.now();
        for (Duration away : List.of(Duration.ofDays(-2), Duration.ofDays(400))) {
            Clock clock = Clock.fixed(now.plus(away), ZoneOffset.UTC);
            assertThatThrownBy(() -> TlsMaterial.load(files.certificate(), files.key(), null, clock))
                    .isInstanceOf(InvalidTlsMaterial.class)
                    .hasMessageStartingWith(
                            files.certificate() + (away.isNegative() ? ": not valid before " : ": expired at "))
                    .hasMessageContaining("a certificate in PEM that is valid now");
        }
    }

    @Test
    void filesThatHoldSomethingElseAreNamedWithWhatIsExpected() throws Exception {
        PemFiles good = issue(pair("RSA", 2048)).writeTo(dir, "node");
        Path missing = dir.resolve("missing.pem");
        Path empty = Files.writeString(dir.resolve("empty.pem"), "");
        Path garbage = Files.write(dir.resolve("garbage.pem"), new byte[] {0, 1, 2, (byte) 0xff});
        Path broken = Files.writeString(
                dir.resolve("broken.pem"),
                Files.readString(good.key()).substring(0, 400) + "\n-----END PRIVATE KEY-----\n");
        Path brokenCertificate = Files.writeString(
                dir.resolve("broken.crt"),
                Files.readString(good.certificate()).substring(0, 300) + "\n-----END CERTIFICATE-----\n");
        Path large = Files.writeString(dir.resolve("large.pem"), "x".repeat((1 << 20) + 1));

        assertThat(refused(missing, good.key())).hasMessageStartingWith(missing + ": cannot be read");
        assertThat(refused(good.certificate(), missing)).hasMessageStartingWith(missing + ": cannot be read");
        assertThat(refused(empty, good.key())).hasMessageStartingWith(empty + ": holds no certificate");
        assertThat(refused(garbage, good.key())).hasMessageStartingWith(garbage + ": holds no certificate");
        assertThat(refused(good.key(), good.key())).hasMessageStartingWith(good.key() + ": holds no certificate");
        assertThat(refused(brokenCertificate, good.key()))
                .hasMessageStartingWith(brokenCertificate + ": malformed PEM");
        assertThat(refused(good.certificate(), good.certificate()))
                .hasMessageStartingWith(good.certificate() + ": holds no private key")
                .hasMessageContaining("RSA of at least 1024 bits");
        assertThat(refused(good.certificate(), broken)).hasMessageStartingWith(broken.toString());
        assertThat(refused(good.certificate(), large)).hasMessageStartingWith(large + ": larger than 1 MiB");
        assertThatThrownBy(() -> TlsMaterial.load(good.certificate(), good.key(), empty))
                .isInstanceOf(InvalidTlsMaterial.class)
                .hasMessage(empty + ": holds no certificate (expected: one or more CA certificates in PEM)");
    }

    @Test
    void keysThatCannotBeUsedAreRefused() throws Exception {
        PemFiles small = issue(pair("RSA", 512)).writeTo(dir, "small");
        assertThat(refused(small.certificate(), small.key()))
                .hasMessageStartingWith(small.key() + ": an RSA key of 512 bits");

        PemFiles edwards =
                issue(KeyPairGenerator.getInstance("Ed25519").generateKeyPair()).writeTo(dir, "edwards");
        assertThat(refused(edwards.certificate(), edwards.key()))
                .hasMessageStartingWith(edwards.key() + ": a key of another kind");

        KeyPair pair = pair("RSA", 2048);
        PemFiles encrypted = issue(pair).writeTo(dir, "encrypted");
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(new JcaMiscPEMGenerator(
                    pair.getPrivate(),
                    new JcePEMEncryptorBuilder("AES-128-CBC")
                            .setProvider(new BouncyCastleProvider())
                            .build("secret".toCharArray())));
        }
        Files.writeString(encrypted.key(), text.toString());
        assertThat(refused(encrypted.certificate(), encrypted.key()))
                .hasMessageStartingWith(encrypted.key() + ": the key is encrypted");
    }

    @Test
    void whatWasNotGivenCannotBeUsed() throws Exception {
        PemFiles files = issue(pair("EC", 256)).writeTo(dir, "node");
        TlsMaterial withoutCa = TlsMaterial.load(files.certificate(), files.key(), null);
        assertThatThrownBy(() -> withoutCa.serverContext(true)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> withoutCa.clientContext("doppler")).isInstanceOf(IllegalStateException.class);
        TlsMaterial onlyCa = TlsMaterial.trusting(authority.writeTo(dir, "ca").certificate());
        assertThatThrownBy(() -> onlyCa.serverContext(false)).isInstanceOf(IllegalStateException.class);
        assertThat(onlyCa.notAfter()).isEmpty();
        assertThatThrownBy(() -> onlyCa.serverTrust("")).isInstanceOf(IllegalArgumentException.class);
    }

    private static InvalidTlsMaterial refused(Path certificate, Path key) {
        return catchThrowableOfType(InvalidTlsMaterial.class, () -> TlsMaterial.load(certificate, key, null));
    }

    private static IssuedCertificate issue(KeyPair pair) {
        Instant now = Instant.now();
        return authority.issue(
                "doppler",
                List.of("doppler"),
                List.of(),
                pair,
                now.minus(Duration.ofHours(1)),
                now.plus(Duration.ofDays(365)));
    }

    /** One key of each kind and size for all tests, because making RSA keys takes its time. */
    private static KeyPair pair(String algorithm, int bits) {
        return PAIRS.computeIfAbsent(algorithm + bits, kind -> {
            try {
                KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
                if (algorithm.equals("EC")) {
                    generator.initialize(new ECGenParameterSpec("secp" + bits + "r1"));
                } else {
                    generator.initialize(bits);
                }
                return generator.generateKeyPair();
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    /** As {@code openssl} writes it without PKCS#8: PKCS#1 for RSA, SEC1 with the curve in it for EC. */
    private static String traditional(KeyPair pair) throws Exception {
        PrivateKeyInfo info = PrivateKeyInfo.getInstance(pair.getPrivate().getEncoded());
        if (pair.getPrivate() instanceof ECPrivateKey key) {
            int bits = key.getParams().getOrder().bitLength();
            return PemFiles.pem(
                    "EC PRIVATE KEY",
                    new org.bouncycastle.asn1.sec.ECPrivateKey(
                                    bits,
                                    key.getS(),
                                    info.getPrivateKeyAlgorithm().getParameters())
                            .getEncoded());
        }
        return PemFiles.pem(
                "RSA PRIVATE KEY", info.parsePrivateKey().toASN1Primitive().getEncoded());
    }
}
