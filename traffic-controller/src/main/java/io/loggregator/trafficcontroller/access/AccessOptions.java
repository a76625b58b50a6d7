package io.loggregator.trafficcontroller.access;

import com.nimbusds.jose.jwk.JWK;
import io.loggregator.node.settings.Setting;
import io.loggregator.node.settings.Settings;
import io.loggregator.node.tls.InvalidTlsMaterial;
import io.loggregator.node.tls.TlsMaterial;
import io.loggregator.node.tls.TlsWatch;
import io.loggregator.stream.SteadyClock;
import io.loggregator.trafficcontroller.edge.AccessControl;
import io.loggregator.trafficcontroller.edge.Pipeline;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.net.KeyCertOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The authorities as configured, from which each event loop makes its own. Immutable. */
public final class AccessOptions {
    private static final long HANDSHAKE_SECONDS = 10;

    private static final Identity CC = new Identity(
            AccessSettings.CC_CERT_FILE,
            AccessSettings.CC_KEY_FILE,
            AccessSettings.CC_CA_FILE,
            AccessSettings.CC_SERVER_NAME);
    private static final Identity LOG_ACCESS = new Identity(
            GatewayAccessSettings.LOG_ACCESS_CERT_PATH,
            GatewayAccessSettings.LOG_ACCESS_KEY_PATH,
            GatewayAccessSettings.LOG_ACCESS_CA_PATH,
            GatewayAccessSettings.LOG_ACCESS_COMMON_NAME);

    private static final List<String> FIREHOSE = List.of(Uaa.FIREHOSE_SCOPE);

    private final Settings settings;
    private final AccessCounters counters;
    private final QuestionLimits limits;
    private final HttpClientOptions uaa;
    private final HttpClientOptions cloudController;
    private final HttpClientOptions logAdmin;
    private final HttpClientOptions logAccess;
    private final HttpClientOptions services;
    private final HttpClientOptions jwks;
    private final List<JWK> keysInFile;

    private AccessOptions(Settings settings, TlsWatch tls, AccessCounters counters)
            throws InvalidTlsMaterial, IOException {
        this.settings = settings;
        this.counters = counters;
        this.limits = AccessSettings.questions(settings);
        uaa = trustingUnlessTold(settings, AccessSettings.UAA_HOST, AccessSettings.UAA_CA_CERT, tls);
        logAdmin = trustingUnlessTold(
                settings, GatewayAccessSettings.LOG_ADMIN_ADDR, GatewayAccessSettings.LOG_ADMIN_CA_PATH, tls);
        // As the Go release asks it: a connection for each question.
        cloudController = CC.client(settings, AccessSettings.API_HOST, tls).setKeepAlive(false);
        logAccess = LOG_ACCESS
                .client(settings, GatewayAccessSettings.LOG_ACCESS_ADDR, tls)
                .setKeepAlive(false);
        Identity known = settings.find(GatewayAccessSettings.LOG_ACCESS_ADDR).isPresent() ? LOG_ACCESS : CC;
        services = known.withoutName()
                .client(settings, GatewayAccessSettings.LOG_ACCESS_ADDR_EXTERNAL, tls)
                .setKeepAlive(false);
        jwks = trusting(settings, AccessSettings.JWT_JWKS_URL, AccessSettings.JWT_CA_FILE, tls);
        Optional<Path> file = settings.find(AccessSettings.JWT_KEY_FILE);
        try {
            keysInFile = file.isPresent() ? KeyFile.readNow(file.get()) : List.of();
        } catch (IOException | IllegalArgumentException wrong) {
            throw new IOException("JWT_KEY_FILE: " + file.get() + ": " + AuthorityClient.explain(wrong), wrong);
        }
    }

    /**
     * Reads the files that the settings name.
     *
     * @param tls follows the certificates
     * @throws InvalidTlsMaterial a certificate or key cannot be used
     * @throws IOException the keys for tokens cannot be read; the message names the setting
     */
    public static AccessOptions load(Settings settings, TlsWatch tls, AccessCounters counters)
            throws InvalidTlsMaterial, IOException {
        return new AccessOptions(settings, tls, counters);
    }

    private static HttpClientOptions trustingUnlessTold(
            Settings settings, Setting<URI> server, Setting<Path> authorities, TlsWatch tls) throws InvalidTlsMaterial {
        return settings.get(AccessSettings.SKIP_CERT_VERIFY)
                ? trustingAnybody(new HttpClientOptions())
                : trusting(settings, server, authorities, tls);
    }

