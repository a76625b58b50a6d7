package io.loggregator.trafficcontroller.access;

import com.nimbusds.jose.jwk.JWK;
import io.loggregator.node.settings.Settings;
import io.loggregator.node.tls.InvalidTlsMaterial;
import io.loggregator.node.tls.TlsMaterial;
import io.loggregator.trafficcontroller.edge.AccessControl;
import io.loggregator.trafficcontroller.edge.Pipeline;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.net.KeyCertOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The authorities as configured, from which each event loop makes its own. Files are read once, here. Immutable. */
public final class AccessOptions {
    private static final long HANDSHAKE_SECONDS = 10;

    private final Settings settings;
    private final AccessCounters counters;
    private final Duration limit;
    private final HttpClientOptions uaa;
    private final HttpClientOptions cloudController;
    private final HttpClientOptions jwks;
    private final List<JWK> keysInFile;

    private AccessOptions(Settings settings, AccessCounters counters, Duration limit)
            throws InvalidTlsMaterial, IOException {
        this.settings = settings;
        this.counters = counters;
        this.limit = limit;
        uaa = uaa(settings);
        // As the Go release asks it: a connection for each question.
        cloudController = cloudController(settings).setKeepAlive(false);
        jwks = jwks(settings);
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
     * @throws InvalidTlsMaterial a certificate or key cannot be used
     * @throws IOException the keys for tokens cannot be read; the message names the setting
     */
    public static AccessOptions load(Settings settings, AccessCounters counters)
            throws InvalidTlsMaterial, IOException {
        return new AccessOptions(settings, counters, AuthorityClient.LIMIT);
    }

    /** With another time limit for a question. */
    static AccessOptions load(Settings settings, AccessCounters counters, Duration limit)
            throws InvalidTlsMaterial, IOException {
        return new AccessOptions(settings, counters, limit);
    }

    private static HttpClientOptions uaa(Settings settings) throws InvalidTlsMaterial {
        Optional<URI> url = settings.find(AccessSettings.UAA_HOST);
        HttpClientOptions options = new HttpClientOptions();
        if (settings.get(AccessSettings.SKIP_CERT_VERIFY)) {
            return trustingAnybody(options);
        }
        Optional<Path> ca = settings.find(AccessSettings.UAA_CA_CERT);
        return url.isPresent() && ca.isPresent()
                ? TlsMaterial.trusting(ca.get()).applyTo(options, url.get().getHost())
                : options;
    }

    private static HttpClientOptions cloudController(Settings settings) throws InvalidTlsMaterial {
        Optional<URI> url = settings.find(AccessSettings.API_HOST);
        Optional<Path> certificate = settings.find(AccessSettings.CC_CERT_FILE);
        HttpClientOptions options = new HttpClientOptions();
        if (url.isEmpty() || certificate.isEmpty()) {
            return options;
        }
        Path key = settings.get(AccessSettings.CC_KEY_FILE);
        if (settings.get(AccessSettings.SKIP_CERT_VERIFY)) {
            return trustingAnybody(options)
                    .setKeyCertOptions(KeyCertOptions.wrap(
                            TlsMaterial.load(certificate.get(), key, null).keyManagerFactory()));
        }
        String name = settings.get(AccessSettings.CC_SERVER_NAME);
        return TlsMaterial.load(certificate.get(), key, settings.get(AccessSettings.CC_CA_FILE))
                .applyTo(options, name.isEmpty() ? url.get().getHost() : name);
    }

    private static HttpClientOptions jwks(Settings settings) throws InvalidTlsMaterial {
        Optional<URI> url = settings.find(AccessSettings.JWT_JWKS_URL);
        Optional<Path> ca = settings.find(AccessSettings.JWT_CA_FILE);
        HttpClientOptions options = new HttpClientOptions();
        return url.isPresent() && ca.isPresent()
                ? TlsMaterial.trusting(ca.get()).applyTo(options, url.get().getHost())
                : options;
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
        Optional<Authority> tokens =
                keys.map(ours -> new SignedTokens(ours, rules(), claims(), new AppSpaces(pipeline)));
        Optional<Authority> firehose = settings.find(AccessSettings.UAA_HOST)
                .map(url -> {
                    AuthorityClient client = client(vertx, uaa, url, closing);
                    return (Authority) new Uaa(
                            client,
                            settings.get(AccessSettings.UAA_CLIENT),
                            settings.get(AccessSettings.UAA_CLIENT_SECRET),
                            List.of(Uaa.FIREHOSE_SCOPE),
                            clock);
                })
                .or(() -> tokens);
        Optional<URI> api = settings.find(AccessSettings.API_HOST);
        Optional<Authority> apps = api.map(
                        url -> (Authority) new CloudController(client(vertx, cloudController, url, closing), clock))
                .or(() -> tokens);
        return new Authorities(
                firehose.map(authority -> remembered(authority, clock)),
                apps.map(authority -> remembered(authority, clock)),
                api.isPresent(),
                keys,
                clock,
                () -> closing.forEach(Runnable::run));
    }

    private AuthorityClient client(Vertx vertx, HttpClientOptions options, URI url, List<Runnable> closing) {
        AuthorityClient client = new AuthorityClient(vertx, options, url, limit);
        closing.add(client::close);
        return client;
    }

    private Optional<VerificationKeys> keys(Vertx vertx) {
        return settings.find(AccessSettings.JWT_KEY_FILE)
                .map(file -> (VerificationKeys) new KeyFile(vertx, file, keysInFile))
                .or(() -> settings.find(AccessSettings.JWT_JWKS_URL)
                        .map(url -> new KeyUrl(
                                vertx,
                                new AuthorityClient(vertx, jwks, url, limit),
                                settings.get(AccessSettings.JWT_JWKS_REFRESH))));
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
                clock);
    }
}
