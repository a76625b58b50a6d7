package io.loggregator.trafficcontroller.access;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.nimbusds.jose.JWSAlgorithm;
import io.loggregator.node.tls.CertificateAuthority;
import io.loggregator.node.tls.IssuedCertificate;
import io.loggregator.node.tls.KeyKind;
import io.loggregator.trafficcontroller.access.Guarded.Seen;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Runs the table in {@code docs/security.md} about who may read what, against real HTTPS servers. */
class AccessTableTest {
    private static final Path DOCUMENT = Path.of("..", "docs", "security.md");
    private static final String HEADING = "| authority | wants | token | the authority | status | body | log |";
    private static final String APP = "7c7e4c1b-9f3a-4f07-a1a8-0a3c7f0b5a11";
    private static final String OTHER_APP = "11111111-2222-3333-4444-555555555555";
    private static final String SPACE = "9d2a3b54-77a1-4c7e-8a0f-3d5b0e3f6c21";
    private static final String OPAQUE = "bearer opaque-token-that-nobody-may-ever-see-in-a-log";
    private static final String ANOTHER = "bearer another-token-that-nobody-may-see-either";
    private static final String SECRET = "the-secret-of-the-client-doppler";
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(300);

    @TempDir
    private static Path directory;

    private static final TokenForge FORGE = new TokenForge();
    private static Vertx vertx;
    private static AuthorityServer server;
    private static AuthorityServer stranger;
    private static String deadUrl;

    private record Row(
            String authority,
            String wants,
            String token,
            String behaviour,
            int status,
            boolean basic,
            String body,
            String log,
            String source) {}

    @BeforeAll
    static void serve() throws Exception {
        vertx = Vertx.vertx();
        CertificateAuthority authority = CertificateAuthority.create("test CA");
        Path ca = authority.writeTo(directory, "ca").certificate();
        issue(authority, "cc-client").writeTo(directory, "client");
        server = new AuthorityServer(vertx, directory, "server", issue(authority, "uaa"), null);
        CertificateAuthority another = CertificateAuthority.create("another CA");
        stranger = new AuthorityServer(vertx, directory, "stranger", issue(another, "uaa"), null);
        assertThat(ca).exists();
        try (ServerSocket port = new ServerSocket(0)) {
            deadUrl = "https://localhost:" + port.getLocalPort();
        }
    }

    private static IssuedCertificate issue(CertificateAuthority authority, String name) {
        return authority.issue(name, List.of("localhost"), List.of(), KeyKind.RSA_2048, Duration.ofDays(1));
    }

    @AfterAll
    static void stop() throws Exception {
        vertx.close().await(20, TimeUnit.SECONDS);
    }

    @TestFactory
    Stream<DynamicTest> everyRowIsAnsweredAsItSays() throws IOException {
        List<Row> rows = rows();
        assertThat(rows).hasSizeGreaterThan(50).doesNotHaveDuplicates();
        return rows.stream().map(row -> DynamicTest.dynamicTest(row.source(), () -> run(row)));
    }

    private static List<Row> rows() throws IOException {
        List<String> lines = Files.readAllLines(DOCUMENT);
        return lines.stream()
                .skip(lines.indexOf(HEADING) + 2L)
                .takeWhile(line -> line.startsWith("|"))
                .map(line -> {
                    List<String> cells = Arrays.stream(line.split("\\|"))
                            .map(String::strip)
                            .map(cell -> cell.equals("–") ? "" : cell)
                            .toList();
                    String[] status = cells.get(5).split(" ");
                    return new Row(
                            cells.get(1),
                            cells.get(2),
                            cells.get(3),
                            cells.get(4),
                            Integer.parseInt(status[0]),
                            status.length == 2,
                            cells.get(6),
                            cells.get(7),
                            line);
                })
                .toList();
    }

    private static void run(Row row) throws Exception {
        server.asked.clear();
        server.behaviour = behaviour(row);
        Map<String, String> headers = headers(row.token());
        try (LogOfAll log = new LogOfAll();
                Guarded port = new Guarded(environment(row), row.behaviour().equals("is silent") ? SHORT : LONG)) {
            port.spaces.put(APP, SPACE);
            awaitKeys(port, row);
            Seen seen = port.ask(path(row.wants()), headers);
            assertThat(seen.status()).isEqualTo(row.status());
            if (row.status() == 101) {
                assertThat(port.refused).isEmpty();
                return;
            }
            assertThat(seen.headers().get("WWW-Authenticate")).isEqualTo(row.basic() ? "Basic" : null);
            boolean firehose = row.wants().equals("firehose");
            assertThat(seen.body()).isEqualTo(firehose ? "You are not authorized. " + row.body() : row.body());
            assertThat(port.refused.poll(20, TimeUnit.SECONDS)).isEqualTo(counted(row));
            assertThat(log.lines()).anySatisfy(line -> assertThat(line).contains(row.log()));
            for (String secret : secrets(headers)) {
                assertThat(log.lines()).noneSatisfy(line -> assertThat(line).contains(secret));
                assertThat(seen.body()).doesNotContain(secret);
            }
        }
    }

