package io.loggregator.trafficcontroller;

import io.loggregator.node.settings.HostName;
import io.loggregator.node.settings.HostPort;
import io.loggregator.node.settings.Network;
import io.loggregator.node.settings.Rules;
import io.loggregator.node.settings.Setting;
import io.loggregator.node.settings.StopRule;
import io.loggregator.trafficcontroller.access.AccessSettings;
import io.loggregator.trafficcontroller.edge.ProxyProtocol;
import io.loggregator.trafficcontroller.upstream.AddressLookup;
import io.loggregator.trafficcontroller.upstream.NamedTwice;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The Traffic Controller's settings. Names of the Go release keep their meaning. */
public final class TrafficControllerSettings {
    private static final long MIB = 1 << 20;

    public static final Setting<Integer> OUTGOING_PORT = Setting.port(
            "TRAFFIC_CONTROLLER_OUTGOING_DROPSONDE_PORT",
            8081,
            "the Loggregator port, where clients connect; 0 = any free port");
    public static final Setting<String> TRAFFIC_CONTROLLER_HOST =
            Setting.text("TRAFFIC_CONTROLLER_HOST", "0.0.0.0", "address that the Loggregator port is bound to");
    public static final Setting<Path> OUTGOING_CERT_FILE =
            Setting.file("TRAFFIC_CONTROLLER_OUTGOING_CERT_FILE", "certificate chain (PEM) that clients see");
    public static final Setting<Path> OUTGOING_KEY_FILE =
            Setting.file("TRAFFIC_CONTROLLER_OUTGOING_KEY_FILE", "its private key (PEM)");
    public static final Setting<HostPort> GATEWAY_ADDR = Setting.listen(
            "GATEWAY_ADDR",
            ":8088",
            "address of the gateway port, /v2/read (server-sent events); port 0 = any free port");
    public static final Setting<Path> HTTP_CERT_PATH = Setting.file(
            "HTTP_CERT_PATH",
            "certificate chain (PEM) that clients of the gateway see; without it TRAFFIC_CONTROLLER_OUTGOING_CERT_FILE");
    public static final Setting<Path> HTTP_KEY_PATH = Setting.file("HTTP_KEY_PATH", "its private key (PEM)");
    public static final Setting<Duration> STREAM_TIMEOUT = Setting.duration(
            "STREAM_TIMEOUT",
            Duration.ZERO,
            Duration.ZERO,
            Duration.ofDays(7),
            "after which the gateway closes a stream, however it goes (14m in the Go release); 0 = never");
    public static final Setting<List<HostPort>> DOPPLER_LINK_ADDRS = Setting.addresses(
            "DOPPLER_LINK_ADDRS",
            null,
            "link ports of the Dopplers; a name may stand for many addresses and is looked up again and again; required"
                    + " unless ROUTER_ADDRS is set");
    public static final Setting<List<HostPort>> ROUTER_ADDRS = Setting.addresses(
            "ROUTER_ADDRS",
            null,
            "gRPC ports of Dopplers that have no link, as those of the Go release; looked up as DOPPLER_LINK_ADDRS; no"
                    + " Doppler may be in both");
    public static final Setting<Duration> DOPPLER_LOOKUP_INTERVAL = Setting.duration(
            "DOPPLER_LOOKUP_INTERVAL",
            Duration.ofSeconds(3),
            Duration.ofMillis(100),
            Duration.ofHours(1),
            "how often the names in DOPPLER_LINK_ADDRS and ROUTER_ADDRS are looked up");
    public static final Setting<Path> ROUTER_CERT_FILE =
            Setting.file("ROUTER_CERT_FILE", "certificate chain (PEM) that this Traffic Controller shows to Dopplers");
    public static final Setting<Path> ROUTER_KEY_FILE = Setting.file("ROUTER_KEY_FILE", "its private key (PEM)");
    public static final Setting<Path> ROUTER_CA_FILE =
            Setting.file("ROUTER_CA_FILE", "CA certificates (PEM) that Dopplers must come from");
    public static final Setting<Integer> RLP_PORT = Setting.port(
            "RLP_PORT", 8084, "gRPC v2 egress (loggregator.v2.Egress), over mutual TLS; 0 = any free port");
    public static final Setting<Path> RLP_CERT_FILE = Setting.file(
            "RLP_CERT_FILE",
            "certificate chain (PEM) of the RLP port; clients look for the name reverselogproxy in it. Default: that of"
                    + " ROUTER_CERT_FILE");
    public static final Setting<Path> RLP_KEY_FILE = Setting.file("RLP_KEY_FILE", "its private key (PEM)");
    public static final Setting<Path> RLP_CA_FILE =
            Setting.file("RLP_CA_FILE", "CA certificates (PEM) that clients of the RLP port must come from");
    public static final Setting<List<String>> RLP_CLIENT_NAMES = Setting.names(
            "RLP_CLIENT_NAMES",
            "common or DNS names that a certificate of the RLP port's clients must have one of; none: any that the CA"
                    + " signed");
    public static final Setting<Integer> MAX_EGRESS_STREAMS = Setting.integer(
            "MAX_EGRESS_STREAMS",
            500,
            1,
            1_000_000,
            "streams open at the same time on the RLP port; one more is refused with RESOURCE_EXHAUSTED");
    public static final Setting<String> DOPPLER_SERVER_NAME =
            Setting.text("DOPPLER_SERVER_NAME", "doppler", "name that Dopplers' certificates must have");
    public static final Setting<Duration> TLS_RELOAD_INTERVAL = Setting.duration(
            "TLS_RELOAD_INTERVAL",
            Duration.ofSeconds(10),
            Duration.ZERO,
            Duration.ofDays(1),
            "how often certificate, key and CA files are looked at for changes; 0 = never");
    public static final Setting<Boolean> LOGGREGATOR_INSECURE = Setting.flag(
            "LOGGREGATOR_INSECURE", false, "plain text on every listener and link of this process; for trials only");
    public static final Setting<String> SYSTEM_DOMAIN = Setting.text(
            "TRAFFIC_CONTROLLER_SYSTEM_DOMAIN", "", "the platform's domain; /set-cookie sets cookies for doppler.{it}");
    public static final Setting<Duration> FIREHOSE_GRACE = Setting.duration(
            "FIREHOSE_GRACE",
            Duration.ofSeconds(30),
            Duration.ZERO,
            Duration.ofHours(1),
            "how long a subscription waits for a client to come back and go on where it was; 0 = not at all."
                    + " A Doppler whose link broke is told as lost after it, or after 5 s if it is shorter");
    public static final Setting<Integer> FIREHOSE_GROUPS =
            Setting.integer("FIREHOSE_GROUPS", 1_000, 0, 100_000, "subscriptions that wait at the same time, at most");
    public static final Setting<Integer> MAX_STREAMS = Setting.integer(
            "MAX_STREAMS",
            10_000,
            1,
            1_000_000,
            "firehoses and app streams open at the same time, and as many streams of the gateway; one more is a 503");
    public static final Setting<Duration> SLOW_CONSUMER_TIMEOUT = Setting.duration(
            "SLOW_CONSUMER_TIMEOUT",
            Duration.ofSeconds(5),
            Duration.ofSeconds(1),
            Duration.ofHours(1),
            "time without any progress after which a client with data waiting is closed");
    public static final Setting<Long> LOG_BYTES = Setting.bytes(
            "LOG_BYTES",
            32 * MIB,
            4 * MIB,
            1024 * 1024 * MIB,
            "memory for the log that slow app streams catch up from; a quarter of it is for those that are later than the"
                    + " rest holds, who lose what the noisiest apps wrote first");
    public static final Setting<Long> EGRESS_BYTES = Setting.bytes(
            "EGRESS_BYTES",
            64 * MIB,
            4 * MIB,
            1024 * 1024 * MIB,
            "batches that may wait for firehose clients and readers of v2, all together; more waits at the Dopplers");
    public static final Setting<Duration> LINK_PING_INTERVAL = Setting.duration(
            "LINK_PING_INTERVAL",
            Duration.ofSeconds(5),
            Duration.ofMillis(100),
            Duration.ofMinutes(5),
            "how often each end of a link pings; silent for three intervals means dead");
    public static final Setting<List<Network>> TRUSTED_PROXIES = Setting.networks(
            "TRUSTED_PROXIES",
            "load balancers that are believed who their clients are, by X-Forwarded-For and X-Forwarded-Proto or by the"
                    + " PROXY protocol; nobody else is");
    public static final Setting<ProxyProtocol> PROXY_PROTOCOL = Setting.choice(
            "PROXY_PROTOCOL",
            ProxyProtocol.OFF,
            "the PROXY protocol, version 1 or 2, on the Loggregator and the gateway port, before TLS; accept: connections of"
                    + " TRUSTED_PROXIES may begin with its header; require: all must, and come from there");
    public static final Setting<Path> SECURITY_EVENT_LOG = Setting.fileToWrite(
            "TRAFFIC_CONTROLLER_SECURITY_EVENT_LOG",
            "file that a line in the Common Event Format is appended to for each request; may be renamed or removed at"
                    + " any time, and is then made again");
    public static final Setting<String> TRAFFIC_CONTROLLER_IP =
            Setting.text("TRAFFIC_CONTROLLER_IP", null, "this server's address, as the security event log names it");
    public static final Setting<Integer> HEALTH_PORT = Setting.port(
            "TRAFFIC_CONTROLLER_HEALTH_PORT",
            14826,
            "diagnostics: /health, /ready, /metrics, /ledger; 0 = any free port");
    public static final Setting<String> HEALTH_HOST = Setting.text(
            "TRAFFIC_CONTROLLER_HEALTH_HOST", "127.0.0.1", "address that the diagnostics port is bound to");
    public static final Setting<Integer> EVENT_LOOPS = Setting.integer(
                    "EVENT_LOOPS",
                    Math.max(1, Runtime.getRuntime().availableProcessors() / 2),
                    1,
                    256,
                    "event loops, each with links of its own")
            .withDefaultTold("half the processors");
    public static final Setting<Duration> STOP_TIMEOUT = Setting.duration(
            "STOP_TIMEOUT",
            Duration.ofSeconds(30),
            Duration.ofMillis(100),
            Duration.ofMinutes(10),
            "how long a stop may take");
    public static final Setting<Duration> STOP_DELAY = Setting.duration(
            "STOP_DELAY",
            Duration.ZERO,
            Duration.ZERO,
            Duration.ofMinutes(5),
            "how long a stopping server, no longer ready, goes on serving, so that load balancers notice; part of"
                    + " STOP_TIMEOUT");

