package io.loggregator.trafficcontroller.access;

import com.nimbusds.jose.JWSAlgorithm;
import io.loggregator.node.settings.Rules;
import io.loggregator.node.settings.Setting;
import io.loggregator.node.settings.Settings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The Traffic Controller's settings about who may read what. Names of the Go release keep their meaning. */
public final class AccessSettings {
    public static final Setting<Boolean> DISABLE_ACCESS_CONTROL = Setting.flag(
            "TRAFFIC_CONTROLLER_DISABLE_ACCESS_CONTROL", false, "everybody may read everything, without a token");
    static final Setting<URI> UAA_HOST = Setting.url(
            "TRAFFIC_CONTROLLER_UAA_HOST", "UAA, which is asked whether a token may read the firehose (check_token)");
    static final Setting<String> UAA_CLIENT =
            Setting.text("TRAFFIC_CONTROLLER_UAA_CLIENT", "doppler", "client id that UAA is asked with");
    static final Setting<String> UAA_CLIENT_SECRET = Setting.text(
                    "TRAFFIC_CONTROLLER_UAA_CLIENT_SECRET", null, "its secret")
            .secret();
    static final Setting<Path> UAA_CA_CERT =
            Setting.file("TRAFFIC_CONTROLLER_UAA_CA_CERT", "CA certificates (PEM) that UAA must come from");
    static final Setting<URI> API_HOST = Setting.url(
            "TRAFFIC_CONTROLLER_API_HOST", "Cloud Controller, which is asked who may see an app (log_access)");
    static final Setting<Path> CC_CERT_FILE = Setting.file(
            "CC_CERT_FILE", "certificate chain (PEM) that this Traffic Controller shows to the Cloud Controller");
    static final Setting<Path> CC_KEY_FILE = Setting.file("CC_KEY_FILE", "its private key (PEM)");
    static final Setting<Path> CC_CA_FILE =
            Setting.file("CC_CA_FILE", "CA certificates (PEM) that the Cloud Controller must come from");
    static final Setting<String> CC_SERVER_NAME = Setting.text(
            "CC_SERVER_NAME", "", "name that the Cloud Controller's certificate must have; empty: the host in the URL");
    static final Setting<Boolean> SKIP_CERT_VERIFY = Setting.flag(
            "TRAFFIC_CONTROLLER_SKIP_CERT_VERIFY", false, "do not check the certificates of UAA and Cloud Controller");
    static final Setting<URI> JWT_JWKS_URL = Setting.url(
            "JWT_JWKS_URL",
            "keys that tokens are signed with, such as UAA's /token_keys; tokens are checked here then");
    static final Setting<Path> JWT_CA_FILE =
            Setting.file("JWT_CA_FILE", "CA certificates (PEM) for JWT_JWKS_URL; without it, those that Java trusts");
    static final Setting<Path> JWT_KEY_FILE = Setting.file(
            "JWT_KEY_FILE", "the keys as a file instead: JWKS, or public keys in PEM; read again when it changes");
    static final Setting<Duration> JWT_JWKS_REFRESH = Setting.duration(
            "JWT_JWKS_REFRESH",
            Duration.ofMinutes(5),
            Duration.ofSeconds(1),
            Duration.ofDays(1),
            "how often the keys are fetched; an unknown key id has them fetched at once");
    static final Setting<String> JWT_ALGORITHMS =
            Setting.text("JWT_ALGORITHMS", "RS256", "algorithms that tokens may be signed with, separated by commas");
    static final Setting<String> JWT_ISSUER = Setting.text("JWT_ISSUER", "", "iss that tokens must have; empty: any");
    static final Setting<String> JWT_AUDIENCE =
            Setting.text("JWT_AUDIENCE", "", "aud that tokens must have among theirs; empty: any");
    static final Setting<Duration> JWT_CLOCK_SKEW = Setting.duration(
            "JWT_CLOCK_SKEW",
            Duration.ofSeconds(60),
            Duration.ZERO,
            Duration.ofMinutes(10),
            "how far the issuer's clock may differ");
    static final Setting<String> JWT_APPS_CLAIM =
            Setting.text("JWT_APPS_CLAIM", "apps", "claim with the ids of the apps that a token may see; empty: none");
    static final Setting<String> JWT_SPACES_CLAIM = Setting.text(
            "JWT_SPACES_CLAIM", "spaces", "claim with the ids of spaces whose apps a token may see; empty: none");
    static final Setting<String> JWT_APP_SCOPE =
            Setting.text("JWT_APP_SCOPE", "", "scope that lets see one app, such as logs.read.{app}; empty: none");
    static final Setting<String> JWT_ALL_APPS_SCOPE =
            Setting.text("JWT_ALL_APPS_SCOPE", "", "scope that lets see every app; empty: none");
    static final Setting<Duration> ACCESS_CACHE_TTL = Setting.duration(
            "ACCESS_CACHE_TTL",
            Duration.ofSeconds(5),
            Duration.ZERO,
            Duration.ofMinutes(10),
            "how long a yes is remembered, a no never is; 0 = not at all");
    static final Setting<Integer> ACCESS_CACHE_ENTRIES = Setting.integer(
            "ACCESS_CACHE_ENTRIES", 10_000, 1, 1_000_000, "answers that each event loop remembers, at most");
    public static final Setting<Duration> ACCESS_RECHECK_INTERVAL = Setting.duration(
            "ACCESS_RECHECK_INTERVAL",
            Duration.ZERO,
            Duration.ZERO,
            Duration.ofDays(1),
            "how often an open stream's access is checked again; it ends when access was taken away, not when the token"
                    + " has merely expired; 0 = never");
    private static final Setting<Integer> ACCESS_CONNECTIONS = Setting.integer(
            "ACCESS_CONNECTIONS",
            QuestionLimits.USUAL.connections(),
            1,
            10_000,
            "connections that each event loop opens to an authority, for one question at a time");
    private static final Setting<Integer> ACCESS_WAITING = Setting.integer(
            "ACCESS_WAITING",
            QuestionLimits.USUAL.waiting(),
            1,
            1_000_000,
            "questions that may wait for one; whoever wants to read when there are as many is refused");
    private static final Setting<Long> ACCESS_ANSWER_BYTES = Setting.bytes(
            "ACCESS_ANSWER_BYTES",
            QuestionLimits.USUAL.answerBytes(),
            1_024,
            16L << 20,
            "bytes that an authority's answer may have");
    private static final Setting<Duration> ACCESS_TIMEOUT = Setting.duration(
            "ACCESS_TIMEOUT",
            QuestionLimits.USUAL.patience(),
            Duration.ofMillis(100),
            Duration.ofMinutes(10),
            "how long a question may take, the wait for a connection included; then whoever wanted to read is refused");

