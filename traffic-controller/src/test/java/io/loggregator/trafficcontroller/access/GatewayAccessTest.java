package io.loggregator.trafficcontroller.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.node.tls.CertificateAuthority;
import io.loggregator.node.tls.IssuedCertificate;
import io.loggregator.node.tls.KeyKind;
import io.loggregator.trafficcontroller.edge.Decision;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who may read what at the gateway port. */
@Timeout(120)
class GatewayAccessTest {
    private static final String APP = "7c7e4c1b-9f3a-4f07-a1a8-0a3c7f0b5a11";
    private static final String OTHER = "0e4c7c1b-9f3a-4f07-a1a8-0a3c7f0b5a12";
    private static final String TOKEN = "bearer opaque-token-of-a-user-0123456789";
    private static final String ADMIN = "{\"scope\":[\"logs.admin\"]}";
    private static final String USER = "{\"scope\":[\"cloud_controller.read\"]}";

    @TempDir
    private static Path directory;

    private static IssuedCertificate certificate;
    private static Path ca;
    private Vertx vertx;
    private AuthorityServer uaa;
    private AuthorityServer apps;
    private AuthorityServer services;
    private Guarded guarded;

    @BeforeAll
    static void makeCertificates() throws Exception {
        CertificateAuthority authority = CertificateAuthority.create("test CA");
        ca = authority.writeTo(directory, "ca").certificate();
        certificate = authority.issue("node", List.of("localhost"), List.of(), KeyKind.EC_P256, Duration.ofDays(1));
        certificate.writeTo(directory, "client");
    }

    @BeforeEach
    void serve() throws Exception {
        vertx = Vertx.vertx();
        uaa = new AuthorityServer(vertx, directory, "uaa", certificate, null);
        apps = new AuthorityServer(vertx, directory, "apps", certificate, ca);
        services = new AuthorityServer(vertx, directory, "services", certificate, null);
        uaa.behaviour = AuthorityServer.answering(200, USER);
        apps.behaviour = AuthorityServer.answering(404, "");
        services.behaviour = AuthorityServer.answering(404, "");
        guarded = new Guarded(settings(Map.of()), Duration.ofSeconds(20));
    }

    @AfterEach
    void stop() throws Exception {
        guarded.close();
        vertx.close().await(20, TimeUnit.SECONDS);
    }

    private Map<String, String> settings(Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(Map.of(
                "TRAFFIC_CONTROLLER_UAA_HOST", uaa.url(),
                "TRAFFIC_CONTROLLER_UAA_CLIENT_SECRET", "secret",
                "TRAFFIC_CONTROLLER_UAA_CA_CERT", ca.toString(),
                "TRAFFIC_CONTROLLER_API_HOST", apps.url(),
                "CC_CERT_FILE", directory.resolve("client.crt").toString(),
                "CC_KEY_FILE", directory.resolve("client.key").toString(),
                "CC_CA_FILE", ca.toString(),
                "LOG_ACCESS_ADDR_EXTERNAL", services.url()));
        settings.putAll(more);
        return settings;
    }

    @Test
    void adminsReadEverything() throws Exception {
        for (String scope : List.of("logs.admin", "doppler.firehose")) {
            uaa.behaviour = AuthorityServer.answering(200, "{\"scope\":[\"" + scope + "\"]}");
            assertThat(read(TOKEN + scope).allowed()).isTrue();
            assertThat(read(TOKEN + scope, "router", "anything").allowed()).isTrue();
        }
        assertThat(apps.asked).isEmpty();
        assertThat(uaa.asked.get(0))
                .startsWith("POST /check_token Basic ")
                .endsWith(" token=opaque-token-of-a-user-0123456789logs.admin");
    }

    @Test
    void othersReadTheAppsAndServiceInstancesThatTheyAreShown() throws Exception {
        apps.behaviour = request -> request.response()
                .setStatusCode(request.path().endsWith(APP) ? 200 : 404)
                .end();
        services.behaviour = request -> request.response()
                .setStatusCode(request.path().endsWith(OTHER) ? 200 : 404)
                .end();
        assertThat(read(TOKEN, APP, OTHER).allowed()).isTrue();
        assertThat(apps.asked)
                .containsExactly(
                        "GET /internal/v4/log_access/" + APP + " " + TOKEN + " ",
                        "GET /internal/v4/log_access/" + OTHER + " " + TOKEN + " ");
        assertThat(services.asked).containsExactly("GET /v3/service_instances/" + OTHER + " " + TOKEN + " ");
    }