    private static HttpClientOptions trusting(
            Settings settings, Setting<URI> server, Setting<Path> authorities, TlsWatch tls) throws InvalidTlsMaterial {
        HttpClientOptions options = new HttpClientOptions();
        Optional<URI> url = settings.find(server);
        if (url.isPresent()) {
            tls.followAuthorities(settings, authorities)
                    .ifPresent(live -> live.applyTo(options, url.get().getHost()));
        }
        return options;
    }

    /**
     * Who this Traffic Controller is to a Cloud Controller, and whom it takes for one.
     *
     * @param nameOrNull that its certificate must have, whatever the host in the URL
     */
    private record Identity(
            Setting<Path> certificate, Setting<Path> key, Setting<Path> authorities, Setting<String> nameOrNull) {
        Identity withoutName() {
            return new Identity(certificate, key, authorities, null);
        }

        HttpClientOptions client(Settings settings, Setting<URI> server, TlsWatch tls) throws InvalidTlsMaterial {
            Optional<URI> url = settings.find(server);
            Optional<Path> shown = settings.find(certificate);
            HttpClientOptions options = new HttpClientOptions();
            if (url.isEmpty() || shown.isEmpty()) {
                return options;
            }
            if (settings.get(AccessSettings.SKIP_CERT_VERIFY)) {
                TlsMaterial own = TlsMaterial.load(shown.get(), settings.get(key), null);
                return trustingAnybody(options).setKeyCertOptions(KeyCertOptions.wrap(own.keyManagerFactory()));
            }
            String name = nameOrNull == null ? "" : settings.get(nameOrNull);
            tls.follow(settings, certificate, key, authorities)
                    .ifPresent(live ->
                            live.applyTo(options, name.isEmpty() ? url.get().getHost() : name));
            return options;
        }
    }

    private static HttpClientOptions trustingAnybody(HttpClientOptions options) {
        return options.setTrustAll(true)
                .setVerifyHost(false)
                .setSslHandshakeTimeout(HANDSHAKE_SECONDS)
                .setSslHandshakeTimeoutUnit(TimeUnit.SECONDS);
    }

    /** Whether access is controlled at all. */
    public boolean controlled() {
        return !settings.get(AccessSettings.DISABLE_ACCESS_CONTROL);
    }

    /** {@link AccessControl} for one event loop, to be made on its context. */
    public Authorities authorities(Vertx vertx, Pipeline pipeline) {
        Clock clock = Clock.systemUTC();
        List<Runnable> closing = new ArrayList<>();
        Optional<VerificationKeys> keys = keys(vertx);
        keys.ifPresent(ours -> closing.add(ours::close));
        AppSpaces spaces = new AppSpaces(pipeline);
        Optional<Authority> firehose = settings.find(AccessSettings.UAA_HOST)
                .map(url -> uaa(client(vertx, Uaa.NAME, uaa, url, closing), FIREHOSE, clock))
                .or(() -> keys.map(ours -> tokens(ours, FIREHOSE, spaces)));
        Optional<Authority> allLogs = settings.find(GatewayAccessSettings.LOG_ADMIN_ADDR)
                .map(url -> logAdmin(client(vertx, Uaa.NAME, logAdmin, url, closing), clock))
                .or(() -> settings.find(AccessSettings.UAA_HOST)
                        .map(url -> uaa(client(vertx, Uaa.NAME, uaa, url, closing), Uaa.ALL_LOGS_SCOPES, clock)))
                .or(() -> keys.map(ours -> tokens(ours, Uaa.ALL_LOGS_SCOPES, spaces)));
        Optional<URI> api = settings.find(AccessSettings.API_HOST);
        Optional<RememberedAnswers> apps = api.map(url -> (Authority)
                        CloudController.apps(client(vertx, CloudController.NAME, cloudController, url, closing), clock))
                .or(() -> keys.map(ours -> tokens(ours, FIREHOSE, spaces)))
                .map(authority -> remembered(authority, clock));
        Optional<URI> logAccessUrl = settings.find(GatewayAccessSettings.LOG_ACCESS_ADDR);
        Optional<RememberedAnswers> gatewayApps = logAccessUrl
                .map(url -> (Authority)
                        CloudController.apps(client(vertx, CloudController.NAME, logAccess, url, closing), clock))
                .map(authority -> remembered(authority, clock))
                .or(() -> apps);
        Optional<Authority> serviceInstances = settings.find(GatewayAccessSettings.LOG_ACCESS_ADDR_EXTERNAL)
                .map(url -> CloudController.serviceInstances(
                        client(vertx, CloudController.NAME, services, url, closing), clock));
        return new Authorities(
                firehose.map(authority -> remembered(authority, clock)),
                apps,
                api.isPresent(),
                new GatewayAuthorities(
                        allLogs.map(authority -> remembered(authority, clock)),
                        gatewayApps,
                        serviceInstances.map(authority -> remembered(authority, clock)),
                        logAccessUrl.or(() -> api).isPresent(),
                        clock),
                keys,
                clock,
                () -> closing.forEach(Runnable::run));
    }

