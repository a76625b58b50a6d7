package io.loggregator.trafficcontroller;

import io.loggregator.node.settings.HostPort;
import io.loggregator.node.settings.Rules;
import io.loggregator.node.settings.Setting;
import io.loggregator.node.settings.Settings.Alias;
import io.loggregator.node.settings.StopRule;
import io.loggregator.trafficcontroller.access.RlpAccessSettings;
import io.loggregator.trafficcontroller.edge.ProxyProtocol;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The settings of a Traffic Controller that serves nothing but v2: in place of a Reverse Log Proxy of the Go release, and of
 * its gateway, by whose names it has them.
 */
public final class RlpSettings {
    private static final Setting<Integer> RLP_PORT = Setting.port(
            "RLP_PORT", 8082, "gRPC v2 egress (loggregator.v2.Egress), over mutual TLS; 0 = any free port");
    public static final Setting<String> RLP_HOST =
            Setting.text("RLP_HOST", "0.0.0.0", "address that the RLP port is bound to");
    private static final Setting<Path> RLP_CERT_FILE = TrafficControllerSettings.RLP_CERT_FILE.withHelp(
            "certificate chain (PEM) of the RLP port; clients look for the name reverselogproxy in it. Dopplers and the"
                    + " agent are shown it, too, unless ROUTER_CERT_FILE is set");
    private static final Setting<Path> RLP_CA_FILE = TrafficControllerSettings.RLP_CA_FILE.withHelp(
            "CA certificates (PEM) that clients of the RLP port must come from, and Dopplers unless ROUTER_CA_FILE is set");
    private static final Setting<Path> ROUTER_CERT_FILE = TrafficControllerSettings.ROUTER_CERT_FILE.withHelp(
            "certificate chain (PEM) that is shown to Dopplers and the agent. Default: that of RLP_CERT_FILE");
    private static final Setting<Path> HTTP_CERT_PATH = TrafficControllerSettings.HTTP_CERT_PATH.withHelp(
            "certificate chain (PEM) that clients of the gateway see; without it there is no gateway port");
    private static final Setting<Integer> MAX_STREAMS = TrafficControllerSettings.MAX_STREAMS.withHelp(
            "streams of the gateway open at the same time; one more is a 503");
    private static final Setting<Long> EGRESS_BYTES = TrafficControllerSettings.EGRESS_BYTES.withHelp(
            "batches that may wait for readers, all together; more waits at the Dopplers");
    private static final Setting<ProxyProtocol> PROXY_PROTOCOL = TrafficControllerSettings.PROXY_PROTOCOL.withHelp(
            "the PROXY protocol, version 1 or 2, on the gateway port, before TLS; accept: connections of TRUSTED_PROXIES"
                    + " may begin with its header; require: all must, and come from there");
    private static final Setting<HostPort> AGENT_ADDR = Setting.address(
            "AGENT_ADDR",
            "the agent that own metrics are sent to (gRPC v2); none: straight into the stream, by way of a Doppler");
    public static final Setting<Integer> HEALTH_PORT = Setting.port(
            "RLP_HEALTH_PORT", 14827, "diagnostics: /health, /ready, /metrics, /ledger; 0 = any free port");
    public static final Setting<String> HEALTH_HOST =
            Setting.text("RLP_HEALTH_HOST", "127.0.0.1", "address that the diagnostics port is bound to");

    private static final String ONE_PROCESS = "the gateway and the RLP are one process";
    private static final String METRICS_ELSEWHERE = "metrics are at /metrics of RLP_HEALTH_PORT";

