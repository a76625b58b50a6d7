package io.loggregator.doppler;

import io.loggregator.doppler.limit.RateLimits;
import io.loggregator.node.settings.HostName;
import io.loggregator.node.settings.HostPort;
import io.loggregator.node.settings.Rules;
import io.loggregator.node.settings.Setting;
import io.loggregator.node.settings.StopRule;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** The Doppler's settings. Names of the Go release keep their meaning. */
public final class DopplerSettings {
    private static final long MIB = 1 << 20;
    /** gRPC knows no age below a second, and agents are told well before their streams end. */
    private static final Duration LEAST_INGRESS_AGE = Duration.ofSeconds(2);

    public static final Setting<Integer> ROUTER_PORT =
            Setting.port("ROUTER_PORT", 8082, "gRPC, in and out; 0 = any free port");
    public static final Setting<Integer> DOPPLER_LINK_PORT =
            Setting.port("DOPPLER_LINK_PORT", 8083, "where Traffic Controllers connect; 0 = any free port");
    public static final Setting<String> DOPPLER_HOST =
            Setting.text("DOPPLER_HOST", "0.0.0.0", "address that the router, link and v1 ports are bound to");
    public static final Setting<Integer> DOPPLER_UDP_PORT = Setting.optionalPort(
            "DOPPLER_UDP_PORT",
            "v1 envelopes in UDP datagrams, 3457 in older releases; 0 = any free port; not given: no such port");
    public static final Setting<String> DOPPLER_SHARED_SECRET = Setting.text(
                    "DOPPLER_SHARED_SECRET", null, "the secret by which senders sign their datagrams (HMAC-SHA256)")
            .secret();
    public static final Setting<Boolean> DOPPLER_UDP_UNSIGNED = Setting.flag(
            "DOPPLER_UDP_UNSIGNED", false, "datagrams bear no signature, and anyone may send them; for trials only");
    public static final Setting<Long> DOPPLER_UDP_RECEIVE_BUFFER = Setting.bytes(
            "DOPPLER_UDP_RECEIVE_BUFFER",
            4 * MIB,
            64 * 1024,
            1024 * MIB,
            "bytes that the kernel may hold for each UDP socket, one an event loop; more than net.core.rmem_max it does"
                    + " not give");
    public static final Setting<Integer> DOPPLER_TCP_PORT = Setting.optionalPort(
            "DOPPLER_TCP_PORT",
            "framed v1 envelopes in plain text, 3458 in older releases; 0 = any free port; not given: no such port");
    public static final Setting<Boolean> DOPPLER_TCP_PLAINTEXT =
            Setting.flag("DOPPLER_TCP_PLAINTEXT", false, "permits DOPPLER_TCP_PORT beside TLS on the other ports");
    public static final Setting<Integer> DOPPLER_TLS_PORT = Setting.optionalPort(
            "DOPPLER_TLS_PORT",
            "framed v1 envelopes over mutual TLS, 3459 in older releases; 0 = any free port; not given: no such port");
    public static final Setting<Path> ROUTER_CERT_FILE = Setting.file(
            "ROUTER_CERT_FILE", "certificate chain (PEM) of this Doppler, for ingress, link and DOPPLER_TLS_PORT");
    public static final Setting<Path> ROUTER_KEY_FILE = Setting.file("ROUTER_KEY_FILE", "its private key (PEM)");
    public static final Setting<Path> ROUTER_CA_FILE =
            Setting.file("ROUTER_CA_FILE", "CA certificates (PEM) that agents and Traffic Controllers must come from");
    public static final Setting<Duration> TLS_RELOAD_INTERVAL = Setting.duration(
            "TLS_RELOAD_INTERVAL",
            Duration.ofSeconds(10),
            Duration.ZERO,
            Duration.ofDays(1),
            "how often certificate, key and CA files are looked at for changes; 0 = never");
    public static final Setting<List<String>> ROUTER_CLIENT_NAMES = Setting.names(
            "ROUTER_CLIENT_NAMES",
            "common or DNS names that the certificate of a client of the router port must have one of; none: any that"
                    + " the CA signed");
    public static final Setting<List<String>> ROUTER_EGRESS_CLIENT_NAMES = Setting.names(
            "ROUTER_EGRESS_CLIENT_NAMES",
            "those of them that may read at the router port, as the Go release's Traffic Controllers and RLPs do; none:"
                    + " those of DOPPLER_LINK_CLIENT_NAMES");
    public static final Setting<List<String>> DOPPLER_LINK_CLIENT_NAMES = Setting.names(
            "DOPPLER_LINK_CLIENT_NAMES",
            "common or DNS names that a Traffic Controller's certificate must have one of; none: any that the CA signed");
    public static final Setting<Boolean> LOGGREGATOR_INSECURE = Setting.flag(
            "LOGGREGATOR_INSECURE", false, "plain text on every listener of this process; for trials only");
    public static final Setting<Long> LOG_BYTES = Setting.bytes(
            "LOG_BYTES",
            64 * MIB,
            4 * MIB,
            1024 * 1024 * MIB,
            "memory for the log: how far a reader may fall behind before it loses envelopes; a quarter of it is for"
                    + " those who fall further behind, who lose the noisiest sources first");
    public static final Setting<Integer> DOPPLER_RECENT_LOGS = Setting.integer(
            "DOPPLER_RECENT_LOGS",
            100,
            0,
            100_000,
            "log lines kept of each source for recent logs, on each event loop that it comes in on; 0 = none");
    public static final Setting<Long> DOPPLER_RECENT_BYTES = Setting.bytes(
            "DOPPLER_RECENT_BYTES",
            64 * MIB,
            16 * MIB,
            16 * 1024 * MIB,
            "memory for recent logs and container metrics; the largest and oldest sources give way first");
    public static final Setting<Duration> DOPPLER_CONTAINER_METRIC_TTL = Setting.duration(
            "DOPPLER_CONTAINER_METRIC_TTL",
            Duration.ofSeconds(120),
            Duration.ofSeconds(1),
            Duration.ofDays(1),
            "age from which a container metric is no longer told");
    public static final Setting<Duration> DOPPLER_SOURCE_IDLE = Setting.duration(
            "DOPPLER_SOURCE_IDLE",
            Duration.ofSeconds(3600),
            Duration.ofSeconds(1),
            Duration.ofDays(30),
            "silence after which a source's recent logs are forgotten");
    public static final Setting<Long> DOPPLER_LINK_BUFFER = Setting.bytes(
            "DOPPLER_LINK_BUFFER",
            4 * MIB,
            256 * 1024,
            256 * MIB,
            "bytes that may wait to be written to one Traffic Controller; more waits in the log");
    public static final Setting<Integer> DOPPLER_EGRESS_STREAMS = Setting.integer(
            "DOPPLER_EGRESS_STREAMS",
            5_000,
            0,
            100_000,
            "streams and queries of readers at the router port at a time; more are refused");
    public static final Setting<Long> DOPPLER_EGRESS_BYTES = Setting.bytes(
            "DOPPLER_EGRESS_BYTES",
            32 * MIB,
            1 * MIB,
            16 * 1024 * MIB,
            "bytes that may wait to be written to all readers at the router port; more waits in the log");
    public static final Setting<Duration> LINK_PING_INTERVAL = Setting.duration(
            "LINK_PING_INTERVAL",
            Duration.ofSeconds(5),
            Duration.ofMillis(100),
            Duration.ofMinutes(5),
            "how often each end of a link pings; silent for three intervals means dead");
    public static final Setting<Duration> INGRESS_MAX_AGE = Setting.duration(
            "INGRESS_MAX_AGE",
            Duration.ofMinutes(10),
            Duration.ZERO,
            Duration.ofDays(365),
            "age at which an agent's connection has been ended, in a lull, so that agents spread over new Dopplers;"
                    + " 0 = never");
    public static final Setting<Long> INGRESS_PARTIAL_BYTES = Setting.bytes(
            "INGRESS_PARTIAL_BYTES",
            64 * MIB,
            16 * MIB,
            1024 * 1024 * MIB,
            "memory for gRPC messages to the router port that have come in part, all together, those of up to 16 KiB apart; when it is"
                    + " used up, of the connection with most of it the stream with the largest ends, or with the oldest if none has more"
                    + " than 256 KiB");
    public static final Setting<Path> RATE_LIMITS_FILE = Setting.file(
            "RATE_LIMITS_FILE",
            "how many log lines or bytes of them are taken in of a source, or of all with one value of a tag, a second"
                    + " (.yml or .properties; docs/operations.md); none: no limits");
    public static final Setting<Duration> RATE_LIMITS_RELOAD_INTERVAL = Setting.duration(
            "RATE_LIMITS_RELOAD_INTERVAL",
            Duration.ofSeconds(10),
            Duration.ZERO,
            Duration.ofDays(1),
            "how often RATE_LIMITS_FILE is looked at for changes; 0 = never");
    public static final Setting<Integer> DOPPLER_HEALTH_PORT = Setting.port(
            "DOPPLER_HEALTH_PORT",
            14825,
            "diagnostics: /health, /ready, /metrics, /ledger, /sources; 0 = any free port");
    public static final Setting<String> DOPPLER_HEALTH_HOST =
            Setting.text("DOPPLER_HEALTH_HOST", "127.0.0.1", "address that the diagnostics port is bound to");
    public static final Setting<Integer> EVENT_LOOPS = Setting.integer(
                    "EVENT_LOOPS",
                    Math.max(1, Runtime.getRuntime().availableProcessors() / 2),
                    1,
                    256,
                    "event loops, each with a log of its own")
            .withDefaultTold("half the processors");
    public static final Setting<Duration> STOP_TIMEOUT = Setting.duration(
            "STOP_TIMEOUT",
            Duration.ofSeconds(30),
            Duration.ZERO,
            Duration.ofMinutes(10),
            "how long a stop may take to hand over what readers have not had");
    public static final Setting<Duration> STOP_DELAY = Setting.duration(
            "STOP_DELAY",
            Duration.ZERO,
            Duration.ZERO,
            Duration.ofMinutes(5),
            "how long a stopping server, no longer ready, goes on taking envelopes in; part of STOP_TIMEOUT");