    public static final Setting<HostPort> AGENT_GRPC_ADDRESS = Setting.address(
            "AGENT_GRPC_ADDRESS",
            "the agent that this Traffic Controller's own metrics are sent to (gRPC v2); none: straight into the stream,"
                    + " by way of a Doppler");
    public static final Setting<Duration> METRIC_EMITTER_INTERVAL = Setting.duration(
            "TRAFFIC_CONTROLLER_METRIC_EMITTER_INTERVAL",
            Duration.ofMinutes(1),
            Duration.ZERO,
            Duration.ofDays(1),
            "how often own metrics about v1 clients are put into the stream; 0 = never");
    public static final Setting<Duration> RLP_METRIC_EMITTER_INTERVAL = Setting.duration(
            "RLP_METRIC_EMITTER_INTERVAL",
            Duration.ofMinutes(1),
            Duration.ZERO,
            Duration.ofDays(1),
            "how often own metrics about readers of v2 are put into the stream; 0 = never");
    public static final Setting<String> RLP_METRIC_SOURCE_ID =
            Setting.text("RLP_METRIC_SOURCE_ID", "reverse_log_proxy", "source id of own metrics about readers of v2");
    public static final Setting<String> INSTANCE_ID = Setting.text(
                    "INSTANCE_ID",
                    HostName.own(),
                    "instance id of this server's own metrics, which tells servers of one role apart")
            .withDefaultTold("the host's name");

