package io.loggregator.trafficcontroller.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.RSAKey;
import io.loggregator.node.tls.CertificateAuthority;
import io.loggregator.node.tls.IssuedCertificate;
import io.loggregator.node.tls.KeyKind;
import io.loggregator.trafficcontroller.access.Guarded.Seen;
import io.loggregator.trafficcontroller.edge.Decision;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What authorities do over time: keys that rotate, answers that are remembered, access that is taken away. */
@Timeout(120)
class AuthoritiesTest {
    private static final int CONNECTIONS = 4;
    private static final int WAITING = 10;
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String APP = "7c7e4c1b-9f3a-4f07-a1a8-0a3c7f0b5a11";
    private static final Map<String, String> OPAQUE = Map.of("Authorization", "bearer opaque");

    private static final TokenForge FORGE = new TokenForge();

    @TempDir
    private static Path directory;

    private static IssuedCertificate certificate;
    private static Path ca;
    private Vertx vertx;
    private AuthorityServer server;

    @BeforeAll
    static void makeCertificates() throws Exception {
        CertificateAuthority authority = CertificateAuthority.create("test CA");
        ca = authority.writeTo(directory, "ca").certificate();
        certificate = authority.issue("node", List.of("localhost"), List.of(), KeyKind.RSA_2048, Duration.ofDays(1));
        certificate.writeTo(directory, "client");
    }

    @BeforeEach
    void serve() throws Exception {
        vertx = Vertx.vertx();
        server = new AuthorityServer(vertx, directory, "server", certificate, ca);
    }

    @AfterEach
    void stop() throws Exception {
        vertx.close().await(20, TimeUnit.SECONDS);
    }

    private Guarded port(String... settings) throws Exception {
        Map<String, String> environment = new java.util.HashMap<>();
        for (int i = 0; i < settings.length; i += 2) {
            environment.put(settings[i], settings[i + 1]);
        }
        return new Guarded(environment, LIMIT);
    }

    /** The Cloud Controller asks for a certificate. */
    private Guarded withCloudController(String... more) throws Exception {
        List<String> settings = new ArrayList<>(List.of(
                "TRAFFIC_CONTROLLER_API_HOST", server.url(),
                "CC_CERT_FILE", directory.resolve("client.crt").toString(),
                "CC_KEY_FILE", directory.resolve("client.key").toString(),
                "CC_CA_FILE", ca.toString()));
        settings.addAll(List.of(more));
        return port(settings.toArray(String[]::new));
    }

    private static final String FORGOTTEN = "access_forgotten_total{authority=\"cloud_controller\"}";

    private static final String WAITED = "access_waited_total{authority=\"cloud_controller\"}";

    private static String answers(String authority, String outcome) {
        return "access_answers_total{authority=\"" + authority + "\",outcome=\"" + outcome + "\"}";
    }

    @Test
    void theCloudControllerIsAskedWithTheClientsTokenAndTheOwnCertificate() throws Exception {
        try (Guarded port = withCloudController()) {
            assertThat(port.ask("/apps/" + APP + "/stream", OPAQUE).status()).isEqualTo(101);
            assertThat(server.asked).containsExactly("GET /internal/v4/log_access/" + APP + " bearer opaque ");
            assertThat(port.metric(answers("cloud_controller", "allowed"))).isEqualTo(1);
        }
    }

    @Test
    void aYesIsRememberedAndANoIsNot() throws Exception {
        try (Guarded port = withCloudController("ACCESS_CACHE_TTL", "10m")) {
            server.behaviour = AuthorityServer.answering(403, "");
            assertThat(port.ask("/apps/" + APP + "/stream", OPAQUE).status()).isEqualTo(404);
            server.behaviour = AuthorityServer.answering(200, "");
            assertThat(port.ask("/apps/" + APP + "/stream", OPAQUE).status()).isEqualTo(101);
            server.behaviour = AuthorityServer.answering(403, "");
            assertThat(port.ask("/apps/" + APP + "/stream", OPAQUE).status()).isEqualTo(101);
            assertThat(server.asked).hasSize(2);
            assertThat(port.metric("access_remembered_total{authority=\"cloud_controller\"}"))
                    .isEqualTo(1);
            // Another token, another app: other questions.
            assertThat(port.ask("/apps/" + APP + "/stream", Map.of("Authorization", "bearer other"))
                            .status())
                    .isEqualTo(404);
            assertThat(port.ask("/apps/11111111-2222-3333-4444-555555555555/stream", OPAQUE)
                            .status())
                    .isEqualTo(404);
        }
    }