    @Test
    void oneSourceThatIsNotShownRefusesAllAndIsTheLastAskedAbout() throws Exception {
        assertRefused(read(TOKEN, APP, OTHER), "answered 404 for this app");
        assertThat(apps.asked).hasSize(1);
    }

    @Test
    void aThousandSourcesAreDecided() throws Exception {
        String[] sources = new String[1_000];
        for (int i = 0; i < sources.length; i++) {
            sources[i] = "%08x-0000-4000-8000-000000000000".formatted(i);
        }
        assertRefused(read(TOKEN, sources), "answered 404 for this app");
        assertThat(apps.asked).hasSize(1);
        try (Guarded remembering = new Guarded(settings(Map.of("ACCESS_CACHE_TTL", "10m")), Duration.ofSeconds(20))) {
            apps.behaviour = AuthorityServer.answering(200, "");
            for (int i = 1; i < sources.length; i += 111) {
                String[] some = Arrays.copyOfRange(sources, i, i + 111);
                assertThat(read(remembering, TOKEN, some).allowed()).isTrue();
            }
            // Now one answer comes late, and the others at once.
            assertThat(read(remembering, TOKEN, sources).allowed()).isTrue();
        }
    }

    @Test
    void othersNeedASourceThatIsAGuid() throws Exception {
        assertRefused(read(TOKEN), "lacks the scope doppler.firehose or logs.admin");
        apps.behaviour = AuthorityServer.answering(200, "");
        for (String source : List.of("router", "", APP + "x", "../" + APP)) {
            assertRefused(read(TOKEN, APP, source), "not an app's id");
        }
        assertThat(apps.asked).isEmpty();
    }

    @Test
    void aTokenThatUaaDoesNotKnowIsForTheCloudControllerToDecide() throws Exception {
        uaa.behaviour = AuthorityServer.answering(400, "{\"error\":\"invalid_token\"}");
        apps.behaviour = AuthorityServer.answering(200, "");
        assertThat(read(TOKEN, APP).allowed()).isTrue();
        assertRefused(read(TOKEN), "UAA refuses the token");
    }

    @Test
    void whileUaaAnswersErrorsOfItsOwnTheCloudControllerDecides() throws Exception {
        apps.behaviour = request -> request.response()
                .setStatusCode(request.path().endsWith(APP) ? 200 : 404)
                .end();
        for (int status : List.of(401, 403, 404, 500, 503)) {
            uaa.behaviour = AuthorityServer.answering(status, "{\"error\":\"server_error\"}");
            assertThat(read(TOKEN + status, APP).allowed()).isTrue();
            assertRefused(read(TOKEN + status), "UAA");
            Decision other = read(TOKEN + status, OTHER);
            assertRefused(other, "answered 404 for this app");
            assertThat(other.known()).as("whether it may read everything").isFalse();
            assertRefused(read(TOKEN + status, "router"), "not an app's id");
        }
        assertThat(guarded.metric("access_answers_total{authority=\"uaa\",outcome=\"unknown\"}"))
                .isEqualTo(20);
    }

    @Test
    void whatIsNoJsonIsNoAnswerOfUaa() throws Exception {
        apps.behaviour = AuthorityServer.answering(200, "");
        for (int status : List.of(200, 400, 401, 403, 404, 500)) {
            for (String body : List.of("", "<html>", "\"text\"", "[]")) {
                uaa.behaviour = AuthorityServer.answering(status, body);
                Decision unknown = read(TOKEN, APP);
                assertRefused(unknown, "UAA");
                assertThat(unknown.known()).isFalse();
            }
        }
        uaa.behaviour = AuthorityServer.answering(200, "{\"scope\":\"logs.admin\"}");
        assertRefused(read(TOKEN, APP), "what is not its answer");
        assertThat(apps.asked).isEmpty();
    }

    @Test
    void aTokenWithoutScopesIsForTheCloudControllerToDecide() throws Exception {
        apps.behaviour = AuthorityServer.answering(200, "");
        for (String body : List.of("{}", "{\"scope\":null}", "{\"scope\":[]}")) {
            uaa.behaviour = AuthorityServer.answering(200, body);
            assertThat(read(TOKEN, APP).allowed()).isTrue();
            assertRefused(read(TOKEN), "lacks the scope doppler.firehose or logs.admin");
        }
    }

