package io.loggregator.doppler;

import io.loggregator.node.tls.CertificateAuthority;
import io.loggregator.node.tls.InvalidTlsMaterial;
import io.loggregator.node.tls.KeyKind;
import io.loggregator.node.tls.PemFiles;
import io.loggregator.node.tls.TlsMaterial;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** An authority, and what it issued, in files. */
public final class Certificates {
    private final Path directory;
    private final CertificateAuthority authority;
    private final Path ca;

    public Certificates(Path directory, String name) {
        this.directory = directory.resolve(name);
        this.authority = CertificateAuthority.create(name);
        try {
            this.ca = authority.writeTo(this.directory, "ca").certificate();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private PemFiles issue(String name) {
        try {
            return authority
                    .issue(name, List.of(name), List.of(), KeyKind.EC_P256, Duration.ofDays(1))
                    .writeTo(directory, name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Settings of a Doppler with a certificate for the name {@code doppler}. */
    Map<String, String> settings() {
        PemFiles files = issue("doppler");
        return Map.of(
                "ROUTER_CERT_FILE", files.certificate().toString(),
                "ROUTER_KEY_FILE", files.key().toString(),
                "ROUTER_CA_FILE", ca.toString());
    }

    /** What a node of this name shows, trusting this authority. */
    public TlsMaterial of(String name) {
        return of(name, this);
    }

    /** What a node of this name shows, trusting another authority. */
    public TlsMaterial of(String name, Certificates trusted) {
        PemFiles files = issue(name);
        try {
            return TlsMaterial.load(files.certificate(), files.key(), trusted.ca);
        } catch (InvalidTlsMaterial e) {
            throw new AssertionError(e);
        }
    }

    /** What a client without a certificate has. */
    TlsMaterial nobody() {
        try {
            return TlsMaterial.trusting(ca);
        } catch (InvalidTlsMaterial e) {
            throw new AssertionError(e);
        }
    }
}