    private static final List<Setting<?>> OWN = List.of(
            OUTGOING_PORT,
            TRAFFIC_CONTROLLER_HOST,
            OUTGOING_CERT_FILE,
            OUTGOING_KEY_FILE,
            GATEWAY_ADDR,
            HTTP_CERT_PATH,
            HTTP_KEY_PATH,
            STREAM_TIMEOUT,
            DOPPLER_LINK_ADDRS,
            ROUTER_ADDRS,
            DOPPLER_LOOKUP_INTERVAL,
            ROUTER_CERT_FILE,
            ROUTER_KEY_FILE,
            ROUTER_CA_FILE,
            DOPPLER_SERVER_NAME,
            RLP_PORT,
            RLP_CERT_FILE,
            RLP_KEY_FILE,
            RLP_CA_FILE,
            RLP_CLIENT_NAMES,
            MAX_EGRESS_STREAMS,
            TLS_RELOAD_INTERVAL,
            LOGGREGATOR_INSECURE,
            SYSTEM_DOMAIN,
            FIREHOSE_GRACE,
            FIREHOSE_GROUPS,
            MAX_STREAMS,
            SLOW_CONSUMER_TIMEOUT,
            LOG_BYTES,
            EGRESS_BYTES,
            LINK_PING_INTERVAL,
            TRUSTED_PROXIES,
            PROXY_PROTOCOL,
            SECURITY_EVENT_LOG,
            TRAFFIC_CONTROLLER_IP,
            HEALTH_PORT,
            HEALTH_HOST,
            EVENT_LOOPS,
            STOP_TIMEOUT,
            STOP_DELAY,
            AGENT_GRPC_ADDRESS,
            METRIC_EMITTER_INTERVAL,
            RLP_METRIC_EMITTER_INTERVAL,
            RLP_METRIC_SOURCE_ID,
            INSTANCE_ID,
            Setting.obsolete("TRAFFIC_CONTROLLER_PPROF_PORT", "diagnostics are at TRAFFIC_CONTROLLER_HEALTH_PORT"),
            Setting.obsolete("USE_RFC339", "log lines always carry RFC 3339 times"));