    @Test
    void aYesIsForgottenWhenItsTimeIsOver() throws Exception {
        try (Guarded port = withCloudController("ACCESS_CACHE_TTL", "200ms")) {
            assertThat(ask(port, "a")).isEqualTo(101);
            server.behaviour = AuthorityServer.answering(403, "");
            await().atMost(Duration.ofSeconds(60)).until(() -> ask(port, "a") == 404);
            assertThat(port.metric(answers("cloud_controller", "forbidden"))).isEqualTo(1);
        }
    }

    @Test
    void onlySoManyAnswersAreRememberedAndThoseForgottenAreCounted() throws Exception {
        try (Guarded port = withCloudController("ACCESS_CACHE_TTL", "10m", "ACCESS_CACHE_ENTRIES", "2")) {
            for (String token : List.of("a", "b", "a", "c")) {
                assertThat(ask(port, token)).isEqualTo(101);
            }
            assertThat(server.asked).hasSize(3);
            assertThat(port.metric(FORGOTTEN)).isEqualTo(1);
            assertThat(ask(port, "a")).isEqualTo(101);
            assertThat(server.asked).as("b was asked for longest ago").hasSize(3);
            assertThat(ask(port, "b")).isEqualTo(101);
            assertThat(server.asked).hasSize(4);
            assertThat(port.metric(FORGOTTEN)).isEqualTo(2);
        }
    }

    private static int ask(Guarded port, String token) throws Exception {
        return port.ask("/apps/" + APP + "/stream", Map.of("Authorization", "bearer " + token))
                .status();
    }