    /** Those about tokens that are checked here, and about answers of authorities. */
    static final List<Setting<?>> TOKENS_AND_ANSWERS = List.of(
            JWT_JWKS_URL,
            JWT_CA_FILE,
            JWT_KEY_FILE,
            JWT_JWKS_REFRESH,
            JWT_ALGORITHMS,
            JWT_ISSUER,
            JWT_AUDIENCE,
            JWT_CLOCK_SKEW,
            JWT_APPS_CLAIM,
            JWT_SPACES_CLAIM,
            JWT_APP_SCOPE,
            JWT_ALL_APPS_SCOPE,
            ACCESS_CACHE_TTL,
            ACCESS_CACHE_ENTRIES,
            ACCESS_RECHECK_INTERVAL,
            ACCESS_CONNECTIONS,
            ACCESS_WAITING,
            ACCESS_ANSWER_BYTES,
            ACCESS_TIMEOUT);

    /** All of them, in the order of the reference. */
    public static final List<Setting<?>> ALL = Stream.of(
                    List.of(
                            DISABLE_ACCESS_CONTROL,
                            UAA_HOST,
                            UAA_CLIENT,
                            UAA_CLIENT_SECRET,
                            UAA_CA_CERT,
                            API_HOST,
                            CC_CERT_FILE,
                            CC_KEY_FILE,
                            CC_CA_FILE,
                            CC_SERVER_NAME,
                            SKIP_CERT_VERIFY),
                    TOKENS_AND_ANSWERS,
                    GatewayAccessSettings.ALL)
            .<Setting<?>>flatMap(List::stream)
            .toList();

    private AccessSettings() {}

    /** What questions to an authority may cost. */
    static QuestionLimits questions(Settings settings) {
        return new QuestionLimits(
                settings.get(ACCESS_CONNECTIONS),
                settings.get(ACCESS_WAITING),
                Math.toIntExact(settings.get(ACCESS_ANSWER_BYTES)),
                settings.get(ACCESS_TIMEOUT));
    }