    /** All of them, in the order of the reference. */
    public static final List<Setting<?>> ALL = Stream.of(OWN, LimitSettings.ALL, AccessSettings.ALL)
            .flatMap(List::stream)
            .toList();

    private TrafficControllerSettings() {}

    /** The rules between settings. */
    public static void rules(Rules rules) {
        StopRule.check(rules, STOP_DELAY, STOP_TIMEOUT);
        heap(rules, List.of(LOG_BYTES, EGRESS_BYTES));
        rules.together(OUTGOING_CERT_FILE, OUTGOING_KEY_FILE);
        rules.together(HTTP_CERT_PATH, HTTP_KEY_PATH);
        rules.together(ROUTER_CERT_FILE, ROUTER_KEY_FILE, ROUTER_CA_FILE);
        rules.together(RLP_CERT_FILE, RLP_KEY_FILE, RLP_CA_FILE);
        if (!rules.on(LOGGREGATOR_INSECURE)) {
            String because = "TLS is required; LOGGREGATOR_INSECURE=true does without, for trials only";
            rules.require(OUTGOING_CERT_FILE, because);
            rules.require(ROUTER_CERT_FILE, "mutual " + because);
        } else if (!rules.given(OUTGOING_CERT_FILE) || !rules.given(ROUTER_CERT_FILE)) {
            rules.warn("LOGGREGATOR_INSECURE=true: PLAIN TEXT, open to anyone who reaches it: " + plain(rules));
        }
        rlpClients(rules, rules.on(LOGGREGATOR_INSECURE));
        dopplers(rules);
        proxies(rules);
        securityEvents(rules);
        AccessSettings.rules(rules, rules.on(LOGGREGATOR_INSECURE));
    }

