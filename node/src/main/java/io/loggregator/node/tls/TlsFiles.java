package io.loggregator.node.tls;

import io.loggregator.node.settings.Setting;
import io.loggregator.node.settings.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The files that one server or client takes its TLS material from, with the settings that name them.
 *
 * @param certificate null together with {@code key} for a client that shows no certificate
 * @param ca null when peers are not checked
 */
record TlsFiles(NamedFile certificate, NamedFile key, NamedFile ca) {
    /** @param setting the name of the setting that the path comes from */
    record NamedFile(String setting, Path path) {}

    /** Empty unless the first of these settings is given. */
    static Optional<TlsFiles> certified(
            Settings settings, Setting<Path> certificate, Setting<Path> key, Setting<Path> caOrNull) {
        return settings.find(certificate)
                .map(path -> new TlsFiles(
                        new NamedFile(certificate.name(), path),
                        new NamedFile(key.name(), settings.get(key)),
                        caOrNull == null
                                ? null
                                : settings.find(caOrNull)
                                        .map(ca -> new NamedFile(caOrNull.name(), ca))
                                        .orElse(null)));
    }

    /** Empty unless the setting is given. */
    static Optional<TlsFiles> trusting(Settings settings, Setting<Path> ca) {
        return settings.find(ca).map(path -> new TlsFiles(null, null, new NamedFile(ca.name(), path)));
    }

    /** Reads and checks them. */
    TlsMaterial load(Clock clock) throws InvalidTlsMaterial {
        return certificate == null
                ? TlsMaterial.trusting(ca.path())
                : TlsMaterial.load(certificate.path(), key.path(), ca == null ? null : ca.path(), clock);
    }

    /** Something that differs when their contents differ; a file that cannot be read has contents of its own. */
    byte[] digest() {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
        all().forEach(file -> {
            digest.update(file.setting().getBytes(StandardCharsets.UTF_8));
            try (InputStream in = Files.newInputStream(file.path())) {
                byte[] content = in.readNBytes(PemFile.LARGEST + 1);
                digest.update((" holds " + content.length).getBytes(StandardCharsets.UTF_8));
                digest.update(content);
            } catch (IOException e) {
                digest.update(" cannot be read".getBytes(StandardCharsets.UTF_8));
            }
        });
        return digest.digest();
    }

    /** The setting that files of this material are told by. */
    String setting() {
        return certificate == null ? ca.setting() : certificate.setting();
    }

    /** The setting that a file comes from. */
    String settingOf(Path path) {
        return all().filter(file -> file.path().equals(path))
                .map(NamedFile::setting)
                .findFirst()
                .orElse(setting());
    }

    /** When the first certificate in each file expires, by setting. */
    Map<String, Instant> expiries(TlsMaterial material) {
        Map<String, Instant> expiries = new LinkedHashMap<>();
        if (certificate != null) {
            earliest(material.chain()).ifPresent(at -> expiries.put(certificate.setting(), at));
        }
        if (ca != null) {
            earliest(material.authorities()).ifPresent(at -> expiries.put(ca.setting(), at));
        }
        return expiries;
    }

    private static Optional<Instant> earliest(Collection<java.security.cert.X509Certificate> certificates) {
        return certificates.stream().map(one -> one.getNotAfter().toInstant()).min(Instant::compareTo);
    }

    private Stream<NamedFile> all() {
        return Stream.of(Optional.ofNullable(certificate), Optional.ofNullable(key), Optional.ofNullable(ca))
                .flatMap(Optional::stream);
    }
}
