package io.loggregator.nozzles.runner;

import io.loggregator.node.settings.HostPort;
import io.loggregator.node.settings.Rules;
import io.loggregator.node.settings.Setting;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What every nozzle can be told: where to read from, as whom, and how. */
final class NozzleSettings {
    private static final int LONGEST_ID = 1024;
    private static final Set<String> SCHEMES = Set.of("ws", "wss", "http", "https");

    static final Setting<String> ADDRESS = Setting.text(
            "LOGGREGATOR_ADDR",
            null,
            "the Loggregator endpoint, such as wss://doppler.example.org:443, or the log stream, such as"
                    + " https://log-stream.example.org; ws:// and http:// are without TLS");
    static final Setting<URI> API = Setting.url(
            "CF_API_ADDR",
            "a Cloud Foundry API, which is asked for the Loggregator endpoint in place of LOGGREGATOR_ADDR");
    static final Setting<String> SUBSCRIPTION = Setting.text(
            "NOZZLE_SUBSCRIPTION_ID", null, "nozzles with the same id share the firehose; by default nozzle-NAME");
    static final Setting<String> APP =
            Setting.text("NOZZLE_APP_ID", null, "read this app's stream in place of the firehose");
    static final Setting<Integer> CONNECTIONS =
            Setting.integer("NOZZLE_CONNECTIONS", 1, 1, 64, "connections with the same subscription id");
    static final Setting<Long> BUFFER = Setting.bytes(
            "NOZZLE_BUFFER",
            8L << 20,
            64L << 10,
            1L << 30,
            "bytes that each connection may have received and not yet handled; beyond it the server keeps them");
    static final Setting<Path> CA_FILE =
            Setting.file("LOGGREGATOR_CA_FILE", "authorities to trust, in PEM; without it those that Java trusts");
    static final Setting<Path> CERT_FILE =
            Setting.file("LOGGREGATOR_CERT_FILE", "certificate chain to show to the server, in PEM");
    static final Setting<Path> KEY_FILE = Setting.file("LOGGREGATOR_KEY_FILE", "its private key, in PEM");
    static final Setting<Boolean> INSECURE = Setting.flag(
            "LOGGREGATOR_INSECURE_TRUST",
            false,
            "trust whoever answers, whatever its name; for a trial on one machine only");
    static final Setting<HostPort> PROXY =
            Setting.address("LOGGREGATOR_PROXY", "an HTTP proxy to go through, by its CONNECT method");
    static final Setting<String> PROXY_USER = Setting.text("LOGGREGATOR_PROXY_USER", null, "who it is to let through");
    static final Setting<String> PROXY_PASSWORD = Setting.text(
                    "LOGGREGATOR_PROXY_PASSWORD", null, "that user's password")
            .secret();
    static final Setting<String> TOKEN = Setting.text(
                    "LOGGREGATOR_TOKEN", null, "token to come with, with or without the word bearer")
            .secret();
    static final Setting<URI> UAA = Setting.url("UAA_ADDR", "UAA to get tokens from, and new ones before they expire");
    static final Setting<String> UAA_CLIENT =
            Setting.text("UAA_CLIENT_ID", null, "client with the authority doppler.firehose");
    static final Setting<String> UAA_SECRET =
            Setting.text("UAA_CLIENT_SECRET", null, "its secret").secret();
    static final Setting<String> UAA_REFRESH_TOKEN = Setting.text(
                    "UAA_REFRESH_TOKEN",
                    null,
                    "a user's refresh token, where the client acts for a user; its secret may then be empty")
            .secret();
    static final Setting<Duration> STATUS_INTERVAL = Setting.duration(
            "NOZZLE_STATUS_INTERVAL",
            Duration.ofMinutes(1),
            Duration.ofSeconds(1),
            Duration.ofDays(1),
            "how often a log line tells how it goes");
    static final Setting<Duration> STOP_TIMEOUT = Setting.duration(
            "STOP_TIMEOUT",
            Duration.ofSeconds(30),
            Duration.ofMillis(1),
            Duration.ofMinutes(10),
            "how long a stop may take, in which what was read is handled and acknowledged");

    private static final List<Setting<?>> SHARED = List.of(
            ADDRESS,
            API,
            SUBSCRIPTION,
            APP,
            CONNECTIONS,
            BUFFER,
            CA_FILE,
            CERT_FILE,
            KEY_FILE,
            INSECURE,
            PROXY,
            PROXY_USER,
            PROXY_PASSWORD,
            TOKEN,
            UAA,
            UAA_CLIENT,
            UAA_SECRET,
            UAA_REFRESH_TOKEN,
            STATUS_INTERVAL,
            STOP_TIMEOUT);

    private NozzleSettings() {}

    /** The nozzle's own settings, and then those that all have. */
    static List<Setting<?>> of(NozzleProgram program) {
        List<Setting<?>> all = new ArrayList<>(program.settings());
        all.addAll(SHARED);
        return List.copyOf(all);
    }

    static void rules(Rules rules) {
        if (rules.given(ADDRESS) == rules.given(API)) {
            rules.problem(ADDRESS, "given, or else " + API.name());
        }
        rules.find(ADDRESS)
                .filter(address -> !isEndpoint(address))
                .ifPresent(address ->
                        rules.problem(ADDRESS, "wss://HOST:PORT (or ws, https, http), with nothing behind it"));
        for (Setting<String> id : List.of(SUBSCRIPTION, APP)) {
            if (rules.find(id).filter(text -> !isId(text)).isPresent()) {
                rules.problem(id, "at most 1024 bytes in UTF-8, without a slash, and neither . nor ..");
            }
        }
        if (rules.given(SUBSCRIPTION) && rules.given(APP)) {
            rules.problem(SUBSCRIPTION, "not given together with " + APP.name());
        }
        if (rules.given(APP) && rules.find(CONNECTIONS).orElse(1) > 1) {
            rules.problem(CONNECTIONS, "1 with " + APP.name() + ": connections to an app's stream get the same each");
        }
        rules.together(CERT_FILE, KEY_FILE);
        rules.together(PROXY_USER, PROXY_PASSWORD);
        if (rules.given(PROXY_USER)) {
            rules.require(PROXY, PROXY_USER.name() + " is set");
        }
        rules.together(UAA, UAA_CLIENT);
        if (rules.given(UAA) && !rules.given(UAA_REFRESH_TOKEN)) {
            rules.require(UAA_SECRET, UAA.name() + " is set");
        }
        if (rules.given(TOKEN) && rules.given(UAA)) {
            rules.problem(TOKEN, "not given together with " + UAA.name());
        }
        if (rules.given(UAA_REFRESH_TOKEN) && !rules.given(UAA)) {
            rules.require(UAA, UAA_REFRESH_TOKEN.name() + " is set");
        }
        if (rules.on(INSECURE)) {
            if (rules.given(CA_FILE)) {
                rules.problem(INSECURE, "false where " + CA_FILE.name() + " is given");
            }
            rules.warn(INSECURE.name() + " is set: anybody on the way can read the token and the stream");
        }
    }

    /** What can be a part of a path. */
    private static boolean isId(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length <= LONGEST_ID
                && !text.contains("/")
                && !text.equals(".")
                && !text.equals("..");
    }

    private static boolean isEndpoint(String text) {
        try {
            URI address = URI.create(text);
            return address.getScheme() != null
                    && SCHEMES.contains(address.getScheme())
                    && address.getHost() != null
                    && address.getRawUserInfo() == null
                    && address.getRawQuery() == null
                    && address.getRawFragment() == null
                    && (address.getRawPath().isEmpty() || address.getRawPath().equals("/"));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