    private Authority uaa(AuthorityClient client, List<String> scopes, Clock clock) {
        Uaa.Ours ours = new Uaa.Ours(
                settings.get(AccessSettings.UAA_CLIENT),
                settings.get(AccessSettings.UAA_CLIENT_SECRET),
                AccessSettings.UAA_HOST.name(),
                AccessSettings.UAA_CLIENT.name() + " and " + AccessSettings.UAA_CLIENT_SECRET.name());
        return new Uaa(client, ours, scopes, clock);
    }

    private Authority logAdmin(AuthorityClient client, Clock clock) {
        Uaa.Ours ours = new Uaa.Ours(
                settings.get(GatewayAccessSettings.LOG_ADMIN_CLIENT_ID),
                settings.get(GatewayAccessSettings.LOG_ADMIN_CLIENT_SECRET),
                GatewayAccessSettings.LOG_ADMIN_ADDR.name(),
                GatewayAccessSettings.LOG_ADMIN_CLIENT_ID.name() + " and "
                        + GatewayAccessSettings.LOG_ADMIN_CLIENT_SECRET.name());
        return new Uaa(client, ours, Uaa.ALL_LOGS_SCOPES, clock);
    }

    private Authority tokens(VerificationKeys keys, List<String> scopes, AppSpaces spaces) {
        return new SignedTokens(keys, rules(), scopes, claims(), spaces);
    }

    private AuthorityClient client(
            Vertx vertx, String authority, HttpClientOptions options, URI url, List<Runnable> closing) {
        AuthorityClient client = client(vertx, authority, options, url);
        closing.add(client::close);
        return client;
    }

    private AuthorityClient client(Vertx vertx, String authority, HttpClientOptions options, URI url) {
        return new AuthorityClient(vertx, options, url, limits, () -> counters.waited(authority));
    }

    private Optional<VerificationKeys> keys(Vertx vertx) {
        return settings.find(AccessSettings.JWT_KEY_FILE)
                .map(file -> (VerificationKeys) new KeyFile(vertx, file, keysInFile, counters))
                .or(() -> settings.find(AccessSettings.JWT_JWKS_URL)
                        .map(url -> new KeyUrl(
                                vertx,
                                client(vertx, SignedTokens.NAME, jwks, url),
                                settings.get(AccessSettings.JWT_JWKS_REFRESH),
                                counters)));
    }

    private SignedTokens.Rules rules() {
        return new SignedTokens.Rules(
                AccessSettings.algorithms(settings.get(AccessSettings.JWT_ALGORITHMS)),
                settings.get(AccessSettings.JWT_ISSUER),
                settings.get(AccessSettings.JWT_AUDIENCE),
                settings.get(AccessSettings.JWT_CLOCK_SKEW));
    }

    private AppClaims claims() {
        return new AppClaims(
                settings.get(AccessSettings.JWT_APPS_CLAIM),
                settings.get(AccessSettings.JWT_SPACES_CLAIM),
                settings.get(AccessSettings.JWT_APP_SCOPE),
                settings.get(AccessSettings.JWT_ALL_APPS_SCOPE));
    }

    private RememberedAnswers remembered(Authority authority, Clock clock) {
        return new RememberedAnswers(
                authority,
                settings.get(AccessSettings.ACCESS_CACHE_TTL),
                settings.get(AccessSettings.ACCESS_CACHE_ENTRIES),
                counters,
                clock,
                SteadyClock::millis);
    }
}