    public static final Setting<HostPort> AGENT_GRPC_ADDRESS = Setting.address(
            "AGENT_GRPC_ADDRESS",
            "the agent that this Doppler's own metrics are sent to (gRPC v2); none: straight into the stream");
    public static final Setting<Integer> ROUTER_METRIC_BATCH_INTERVAL_MILLISECONDS = Setting.integer(
            "ROUTER_METRIC_BATCH_INTERVAL_MILLISECONDS",
            5000,
            0,
            3_600_000,
            "how often this Doppler's own metrics are put into the stream; 0 = never");
    public static final Setting<String> ROUTER_METRIC_SOURCE_ID =
            Setting.text("ROUTER_METRIC_SOURCE_ID", "doppler", "source id of this Doppler's own metrics");
    public static final Setting<String> INSTANCE_ID = Setting.text(
                    "INSTANCE_ID",
                    HostName.own(),
                    "instance id of this server's own metrics, which tells servers of one role apart")
            .withDefaultTold("the host's name");

    private static final List<Setting<?>> OWN = List.of(
            ROUTER_PORT,
            DOPPLER_LINK_PORT,
            DOPPLER_HOST,
            DOPPLER_UDP_PORT,
            DOPPLER_SHARED_SECRET,
            DOPPLER_UDP_UNSIGNED,
            DOPPLER_UDP_RECEIVE_BUFFER,
            DOPPLER_TCP_PORT,
            DOPPLER_TCP_PLAINTEXT,
            DOPPLER_TLS_PORT,
            ROUTER_CERT_FILE,
            ROUTER_KEY_FILE,
            ROUTER_CA_FILE,
            ROUTER_CLIENT_NAMES,
            ROUTER_EGRESS_CLIENT_NAMES,
            DOPPLER_LINK_CLIENT_NAMES,
            TLS_RELOAD_INTERVAL,
            LOGGREGATOR_INSECURE,
            LOG_BYTES,
            DOPPLER_RECENT_LOGS,
            DOPPLER_RECENT_BYTES,
            DOPPLER_CONTAINER_METRIC_TTL,
            DOPPLER_SOURCE_IDLE,
            DOPPLER_LINK_BUFFER,
            DOPPLER_EGRESS_STREAMS,
            DOPPLER_EGRESS_BYTES,
            LINK_PING_INTERVAL,
            INGRESS_MAX_AGE,
            INGRESS_PARTIAL_BYTES,
            RATE_LIMITS_FILE,
            RATE_LIMITS_RELOAD_INTERVAL,
            DOPPLER_HEALTH_PORT,
            DOPPLER_HEALTH_HOST,
            EVENT_LOOPS,
            STOP_TIMEOUT,
            STOP_DELAY,
            AGENT_GRPC_ADDRESS,
            ROUTER_METRIC_BATCH_INTERVAL_MILLISECONDS,
            ROUTER_METRIC_SOURCE_ID,
            INSTANCE_ID,
            Setting.obsolete("INGRESS_BUFFER_SIZE", "the log is bounded in bytes, see LOG_BYTES"),
            Setting.obsolete("EGRESS_BUFFER_SIZE", "readers have no buffers of their own, see LOG_BYTES"),
            Setting.obsolete("ROUTER_CIPHER_SUITES", "TLS 1.3, and for TLS 1.2 the two GCM suites, are always offered"),
            Setting.obsolete("ROUTER_PPROF_PORT", "diagnostics are at DOPPLER_HEALTH_PORT"),
            Setting.obsolete("USE_RFC339", "log lines always carry RFC 3339 times"));

