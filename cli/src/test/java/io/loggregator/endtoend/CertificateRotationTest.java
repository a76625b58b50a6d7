package io.loggregator.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.loggregator.node.tls.CertificateAuthority;
import io.loggregator.node.tls.IssuedCertificate;
import io.loggregator.node.tls.KeyKind;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Changes the authority of a running cluster, step by step as {@code docs/security.md} says. */
class CertificateRotationTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Map<String, String> OFTEN = Map.of("TLS_RELOAD_INTERVAL", "50ms");
    private static final int SETS_OF_FILES = 3;

    @TempDir
    private Path directory;

    private final AtomicInteger sent = new AtomicInteger();
    private LocalServers servers;
    private long reloads;

    @Test
    void theAuthorityIsReplacedWithoutAnInterruption() throws Exception {
        Certificates certificates = new Certificates(directory);
        CertificateAuthority old = certificates.authority();
        CertificateAuthority next = CertificateAuthority.create("the next");
        SSLContext oldAgent = TlsPeer.showing(issue(old, "metron"));
        SSLContext nextAgent = TlsPeer.showing(issue(next, "metron"));
        Path ca = certificates.authorityFile();

        servers = new LocalServers(certificates, OFTEN, OFTEN);
        try (Agent agent = servers.agent();
                Nozzle nozzle = Nozzle.open(
                        HttpClient.newBuilder()
                                .sslContext(certificates.ofClient())
                                .build(),
                        URI.create("wss://127.0.0.1:" + servers.port() + "/firehose/rotation"))) {
            await().atMost(LIMIT).until(servers::linked);
            Cluster.probe("probe", List.of(agent), List.of(nozzle));

            Path both = next.writeTo(directory.resolve("next"), "ca").certificate();
            Files.writeString(ca, Files.readString(ca) + Files.readString(both));
            await().atMost(LIMIT).until(() -> reloaded(2)); // the Loggregator port asks for no certificate
            bothAreServed(oldAgent, nextAgent);
            goesOn(agent, nozzle);

            for (String name : List.of("doppler", "trafficcontroller", "edge")) {
                issue(next, name).writeTo(directory, name);
            }
            await().atMost(LIMIT).until(() -> reloaded(SETS_OF_FILES));
            bothAreServed(oldAgent, nextAgent);
            goesOn(agent, nozzle);

            next.writeTo(directory, "ca");
            // Files that are read while they are written are read once more, so that reloads cannot be counted on here.
            await().atMost(LIMIT)
                    .untilAsserted(
                            () -> assertThatThrownBy(() -> served(oldAgent)).isInstanceOf(IOException.class));
            assertThat(served(nextAgent)).isNotEmpty();
            goesOn(agent, nozzle);

            // Links that are made anew use what the Traffic Controller and the Doppler now have.
            servers.restartDoppler();
            await().atMost(LIMIT).until(servers::linked);
        } finally {
            servers.close();
        }
    }

    private void bothAreServed(SSLContext oldAgent, SSLContext nextAgent) throws IOException {
        assertThat(served(oldAgent)).isNotEmpty();
        assertThat(served(nextAgent)).isNotEmpty();
    }

    private String served(SSLContext client) throws IOException {
        return TlsPeer.served(client, "ingress", servers.ingressPort());
    }

    /** Whether at least so many sets of files were taken since this last held, and none is bad now. */
    private boolean reloaded(int sets) {
        Samples samples = servers.samples();
        long now = samples.sum("tls_reloads_total", Map.of("outcome", "ok"));
        if (now < reloads + sets) {
            return false;
        }
        reloads = now;
        return true;
    }

    private void goesOn(Agent agent, Nozzle nozzle) {
        String line = "step:" + sent.incrementAndGet();
        agent.send(Envelopes.log("app", line));
        await().atMost(LIMIT).until(() -> nozzle.lines().contains(line));
    }

    private static IssuedCertificate issue(CertificateAuthority authority, String name) {
        return authority.issue(
                name, List.of(name, "localhost"), List.of("127.0.0.1"), KeyKind.EC_P256, Duration.ofDays(1));
    }
}