    @Test
    void manyWhoAskTheSameAtOnceCostOneQuestion() throws Exception {
        int clients = 20;
        BlockingQueue<HttpServerRequest> held = new LinkedBlockingQueue<>();
        server.behaviour = held::add;
        ExecutorService threads = Executors.newFixedThreadPool(clients);
        try (Guarded port = withCloudController()) {
            Callable<Seen> ask = () -> port.ask("/apps/" + APP + "/stream", OPAQUE);
            List<Future<Seen>> seen = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                seen.add(threads.submit(ask));
            }
            HttpServerRequest question = held.poll(60, TimeUnit.SECONDS);
            question.response().end();
            for (Future<Seen> one : seen) {
                assertThat(one.get().status()).isEqualTo(101);
            }
            assertThat(held).isEmpty();
            assertThat(server.asked).hasSize(1);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void onlySoManyQuestionsAreUnderWayOrWaitAndTheOthersHaveNoAnswer() throws Exception {
        BlockingQueue<HttpServerRequest> held = new LinkedBlockingQueue<>();
        server.behaviour = held::add;
        try (Guarded port = withCloudController(
                "ACCESS_CONNECTIONS", Integer.toString(CONNECTIONS), "ACCESS_WAITING", Integer.toString(WAITING))) {
            List<io.vertx.core.Future<Decision>> asked = ask(port, 0, CONNECTIONS);
            await().atMost(Duration.ofSeconds(60)).until(() -> held.size() == CONNECTIONS);
            assertThat(port.metric(WAITED)).isZero();
            asked.addAll(ask(port, CONNECTIONS, WAITING));
            await().until(() -> port.metric(WAITED) == WAITING);
            Decision none = port.onLoop(() -> port.authorities().app("bearer one more", APP))
                    .await(20, TimeUnit.SECONDS);
            assertThat(none.status()).isEqualTo(500);
            assertThat(port.metric(answers("cloud_controller", "unknown"))).isEqualTo(1);
            assertThat(port.metric(WAITED)).isEqualTo(WAITING);
            assertThat(held).hasSize(CONNECTIONS);
            assertThat(asked).noneMatch(io.vertx.core.Future::isComplete);
        }
    }

    private static List<io.vertx.core.Future<Decision>> ask(Guarded port, int from, int count) {
        List<io.vertx.core.Future<Decision>> asked = new ArrayList<>();
        for (int i = from; i < from + count; i++) {
            String token = "bearer " + i;
            asked.add(port.onLoop(() -> port.authorities().app(token, APP)));
        }
        return asked;
    }

    @Test
    void aStreamEndsWhenAccessIsTakenAwayAndNotBefore() throws Exception {
        try (Guarded port = withCloudController("ACCESS_RECHECK_INTERVAL", "20ms", "ACCESS_CACHE_TTL", "10m")) {
            WebSocket stream = port.ask("/apps/" + APP + "/stream", OPAQUE).webSocket();
            // An authority that has no answer ends nothing, nor does one that finds the token itself no good any more.
            server.behaviour = AuthorityServer.answering(500, "");
            awaitAnswers(port, "unknown");
            server.behaviour = AuthorityServer.answering(401, "");
            awaitAnswers(port, "invalid");
            assertThat(stream.isClosed()).isFalse();

            server.behaviour = AuthorityServer.answering(404, "");
            await().atMost(Duration.ofSeconds(60)).until(stream::isClosed);
            assertThat(stream.closeStatusCode()).isEqualTo((short) 1008);
            assertThat(stream.closeReason()).isEqualTo("access was revoked");
            assertThat(port.refused).contains("revoked");
        }
    }

    private static void awaitAnswers(Guarded port, String outcome) {
        long before = port.metric(answers("cloud_controller", outcome));
        await().atMost(Duration.ofSeconds(60))
                .until(() -> port.metric(answers("cloud_controller", outcome)) >= before + 2);
    }

    @Test
    void aTokenThatWasRevokedEndsItsStreamAndOneThatExpiredDoesNot() throws Exception {
        // A JWT tells when it expires, so that a refusal before can only mean that it was revoked.
        String revoked = FORGE.good(unchanged -> {});
        String expired = FORGE.good(claims -> claims.expirationTime(TokenForge.in(Duration.ofSeconds(-1))));
        try (Guarded port = withCloudController("ACCESS_RECHECK_INTERVAL", "20ms")) {
            WebSocket first = port.ask("/apps/" + APP + "/stream", Map.of("Authorization", revoked))
                    .webSocket();
            WebSocket second = port.ask("/apps/" + APP + "/stream", Map.of("Authorization", expired))
                    .webSocket();
            server.behaviour = AuthorityServer.answering(401, "");
            await().atMost(Duration.ofSeconds(60)).until(first::isClosed);
            assertThat(first.closeStatusCode()).isEqualTo((short) 1008);
            assertThat(second.isClosed()).isFalse();
        }
    }

    @Test
    void keysInAFileAreReadAgainAndBrokenOnesLeaveThoseBefore() throws Exception {
        RSAKey next = TokenForge.newKey("key-2");
        Path file = directory.resolve("keys.json");
        write(file, TokenForge.jwks(FORGE.key));
        try (Guarded port = port("JWT_KEY_FILE", file.toString())) {
            Map<String, String> old = Map.of("Authorization", FORGE.good(unchanged -> {}));
            Map<String, String> rotated =
                    Map.of("Authorization", TokenForge.signed(next, JWSAlgorithm.RS256, unchanged -> {}));
            assertThat(port.ask("/firehose/n", old).status()).isEqualTo(101);
            assertThat(port.ask("/firehose/n", rotated).status()).isEqualTo(401);
            write(file, "{");
            assertThat(port.ask("/firehose/n", rotated).status()).isEqualTo(401);
            assertThat(port.ask("/firehose/n", old).status()).isEqualTo(101);
            write(file, TokenForge.jwks(FORGE.key, next));
            assertThat(port.ask("/firehose/n", rotated).status()).isEqualTo(101);
            assertThat(port.ask("/firehose/n", old).status()).isEqualTo(101);
        }
    }

    @Test
    void keysThatAreTooManyOrTooLargeAreNotTakenAndCounted() throws Exception {
        RSAKey next = TokenForge.newKey("key-2");
        Path file = directory.resolve("limited.json");
        write(file, TokenForge.jwks(FORGE.key));
        try (Guarded port = port("JWT_KEY_FILE", file.toString())) {
            Map<String, String> rotated =
                    Map.of("Authorization", TokenForge.signed(next, JWSAlgorithm.RS256, unchanged -> {}));
            String failures = "access_key_failures_total{source=\"file\"}";
            RSAKey[] tooMany = new RSAKey[65];
            Arrays.fill(tooMany, next);
            write(file, TokenForge.jwks(tooMany));
            assertThat(port.ask("/firehose/n", rotated).status()).isEqualTo(401);
            long before = port.metric(failures);
            assertThat(before).isPositive();
            write(file, TokenForge.jwks(next) + " ".repeat(1 << 20));
            assertThat(port.ask("/firehose/n", rotated).status()).isEqualTo(401);
            assertThat(port.metric(failures)).isGreaterThan(before);
            write(file, TokenForge.jwks(Arrays.copyOf(tooMany, 64)));
            assertThat(port.ask("/firehose/n", rotated).status()).isEqualTo(101);
        }
    }

    @Test
    void aTokenThatNamesNoKeyFindsANewOneAtOnce() throws Exception {
        RSAKey first = TokenForge.newKey(null);
        RSAKey next = TokenForge.newKey(null);
        Path file = directory.resolve("nameless.json");
        write(file, TokenForge.jwks(first));
        try (Guarded port = port("JWT_KEY_FILE", file.toString())) {
            Map<String, String> token =
                    Map.of("Authorization", TokenForge.signed(next, JWSAlgorithm.RS256, unchanged -> {}));
            assertThat(port.ask("/firehose/n", token).status()).isEqualTo(401);
            write(file, TokenForge.jwks(next));
            assertThat(port.ask("/firehose/n", token).status()).isEqualTo(101);
        }
    }

    private static void write(Path file, String content) throws Exception {
        Path beside = file.resolveSibling("new");
        Files.writeString(beside, content);
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
    }

    @Test
    void keysThatAreFetchedRotateWhileTheServerRuns() throws Exception {
        RSAKey next = TokenForge.newKey("key-2");
        try (AuthorityServer keys = new AuthorityServer(vertx, directory, "keys", certificate, null)) {
            keys.behaviour = AuthorityServer.answering(200, TokenForge.jwks(FORGE.key));
            try (Guarded port = port("JWT_JWKS_URL", keys.url() + "/token_keys", "JWT_CA_FILE", ca.toString())) {
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> port.authorities().problem().isEmpty());
                Map<String, String> old = Map.of("Authorization", FORGE.good(unchanged -> {}));
                Map<String, String> rotated =
                        Map.of("Authorization", TokenForge.signed(next, JWSAlgorithm.RS256, unchanged -> {}));
                assertThat(port.ask("/firehose/n", old).status()).isEqualTo(101);

                keys.behaviour = AuthorityServer.answering(200, TokenForge.jwks(next));
                assertThat(port.ask("/firehose/n", rotated).status()).isEqualTo(101);
                // The old key is gone, so a token of its is not remembered but refused.
                assertThat(port.ask("/firehose/m", Map.of("Authorization", FORGE.good(c -> c.subject("other"))))
                                .status())
                        .isEqualTo(401);

                // While the server cannot be asked, the keys stay, and unknown ones do not make it be asked for ever.
                keys.behaviour = AuthorityServer.answering(500, "");
                assertThat(port.metric("access_key_failures_total{source=\"url\"}"))
                        .isZero();
                int before = keys.asked.size();
                for (int i = 0; i < 20; i++) {
                    String unknown = TokenForge.signed(FORGE.key, JWSAlgorithm.RS256, unchanged -> {});
                    assertThat(port.ask("/firehose/n", Map.of("Authorization", unknown + "x"))
                                    .status())
                            .isEqualTo(401);
                }
                assertThat(port.ask("/firehose/n", rotated).status()).isEqualTo(101);
                assertThat(keys.asked.size() - before).isLessThan(20);
                assertThat(port.metric("access_key_failures_total{source=\"url\"}"))
                        .isPositive();
            }
        }
    }
}