    /**
     * The rules between settings: exactly one authority for the firehose and one for apps.
     *
     * @param insecure whether the process may speak plain text
     */
    public static void rules(Rules rules, boolean insecure) {
        if (rules.on(DISABLE_ACCESS_CONTROL)) {
            rules.warn("TRAFFIC_CONTROLLER_DISABLE_ACCESS_CONTROL=true: EVERYBODY may read everything");
            return;
        }
        boolean jwt = rules.given(JWT_JWKS_URL) || rules.given(JWT_KEY_FILE);
        if (!rules.given(UAA_HOST) && !rules.given(API_HOST) && !jwt) {
            rules.problem(
                    DISABLE_ACCESS_CONTROL,
                    "true, or an authority: TRAFFIC_CONTROLLER_UAA_HOST and TRAFFIC_CONTROLLER_API_HOST, or JWT_JWKS_URL or"
                            + " JWT_KEY_FILE; without one nobody could read anything");
            return;
        }
        oneOf(rules, UAA_HOST, JWT_JWKS_URL, "both would decide about the firehose");
        oneOf(rules, UAA_HOST, JWT_KEY_FILE, "both would decide about the firehose");
        oneOf(rules, API_HOST, JWT_APP_SCOPE, "both would decide about apps");
        oneOf(rules, API_HOST, JWT_ALL_APPS_SCOPE, "both would decide about apps");
        if (rules.given(UAA_HOST)) {
            rules.require(UAA_CLIENT_SECRET, "TRAFFIC_CONTROLLER_UAA_HOST is set");
        }
        rules.together(CC_CERT_FILE, CC_KEY_FILE);
        boolean verify = !rules.on(SKIP_CERT_VERIFY);
        rules.find(UAA_HOST).filter(AccessSettings::isTls).ifPresent(url -> {
            if (verify) {
                rules.require(UAA_CA_CERT, "TRAFFIC_CONTROLLER_UAA_HOST is set");
            }
        });
        rules.find(API_HOST).filter(AccessSettings::isTls).ifPresent(url -> {
            rules.require(CC_CERT_FILE, "TRAFFIC_CONTROLLER_API_HOST is set");
            if (verify) {
                rules.require(CC_CA_FILE, "TRAFFIC_CONTROLLER_API_HOST is set");
            }
        });
        for (Setting<URI> url : List.of(UAA_HOST, API_HOST, JWT_JWKS_URL)) {
            requireTls(rules, url, insecure);
        }
        if (!verify) {
            rules.warn("TRAFFIC_CONTROLLER_SKIP_CERT_VERIFY=true: tokens go to ANYBODY who answers for UAA or the Cloud"
                    + " Controller");
        }
        if (!rules.given(UAA_HOST) && !jwt) {
            rules.warn("no authority for the firehose: everybody is refused there (TRAFFIC_CONTROLLER_UAA_HOST,"
                    + " JWT_JWKS_URL or JWT_KEY_FILE)");
        }
        if (!rules.given(API_HOST) && !jwt) {
            rules.warn("no authority for apps: everybody is refused there (TRAFFIC_CONTROLLER_API_HOST, JWT_JWKS_URL or"
                    + " JWT_KEY_FILE)");
        }
        GatewayAccessSettings.rules(rules, verify, insecure);
        if (rules.given(GatewayAccessSettings.LOG_ACCESS_ADDR_EXTERNAL)
                && !rules.given(GatewayAccessSettings.LOG_ACCESS_ADDR)
                && !rules.given(API_HOST)) {
            rules.problem(
                    GatewayAccessSettings.LOG_ACCESS_ADDR_EXTERNAL,
                    "set together with LOG_ACCESS_ADDR or TRAFFIC_CONTROLLER_API_HOST, which is asked first");
        }
        tokens(rules);
    }

    /** The rules about what tokens are like. */
    static void tokens(Rules rules) {
        oneOf(rules, JWT_JWKS_URL, JWT_KEY_FILE, "keys come from one place");
        rules.find(JWT_ALGORITHMS).filter(text -> algorithms(text).isEmpty()).ifPresent(bad -> {
            rules.problem(JWT_ALGORITHMS, "some of " + ALGORITHMS + ", separated by commas");
        });
        rules.find(JWT_APP_SCOPE)
                .filter(scope -> !scope.isEmpty() && !scope.contains(AppClaims.PLACE))
                .ifPresent(bad -> rules.problem(
                        JWT_APP_SCOPE,
                        "a scope with " + AppClaims.PLACE + " in the place of the app's id; for all apps there is"
                                + " JWT_ALL_APPS_SCOPE"));
    }

    /** Asymmetric ones; with a symmetric one, everybody who can check a token could sign one. */
    private static final String ALGORITHMS = "RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512";

    /** The algorithms named; empty if there is none, or one that is not permitted. */
    static Set<JWSAlgorithm> algorithms(String text) {
        Set<String> permitted = Set.of(ALGORITHMS.split(", "));
        Set<String> named =
                Arrays.stream(text.split(",")).map(String::strip).collect(Collectors.toCollection(LinkedHashSet::new));
        return permitted.containsAll(named)
                ? named.stream().map(JWSAlgorithm::parse).collect(Collectors.toSet())
                : Set.of();
    }

    static void requireTls(Rules rules, Setting<URI> url, boolean insecure) {
        if (!insecure && rules.find(url).filter(given -> !isTls(given)).isPresent()) {
            rules.problem(url, "an https URL; LOGGREGATOR_INSECURE=true does without TLS, for trials only");
        }
    }

    static boolean isTls(URI url) {
        return url.getScheme().equals("https");
    }

    private static void oneOf(Rules rules, Setting<?> one, Setting<?> other, String because) {
        if (rules.given(one) && rules.given(other)) {
            rules.problem(one, "not set together with " + other.name() + ", because " + because);
        }
    }
}