    private static final List<Setting<?>> OWN = List.of(
            RLP_PORT,
            RLP_HOST,
            RLP_CERT_FILE,
            TrafficControllerSettings.RLP_KEY_FILE,
            RLP_CA_FILE,
            TrafficControllerSettings.RLP_CLIENT_NAMES,
            TrafficControllerSettings.MAX_EGRESS_STREAMS,
            TrafficControllerSettings.GATEWAY_ADDR,
            HTTP_CERT_PATH,
            TrafficControllerSettings.HTTP_KEY_PATH,
            TrafficControllerSettings.STREAM_TIMEOUT,
            TrafficControllerSettings.DOPPLER_LINK_ADDRS,
            TrafficControllerSettings.ROUTER_ADDRS,
            TrafficControllerSettings.DOPPLER_LOOKUP_INTERVAL,
            ROUTER_CERT_FILE,
            TrafficControllerSettings.ROUTER_KEY_FILE,
            TrafficControllerSettings.ROUTER_CA_FILE,
            TrafficControllerSettings.DOPPLER_SERVER_NAME,
            TrafficControllerSettings.TLS_RELOAD_INTERVAL,
            TrafficControllerSettings.LOGGREGATOR_INSECURE,
            TrafficControllerSettings.FIREHOSE_GRACE,
            TrafficControllerSettings.FIREHOSE_GROUPS,
            MAX_STREAMS,
            TrafficControllerSettings.SLOW_CONSUMER_TIMEOUT,
            EGRESS_BYTES,
            TrafficControllerSettings.LINK_PING_INTERVAL,
            TrafficControllerSettings.TRUSTED_PROXIES,
            PROXY_PROTOCOL,
            HEALTH_PORT,
            HEALTH_HOST,
            TrafficControllerSettings.EVENT_LOOPS,
            TrafficControllerSettings.STOP_TIMEOUT,
            TrafficControllerSettings.STOP_DELAY,
            AGENT_ADDR,
            TrafficControllerSettings.RLP_METRIC_EMITTER_INTERVAL,
            TrafficControllerSettings.RLP_METRIC_SOURCE_ID,
            TrafficControllerSettings.INSTANCE_ID,
            Setting.obsolete("LOGS_PROVIDER_ADDR", ONE_PROCESS),
            Setting.obsolete("LOGS_PROVIDER_CA_PATH", ONE_PROCESS),
            Setting.obsolete("LOGS_PROVIDER_CLIENT_CERT_PATH", ONE_PROCESS),
            Setting.obsolete("LOGS_PROVIDER_CLIENT_KEY_PATH", ONE_PROCESS),
            Setting.obsolete("LOGS_PROVIDER_COMMON_NAME", ONE_PROCESS),
            Setting.obsolete("METRICS_PORT", METRICS_ELSEWHERE),
            Setting.obsolete("METRICS_CA_FILE_PATH", METRICS_ELSEWHERE),
            Setting.obsolete("METRICS_CERT_FILE_PATH", METRICS_ELSEWHERE),
            Setting.obsolete("METRICS_KEY_FILE_PATH", METRICS_ELSEWHERE),
            Setting.obsolete("RLP_CIPHER_SUITES", "TLS 1.3, and for TLS 1.2 the two GCM suites, are always offered"),
            Setting.obsolete("RLP_PPROF_PORT", "diagnostics are at RLP_HEALTH_PORT"),
            Setting.obsolete("PPROF_PORT", "diagnostics are at RLP_HEALTH_PORT"),
            Setting.obsolete("USE_RFC339", "log lines always carry RFC 3339 times"));

    /** All of them, in the order of the reference. */
    public static final List<Setting<?>> ALL = Stream.of(OWN, LimitSettings.OF_RLP, RlpAccessSettings.ALL)
            .flatMap(List::stream)
            .toList();

    /** Those that a Traffic Controller has by other names. */
    static final List<Alias<?>> ALIASES = Stream.of(
                    List.<Alias<?>>of(
                            new Alias<>(TrafficControllerSettings.TRAFFIC_CONTROLLER_HOST, RLP_HOST),
                            new Alias<>(TrafficControllerSettings.AGENT_GRPC_ADDRESS, AGENT_ADDR)),
                    RlpAccessSettings.ALIASES)
            .<Alias<?>>flatMap(List::stream)
            .toList();

    private RlpSettings() {}

    /** The rules between settings. */
    public static void rules(Rules rules) {
        StopRule.check(rules, TrafficControllerSettings.STOP_DELAY, TrafficControllerSettings.STOP_TIMEOUT);
        TrafficControllerSettings.heap(rules, List.of(EGRESS_BYTES));
        rules.together(HTTP_CERT_PATH, TrafficControllerSettings.HTTP_KEY_PATH);
        rules.together(
                ROUTER_CERT_FILE, TrafficControllerSettings.ROUTER_KEY_FILE, TrafficControllerSettings.ROUTER_CA_FILE);
        rules.together(RLP_CERT_FILE, TrafficControllerSettings.RLP_KEY_FILE, RLP_CA_FILE);
        boolean insecure = rules.on(TrafficControllerSettings.LOGGREGATOR_INSECURE);
        boolean encrypted = rules.given(RLP_CERT_FILE) || rules.given(ROUTER_CERT_FILE);
        if (!insecure && !encrypted) {
            rules.require(
                    RLP_CERT_FILE, "mutual TLS is required; LOGGREGATOR_INSECURE=true does without, for trials only");
        }
        TrafficControllerSettings.rlpClients(rules, insecure);
        if (insecure && (!encrypted || !rules.given(HTTP_CERT_PATH))) {
            rules.warn("LOGGREGATOR_INSECURE=true: PLAIN TEXT, open to anyone who reaches it: "
                    + Stream.of(
                                    encrypted ? "" : "the RLP port, the links to Dopplers",
                                    rules.given(HTTP_CERT_PATH) ? "" : "the gateway port")
                            .filter(part -> !part.isEmpty())
                            .reduce((one, other) -> one + ", " + other)
                            .orElseThrow());
        }
        TrafficControllerSettings.dopplers(rules);
        TrafficControllerSettings.proxies(rules);
        if (insecure || rules.given(HTTP_CERT_PATH)) {
            RlpAccessSettings.rules(rules, insecure);
        } else {
            rules.warn("there is no gateway port: HTTP_CERT_PATH is not set");
        }
    }
}
