package io.loggregator.trafficcontroller.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.node.tls.CertificateAuthority;
import io.loggregator.node.tls.IssuedCertificate;
import io.loggregator.node.tls.KeyKind;
import io.loggregator.trafficcontroller.edge.Decision;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

    private static Decision read(Guarded port, String token, String... sources) throws Exception {
        return port.onLoop(() -> port.authorities().logAccess().read(token, List.of(sources)))
                .await(30, TimeUnit.SECONDS);
    }
}