    /** All of them, in the order of the reference. */
    public static final List<Setting<?>> ALL =
            Stream.of(OWN, LimitSettings.ALL).flatMap(List::stream).toList();

    private DopplerSettings() {}

    /** The rules between settings. */
    public static void rules(Rules rules) {
        heapRule(rules);
        Duration age = rules.find(INGRESS_MAX_AGE).orElse(Duration.ZERO);
        if (!age.isZero() && age.compareTo(LEAST_INGRESS_AGE) < 0) {
            rules.problem(INGRESS_MAX_AGE, "0 for never, or at least " + LEAST_INGRESS_AGE.toSeconds() + "s");
        }
        StopRule.check(rules, STOP_DELAY, STOP_TIMEOUT);
        if (rules.given(ROUTER_CERT_FILE) && !rules.given(DOPPLER_LINK_CLIENT_NAMES)) {
            rules.warn("whoever has a certificate of ROUTER_CA_FILE, agents included, may read everything over the link"
                    + " and at the router port;"
                    + " DOPPLER_LINK_CLIENT_NAMES=trafficcontroller would let Traffic Controllers only");
        }
        rules.find(RATE_LIMITS_FILE)
                .map(RateLimits::problems)
                .orElse(List.of())
                .forEach(problem ->
                        rules.problem(RATE_LIMITS_FILE, "a file of limits, where this is as it should be: " + problem));
        v1Rules(rules);
        rules.together(ROUTER_CERT_FILE, ROUTER_KEY_FILE, ROUTER_CA_FILE);
        if (!rules.on(LOGGREGATOR_INSECURE)) {
            rules.require(
                    ROUTER_CERT_FILE,
                    "mutual TLS is required; LOGGREGATOR_INSECURE=true does without, for trials only");
        } else if (!rules.given(ROUTER_CERT_FILE)) {
            rules.warn("LOGGREGATOR_INSECURE=true: ingress and link are PLAIN TEXT, open to anyone who reaches them");
            for (Setting<?> names :
                    List.of(ROUTER_CLIENT_NAMES, ROUTER_EGRESS_CLIENT_NAMES, DOPPLER_LINK_CLIENT_NAMES)) {
                if (rules.given(names)) {
                    rules.problem(names, "not set, because without ROUTER_CERT_FILE there is no certificate to check");
                }
            }
        }
    }