    /** Keys are fetched when the server starts, which may take longer than a client's first request. */
    private static void awaitKeys(Guarded port, Row row) {
        if (!row.behaviour().equals("has no keys yet")) {
            org.awaitility.Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> port.authorities().problem().isEmpty());
        }
    }

    private static String counted(Row row) {
        boolean nobodySaid = row.behaviour().matches("is .*|says (404|500)|redirects|answers .*|has .*")
                || (row.authority().equals("UAA") && row.behaviour().equals("says 401"));
        boolean ofTheApp =
                row.authority().equals("Cloud Controller") && row.behaviour().equals("says 404");
        return nobodySaid && !ofTheApp ? "access_unknown" : "access";
    }

    private static List<String> secrets(Map<String, String> headers) {
        List<String> secrets = new ArrayList<>(List.of(SECRET));
        headers.values().stream()
                .map(value -> value.substring(value.indexOf("bearer") + "bearer".length() + 1))
                .forEach(token -> {
                    secrets.add(token);
                    // Neither whole nor in parts.
                    secrets.addAll(Arrays.stream(token.split("\\."))
                            .filter(part -> part.length() > 20)
                            .toList());
                });
        return secrets;
    }

    private static String path(String wants) {
        return switch (wants) {
            case "firehose" -> "/firehose/nozzle";
            case "app" -> "/apps/" + APP + "/stream";
            case "silent app" -> "/apps/" + OTHER_APP + "/stream";
            case "no guid" -> "/apps/my-app/stream";
            default -> throw new IllegalArgumentException(wants);
        };
    }

    private static Map<String, String> headers(String token) {
        if (token.equals("none")) {
            return Map.of();
        }
        if (token.equals("opaque, another in a cookie")) {
            return Map.of("Authorization", OPAQUE, "Cookie", cookie(ANOTHER));
        }
        if (token.equals("another, opaque in a cookie")) {
            return Map.of("Authorization", ANOTHER, "Cookie", cookie(OPAQUE));
        }
        if (token.endsWith(" in a cookie")) {
            return Map.of("Cookie", cookie(token(token.replace(" in a cookie", ""))));
        }
        return Map.of("Authorization", token(token));
    }

    private static String cookie(String token) {
        return "theme=dark; authorization=" + URLEncoder.encode(token, StandardCharsets.UTF_8);
    }

    private static String token(String name) {
        return switch (name) {
            case "opaque" -> OPAQUE;
            case "good" -> FORGE.good(unchanged -> {});
            case "scopes as text" -> FORGE.good(claims -> claims.claim("scope", "openid doppler.firehose"));
            case "expired" -> FORGE.good(claims -> claims.expirationTime(TokenForge.in(Duration.ofMinutes(-2))));
            case "expired within the skew" ->
                FORGE.good(claims -> claims.expirationTime(TokenForge.in(Duration.ofSeconds(-5))));
            case "without expiry" -> FORGE.good(claims -> claims.expirationTime(null));
            case "not valid yet" -> FORGE.good(claims -> claims.notBeforeTime(TokenForge.in(Duration.ofMinutes(2))));
            case "other issuer" -> FORGE.good(claims -> claims.issuer("https://uaa.other"));
            case "other audience" -> FORGE.good(claims -> claims.audience("cloud_controller"));
            case "algorithm not configured" -> TokenForge.signed(FORGE.key, JWSAlgorithm.RS384, unchanged -> {});
            case "unsigned" -> FORGE.unsigned();
            case "HS256 with the public key" -> FORGE.signedWithThePublicKey();
            case "tampered" -> FORGE.tampered();
            case "signed by a stranger" -> FORGE.byAStranger();
            case "signed with an unknown key" ->
                TokenForge.signed(TokenForge.newKey("key-9"), JWSAlgorithm.RS256, unchanged -> {});
            case "without scopes" -> FORGE.good(claims -> claims.claim("scope", null));
            case "good for the app" -> FORGE.good(claims -> claims.claim("apps", List.of(OTHER_APP, APP)));
            case "good for another app" -> FORGE.good(claims -> claims.claim("apps", List.of(OTHER_APP)));
            case "good for its space" -> FORGE.good(claims -> claims.claim("spaces", List.of(SPACE)));
            case "good for another space" -> FORGE.good(claims -> claims.claim("spaces", List.of(OTHER_APP)));
            case "with the app's scope" -> FORGE.good(claims -> claims.claim("scope", List.of("logs.read." + APP)));
            case "with another app's scope" ->
                FORGE.good(claims -> claims.claim("scope", List.of("logs.read." + OTHER_APP)));
            case "with the scope for all apps" -> FORGE.good(claims -> claims.claim("scope", List.of("logs.all")));
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static io.vertx.core.Handler<HttpServerRequest> behaviour(Row row) {
        String granting = "{\"scope\":[\"openid\",\"doppler.firehose\"],\"user_name\":\"somebody\"}";
        // UAA repeats the token in what it says about it.
        String refusing = "{\"error\":\"invalid_token\",\"error_description\":\"Cannot convert " + OPAQUE + "\"}";
        return switch (row.behaviour()) {
            case "grants" -> AuthorityServer.answering(200, granting);
            case "grants this one only" ->
                request -> AuthorityServer.answering(
                                server.asked.get(0).contains("token=opaque-token") ? 200 : 400, granting)
                        .handle(request);
            case "grants other scopes" -> AuthorityServer.answering(200, "{\"scope\":[\"doppler.other\"]}");
            case "grants nothing" -> AuthorityServer.answering(200, "{\"user_name\":\"somebody\"}");
            case "says 400" -> AuthorityServer.answering(400, refusing);
            case "redirects" -> AuthorityServer.redirecting();
            case "answers garbage" -> AuthorityServer.answering(200, "<html>");
            case "answers 400 and garbage" -> AuthorityServer.answering(400, "<html>");
            case "answers a scope that is no list" ->
                AuthorityServer.answering(200, "{\"scope\":\"doppler.firehose\"}");
            case "answers too much" -> AuthorityServer.huge();
            case "is silent" -> AuthorityServer.silent();
            case "has no keys yet" -> AuthorityServer.answering(503, "");
            case "", "is down", "has a certificate of another CA" ->
                AuthorityServer.answering(200, TokenForge.jwks(FORGE.key));
            default ->
                AuthorityServer.answering(Integer.parseInt(row.behaviour().replace("says ", "")), "");
        };
    }

    private static Map<String, String> environment(Row row) {
        String url = switch (row.behaviour()) {
            case "is down" -> deadUrl;
            case "has a certificate of another CA" -> stranger.url();
            default -> server.url();
        };
        String ca = directory.resolve("ca.crt").toString();
        Map<String, String> environment = new HashMap<>();
        switch (row.authority()) {
            case "UAA" ->
                environment.putAll(Map.of(
                        "TRAFFIC_CONTROLLER_UAA_HOST", url,
                        "TRAFFIC_CONTROLLER_UAA_CLIENT_SECRET", SECRET,
                        "TRAFFIC_CONTROLLER_UAA_CA_CERT", ca));
            case "Cloud Controller" ->
                environment.putAll(Map.of(
                        "TRAFFIC_CONTROLLER_API_HOST",
                        url,
                        "CC_CERT_FILE",
                        directory.resolve("client.crt").toString(),
                        "CC_KEY_FILE",
                        directory.resolve("client.key").toString(),
                        "CC_CA_FILE",
                        ca));
            case "signed tokens" ->
                environment.putAll(Map.of(
                        "JWT_JWKS_URL",
                        url + "/token_keys",
                        "JWT_CA_FILE",
                        ca,
                        "JWT_ISSUER",
                        TokenForge.ISSUER,
                        "JWT_AUDIENCE",
                        TokenForge.AUDIENCE,
                        "JWT_APP_SCOPE",
                        "logs.read.{app}",
                        "JWT_ALL_APPS_SCOPE",
                        "logs.all"));
            default -> throw new IllegalArgumentException(row.authority());
        }
        return environment;
    }

    /** Everything that is logged, by whomever, down to debug. */
    private static final class LogOfAll implements AutoCloseable {
        private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();
        private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        private final ListAppender<ILoggingEvent> appender = new ListAppender<>() {
            @Override
            protected void append(ILoggingEvent event) {
                events.add(event);
            }
        };
        private final Level before = root.getLevel();

        LogOfAll() {
            root.setLevel(Level.INFO);
            appender.start();
            root.addAppender(appender);
        }

        List<String> lines() {
            return events.stream()
                    .map(event -> event.getFormattedMessage() + causes(event.getThrowableProxy()))
                    .collect(Collectors.toList());
        }

        private static String causes(ch.qos.logback.classic.spi.IThrowableProxy thrown) {
            return thrown == null ? "" : " " + thrown.getMessage() + causes(thrown.getCause());
        }

        @Override
        public void close() {
            root.detachAppender(appender);
            root.setLevel(before);
        }
    }
}
