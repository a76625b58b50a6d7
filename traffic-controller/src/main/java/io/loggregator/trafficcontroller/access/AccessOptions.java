package io.loggregator.trafficcontroller.access;

import com.nimbusds.jose.jwk.JWK;
import io.loggregator.node.settings.Setting;
import io.loggregator.node.settings.Settings;
import io.loggregator.node.tls.InvalidTlsMaterial;
import io.loggregator.node.tls.TlsMaterial;
import io.loggregator.node.tls.TlsWatch;
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

/** The authorities as configured, from which each event loop makes its own. Immutable. */
public final class AccessOptions {
    private static final long HANDSHAKE_SECONDS = 10;

    private final Settings settings;
    private final AccessCounters counters;
    private final Duration limit;
    private final HttpClientOptions uaa;
    private final HttpClientOptions cloudController;
    private final HttpClientOptions jwks;
    private final List<JWK> keysInFile;

    private AccessOptions(Settings settings, TlsWatch tls, AccessCounters counters, Duration limit)
            throws InvalidTlsMaterial, IOException {
        this.settings = settings;
        this.counters = counters;
        this.limit = limit;
        uaa = uaa(settings, tls);
        // As the Go release asks it: a connection for each question.
        cloudController = cloudController(settings, tls).setKeepAlive(false);
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
        return new AccessOptions(settings, tls, counters, AuthorityClient.LIMIT);
    }

    /** With another time limit for a question. */
    static AccessOptions load(Settings settings, TlsWatch tls, AccessCounters counters, Duration limit)
            throws InvalidTlsMaterial, IOException {
        return new AccessOptions(settings, tls, counters, limit);
    }

    private static HttpClientOptions uaa(Settings settings, TlsWatch tls) throws InvalidTlsMaterial {
        return settings.get(AccessSettings.SKIP_CERT_VERIFY)
                ? trustingAnybody(new HttpClientOptions())
                : trusting(settings, AccessSettings.UAA_HOST, AccessSettings.UAA_CA_CERT, tls);
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

    private static HttpClientOptions cloudController(Settings settings, TlsWatch tls) throws InvalidTlsMaterial {
        Optional<URI> url = settings.find(AccessSettings.API_HOST);
        Optional<Path> certificate = settings.find(AccessSettings.CC_CERT_FILE);
        HttpClientOptions options = new HttpClientOptions();
        if (url.isEmpty() || certificate.isEmpty()) {
            return options;
        }
        if (settings.get(AccessSettings.SKIP_CERT_VERIFY)) {
            TlsMaterial own = TlsMaterial.load(certificate.get(), settings.get(AccessSettings.CC_KEY_FILE), null);
            return trustingAnybody(options).setKeyCertOptions(KeyCertOptions.wrap(own.keyManagerFactory()));
        }
        String name = settings.get(AccessSettings.CC_SERVER_NAME);
        tls.follow(settings, AccessSettings.CC_CERT_FILE, AccessSettings.CC_KEY_FILE, AccessSettings.CC_CA_FILE)
                .ifPresent(
                        live -> live.applyTo(options, name.isEmpty() ? url.get().getHost() : name));
        return options;
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
