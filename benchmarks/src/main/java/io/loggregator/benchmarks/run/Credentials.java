package io.loggregator.benchmarks.run;

import io.loggregator.benchmarks.load.Keys;
import io.loggregator.node.tls.CertificateAuthority;
import io.loggregator.node.tls.KeyKind;
import io.loggregator.node.tls.PemFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** An authority of the run's own, and what it gave to everybody: RSA keys of 2048 bits. */
public final class Credentials {
    /** The address that all certificates are for, beside names. */
    public static final String HOST = "127.0.0.1";
    /** A Doppler. */
    public static final String DOPPLER = "doppler";

    /** A Traffic Controller, to Dopplers and to readers of gRPC v2. */
    public static final String TRAFFIC_CONTROLLER = "trafficcontroller";
    /** A Traffic Controller, to clients. */
    public static final String EDGE = "localhost";
    /** Who sends. */
    public static final String AGENT = "agent";

    /** Who reads gRPC v2. */
    public static final String READER = "reader";

    /** How long what everybody was given is valid. */
    public static final Duration VALIDITY = Duration.ofDays(2);

    /** How old it seems: valid also to a server whose clock is late. */
    private static final Duration AGE = Duration.ofDays(1);

    private final CertificateAuthority authority = CertificateAuthority.create("benchmark CA");
    private final Path directory;
    private final Path ca;
    private final Map<String, Keys> keys = new HashMap<>();

    /** @param directory where the files go */
    public Credentials(Path directory) throws IOException {
        this.directory = directory;
        ca = authority.writeTo(directory, "ca").certificate();
        for (String name : List.of(DOPPLER, TRAFFIC_CONTROLLER, EDGE, AGENT, READER)) {
            keys.put(name, issue(name));
        }
    }

    /** The authority's certificate. */
    public Path ca() {
        return ca;
    }

    /** What somebody of this name was given. */
    public Keys of(String name) {
        return keys.get(name);
    }

    /** Puts a new key and a new certificate in the place of what somebody of this name was given. */
    public void renew(String name, Duration validity) throws IOException {
        write(name, validity);
    }

    private Keys issue(String name) throws IOException {
        return new Keys(write(name, VALIDITY), ca);
    }

    private PemFiles write(String name, Duration validity) throws IOException {
        Instant now = Instant.now();
        return authority
                .issue(name, List.of(name), List.of(HOST), KeyKind.RSA_2048, now.minus(AGE), now.plus(validity))
                .writeTo(directory, name);
    }
}