    /** Rendered batches wait outside the heap, in memory that the JVM limits to the same size. */
    static void heap(Rules rules, List<Setting<Long>> budgets) {
        long heap = Runtime.getRuntime().maxMemory();
        budgets.stream()
                .max(Comparator.comparingLong(budget -> rules.find(budget).orElse(0L)))
                .ifPresent(budget -> {
                    long largest = rules.find(budget).orElse(0L);
                    if (largest > heap / 4 * 3) {
                        rules.problem(
                                budget,
                                "at most three quarters of the heap, which is " + heap / MIB
                                        + " MiB; LOGGREGATOR_JAVA_OPTS=-Xmx" + largest / MIB * 2 + "m would fit");
                    }
                });
    }

    /** The rules about who may read at the RLP port. */
    static void rlpClients(Rules rules, boolean insecure) {
        if (encryptsRlp(rules) && !rules.given(RLP_CLIENT_NAMES)) {
            rules.warn("whoever has a certificate of " + (rules.given(RLP_CERT_FILE) ? RLP_CA_FILE : ROUTER_CA_FILE)
                    + ", agents included, may read everything on the RLP port; RLP_CLIENT_NAMES would let only those in"
                    + " that it names");
        }
        if (insecure && !encryptsRlp(rules) && rules.given(RLP_CLIENT_NAMES)) {
            rules.problem(
                    RLP_CLIENT_NAMES,
                    "not set, because without RLP_CERT_FILE or ROUTER_CERT_FILE there is no certificate to check");
        }
    }

    /** The rules about where Dopplers are. */
    static void dopplers(Rules rules) {
        if (!rules.given(ROUTER_ADDRS)) {
            rules.require(DOPPLER_LINK_ADDRS, "ROUTER_ADDRS is not set either");
        }
        NamedTwice.find(
                        rules.find(DOPPLER_LINK_ADDRS).orElse(List.of()),
                        rules.find(ROUTER_ADDRS).orElse(List.of()),
                        AddressLookup.Resolver.SYSTEM)
                .ifPresent(which -> rules.problem(
                        ROUTER_ADDRS,
                        "no Doppler that is in DOPPLER_LINK_ADDRS, too, or everything would come twice: " + which
                                + " one host; leave it out of one of the two settings (if these are two Dopplers on one"
                                + " machine, give each an address of its own, such as 127.0.0.2)"));
    }

    private static boolean encryptsRlp(Rules rules) {
        return rules.given(RLP_CERT_FILE) || rules.given(ROUTER_CERT_FILE);
    }

    private static String plain(Rules rules) {
        List<String> plain = new ArrayList<>();
        if (!rules.given(OUTGOING_CERT_FILE)) {
            plain.add("the Loggregator port");
            if (!rules.given(HTTP_CERT_PATH)) {
                plain.add("the gateway port");
            }
        }
        if (!rules.given(ROUTER_CERT_FILE)) {
            plain.add("the links to Dopplers");
        }
        if (!encryptsRlp(rules)) {
            plain.add("the RLP port");
        }
        return String.join(", ", plain);
    }

    /** The rules about what stands in front of ports for HTTP. */
    static void proxies(Rules rules) {
        ProxyProtocol mode = rules.find(PROXY_PROTOCOL).orElse(ProxyProtocol.OFF);
        if (mode != ProxyProtocol.OFF) {
            rules.require(
                    TRUSTED_PROXIES,
                    "PROXY_PROTOCOL is " + mode.name().toLowerCase(Locale.ROOT)
                            + ", and only trusted proxies may use it");
        }
    }

    private static void securityEvents(Rules rules) {
        if (rules.given(SECURITY_EVENT_LOG)) {
            rules.require(TRAFFIC_CONTROLLER_IP, "TRAFFIC_CONTROLLER_SECURITY_EVENT_LOG is set");
        }
        rules.find(TRAFFIC_CONTROLLER_IP)
                .filter(address -> Network.address(address).isEmpty())
                .ifPresent(address -> rules.problem(TRAFFIC_CONTROLLER_IP, "an IPv4 or IPv6 address"));
    }
}