    /** All that may fill up at once is to fit in the heap, beside what the rest takes. */
    private static void heapRule(Rules rules) {
        long heap = Runtime.getRuntime().maxMemory();
        long budgets = rules.find(LOG_BYTES).orElse(0L)
                + rules.find(DOPPLER_RECENT_BYTES).orElse(0L)
                + rules.find(DOPPLER_EGRESS_BYTES).orElse(0L);
        for (Setting<Integer> port : List.of(DOPPLER_TCP_PORT, DOPPLER_TLS_PORT)) {
            if (rules.find(port).isPresent()) {
                budgets += rules.find(LimitSettings.DOPPLER_FRAME_PARTIAL_BYTES).orElse(0L);
            }
        }
        if (budgets > heap / 5 * 4) {
            rules.problem(
                    LOG_BYTES,
                    "together with DOPPLER_RECENT_BYTES, DOPPLER_EGRESS_BYTES and, for each port of framed v1 envelopes,"
                            + " DOPPLER_FRAME_PARTIAL_BYTES at most four fifths of the heap, which is " + heap / MIB
                            + " MiB; LOGGREGATOR_JAVA_OPTS=-Xmx" + budgets / MIB * 3 / 2 + "m would fit");
        }
    }

    /** Nobody sends what anybody could send, unless the operator says so. */
    private static void v1Rules(Rules rules) {
        if (rules.find(DOPPLER_UDP_PORT).isPresent()) {
            if (rules.on(DOPPLER_UDP_UNSIGNED)) {
                rules.warn("DOPPLER_UDP_UNSIGNED=true: whoever reaches DOPPLER_UDP_PORT can send logs of ANY app");
                if (rules.given(DOPPLER_SHARED_SECRET)) {
                    rules.problem(
                            DOPPLER_UDP_UNSIGNED,
                            "not true beside DOPPLER_SHARED_SECRET: datagrams are signed or they are not");
                }
            } else {
                rules.require(
                        DOPPLER_SHARED_SECRET,
                        "DOPPLER_UDP_PORT is set; DOPPLER_UDP_UNSIGNED=true does without signatures, for trials only");
            }
        }
        if (rules.find(DOPPLER_TCP_PORT).isPresent()) {
            if (rules.on(LOGGREGATOR_INSECURE) || rules.on(DOPPLER_TCP_PLAINTEXT)) {
                rules.warn("DOPPLER_TCP_PORT is PLAIN TEXT: whoever reaches it can send logs of ANY app");
            } else {
                rules.problem(
                        DOPPLER_TCP_PORT,
                        "not set, because it is plain text for anyone; DOPPLER_TLS_PORT has TLS,"
                                + " DOPPLER_TCP_PLAINTEXT=true permits it nevertheless");
            }
        }
        if (rules.find(DOPPLER_TLS_PORT).isPresent()) {
            rules.require(ROUTER_CERT_FILE, "DOPPLER_TLS_PORT is set");
        }
    }
}