    @Test
    void withoutKeysForSignedTokensNobodyIsLetIn() throws Exception {
        uaa.behaviour = AuthorityServer.answering(503, "{\"error\":\"server_error\"}");
        apps.behaviour = AuthorityServer.answering(200, "");
        Map<String, String> settings =
                settings(Map.of("JWT_JWKS_URL", uaa.url() + "/token_keys", "JWT_CA_FILE", ca.toString()));
        settings.keySet().removeIf(name -> name.startsWith("TRAFFIC_CONTROLLER_UAA_"));
        try (Guarded signed = new Guarded(settings, Duration.ofSeconds(20))) {
            Decision unknown = read(signed, new TokenForge().good(unchanged -> {}), APP);
            assertRefused(unknown, "no keys");
            assertThat(unknown.known()).isFalse();
        }
        assertThat(apps.asked).isEmpty();
    }

    @Test
    void anErrorOfUaaTakesNothingAway() throws Exception {
        uaa.behaviour = AuthorityServer.answering(500, "{\"error\":\"server_error\"}");
        for (List<String> sources : List.of(List.<String>of(), List.of("router"), List.of(APP))) {
            assertThat(revoked(sources)).isEmpty();
        }
        uaa.behaviour = AuthorityServer.answering(200, USER);
        assertThat(revoked(List.of("router"))).isPresent();
    }

    @Test
    void uaaGetsTheTokenAlone() throws Exception {
        for (String header :
                List.of("bearer token-1", "bearer  token-1 ", "bearer\ttoken-1", "bearertoken-1", "token-1")) {
            read(header);
            assertThat(uaa.asked.get(uaa.asked.size() - 1)).endsWith(" token=token-1");
        }
        read("Bearer token-1");
        assertThat(uaa.asked.get(uaa.asked.size() - 1)).endsWith(" token=Bearer+token-1");
    }

    @Test
    @DisplayName("compatibility 5: whatever is wrong with a token, the gateway answers 404")
    void whoeverCannotBeCheckedIsRefused() throws Exception {
        assertRefused(read(""), "no token");
        uaa.behaviour = AuthorityServer.answering(500, "");
        Decision unknown = read(TOKEN, APP);
        assertRefused(unknown, "UAA answered 500");
        assertThat(unknown.known()).isFalse();
        assertThat(apps.asked).isEmpty();
    }

    @Test
    void theGatewayCanHaveAuthoritiesOfItsOwn() throws Exception {
        try (AuthorityServer own = new AuthorityServer(vertx, directory, "own", certificate, null);
                Guarded other = new Guarded(
                        settings(Map.of(
                                "LOG_ADMIN_ADDR", own.url(),
                                "LOG_ADMIN_CLIENT_ID", "gateway",
                                "LOG_ADMIN_CLIENT_SECRET", "its own",
                                "LOG_ADMIN_CA_PATH", ca.toString(),
                                "LOG_ACCESS_ADDR", apps.url(),
                                "LOG_ACCESS_CERT_PATH",
                                        directory.resolve("client.crt").toString(),
                                "LOG_ACCESS_KEY_PATH",
                                        directory.resolve("client.key").toString(),
                                "LOG_ACCESS_CA_PATH", ca.toString())),
                        Duration.ofSeconds(20))) {
            own.behaviour = AuthorityServer.answering(200, ADMIN);
            assertThat(read(other, TOKEN).allowed()).isTrue();
            own.behaviour = AuthorityServer.answering(401, "");
            assertRefused(read(other, "bearer another"), "LOG_ADMIN_CLIENT_ID and LOG_ADMIN_CLIENT_SECRET");
            assertThat(uaa.asked).isEmpty();
        }
    }

    private static void assertRefused(Decision decision, String why) {
        assertThat(decision.status()).isEqualTo(404);
        assertThat(decision.why()).contains(why).doesNotContain("opaque-token");
    }

    private Decision read(String token, String... sources) throws Exception {
        return read(guarded, token, sources);
    }

    private Optional<String> revoked(List<String> sources) throws Exception {
        return guarded.onLoop(() -> guarded.authorities().logAccess().revoked(TOKEN, sources, Instant.MAX))
                .await(30, TimeUnit.SECONDS);
    }

    private static Decision read(Guarded port, String token, String... sources) throws Exception {
        return port.onLoop(() -> port.authorities().logAccess().read(token, List.of(sources)))
                .await(30, TimeUnit.SECONDS);
    }
}
