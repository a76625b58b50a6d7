package io.loggregator.doppler;

import io.loggregator.doppler.dropsonde.FramedOptions;
import io.loggregator.doppler.egress.RequestLimits;
import io.loggregator.doppler.limit.RateLimits;
import io.loggregator.doppler.link.LinkConnections;
import io.loggregator.node.grpc.GrpcLimits;
import io.loggregator.node.settings.Setting;
import io.loggregator.node.settings.Settings;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/** The settings about what one client may cost, on any port. Their ranges keep memory bounded and the protocols working. */
final class LimitSettings {
    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;
    private static final int MILLION = 1_000_000;
    private static final Duration SHORTEST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofMinutes(10);
    private static final Duration DAY = Duration.ofDays(1);

    private static final GrpcLimits ROUTER = GrpcLimits.usual(RouterServer.LARGEST_MESSAGE);

    static final Setting<Duration> TLS_HANDSHAKE_TIMEOUT = Setting.duration(
            "TLS_HANDSHAKE_TIMEOUT",
            ROUTER.handshake(),
            SHORTEST,
            LONGEST,
            "how long a client may take for the TLS handshake, on any port");
    private static final Setting<Long> ROUTER_MESSAGE_BYTES = Setting.bytes(
            "ROUTER_MESSAGE_BYTES",
            ROUTER.message(),
            64 * KIB,
            RouterServer.LARGEST_MESSAGE,
            "bytes that a gRPC message to the router port may have; agents send batches of a hundred envelopes in one");
    private static final Setting<Long> ROUTER_HEADER_BYTES = Setting.bytes(
            "ROUTER_HEADER_BYTES",
            ROUTER.headers(),
            KIB,
            MIB,
            "bytes that the headers of a call at the router port may have");
    private static final Setting<Integer> ROUTER_CONNECTIONS = Setting.integer(
            "ROUTER_CONNECTIONS",
            ROUTER.connections().most(),
            1,
            MILLION,
            "connections that may be open at the router port");
    private static final Setting<Integer> ROUTER_CLIENT_CONNECTIONS = Setting.integer(
            "ROUTER_CLIENT_CONNECTIONS",
            ROUTER.connections().ofClient(),
            0,
            MILLION,
            "connections that one address may have open there; 0 = no limit but the one for all");
    private static final Setting<Integer> ROUTER_CONNECTION_STREAMS = Setting.integer(
            "ROUTER_CONNECTION_STREAMS",
            ROUTER.connectionStreams(),
            1,
            MILLION,
            "streams that may be open on a connection to the router port");
    private static final Setting<Integer> ROUTER_CONNECTION_RESETS = Setting.integer(
            "ROUTER_CONNECTION_RESETS",
            ROUTER.connectionResets(),
            1,
            MILLION,
            "streams that the client of such a connection may give up in 30 s");
    private static final Setting<Duration> ROUTER_PING_AFTER = Setting.duration(
            "ROUTER_PING_AFTER",
            ROUTER.pingAfter(),
            SHORTEST,
            DAY,
            "silence after which a client of the router port is pinged; it then has two thirds of that to answer");
    private static final Setting<Integer> DOPPLER_EGRESS_SELECTORS = Setting.integer(
            "DOPPLER_EGRESS_SELECTORS",
            RequestLimits.USUAL.selectors(),
            1,
            100_000,
            "selectors, and names in them, that a reader at the router port may ask for at once");
    private static final Setting<Long> DOPPLER_EGRESS_NAME_BYTES = Setting.bytes(
            "DOPPLER_EGRESS_NAME_BYTES",
            RequestLimits.USUAL.nameBytes(),
            64,
            64 * KIB,
            "bytes that each id and name in what it asks for may have");
    static final Setting<Duration> DOPPLER_EGRESS_TIMEOUT = Setting.duration(
            "DOPPLER_EGRESS_TIMEOUT",
            Duration.ofSeconds(10),
            SHORTEST,
            LONGEST,
            "how long a reader at the router port may take nothing while DOPPLER_EGRESS_BYTES are used up");
    private static final Setting<Integer> DOPPLER_FRAME_CONNECTIONS = Setting.integer(
            "DOPPLER_FRAME_CONNECTIONS",
            FramedOptions.MOST_CONNECTIONS,
            1,
            MILLION,
            "connections that may be open at DOPPLER_TCP_PORT, and as many at DOPPLER_TLS_PORT");
    static final Setting<Long> DOPPLER_FRAME_PARTIAL_BYTES = Setting.bytes(
            "DOPPLER_FRAME_PARTIAL_BYTES",
            FramedOptions.PARTIAL_BYTES,
            FramedOptions.LARGEST_FRAME,
            1024L * 1024 * MIB,
            "memory for frames that have come in part, beyond the first 4 KiB of each connection, at DOPPLER_TCP_PORT, and as"
                    + " much at DOPPLER_TLS_PORT; when it is used up, the connection with the oldest is closed");
    private static final Setting<Duration> DOPPLER_FRAME_IDLE_TIMEOUT = Setting.duration(
            "DOPPLER_FRAME_IDLE_TIMEOUT",
            FramedOptions.IDLE,
            SHORTEST,
            DAY,
            "silence after which such a connection is closed");

    private static final Setting<Integer> DOPPLER_LINK_CONNECTIONS = Setting.integer(
            "DOPPLER_LINK_CONNECTIONS",
            LinkConnections.MOST,
            1,
            MILLION,
            "connections that may be open at DOPPLER_LINK_PORT; a Traffic Controller has one for each of its event loops");

    static final Setting<Integer> RATE_LIMIT_VALUES = Setting.integer(
            "RATE_LIMIT_VALUES",
            RateLimits.USUAL_VALUES,
            1,
            MILLION,
            "sources, and values of each tag, that the limits of RATE_LIMITS_FILE hold for at a time; further ones have no"
                    + " limit until others have been silent for a minute. Each takes half a KiB of memory, and a quarter on"
                    + " each further event loop");

    /** All of them, in the order of the reference. */
    static final List<Setting<?>> ALL = List.of(
            TLS_HANDSHAKE_TIMEOUT,
            ROUTER_MESSAGE_BYTES,
            ROUTER_HEADER_BYTES,
            ROUTER_CONNECTIONS,
            ROUTER_CLIENT_CONNECTIONS,
            ROUTER_CONNECTION_STREAMS,
            ROUTER_CONNECTION_RESETS,
            ROUTER_PING_AFTER,
            DOPPLER_EGRESS_SELECTORS,
            DOPPLER_EGRESS_NAME_BYTES,
            DOPPLER_EGRESS_TIMEOUT,
            DOPPLER_FRAME_CONNECTIONS,
            DOPPLER_FRAME_PARTIAL_BYTES,
            DOPPLER_FRAME_IDLE_TIMEOUT,
            DOPPLER_LINK_CONNECTIONS,
            RATE_LIMIT_VALUES);

    private LimitSettings() {}

    /** Those of the router port. */
    static GrpcLimits router(Settings settings) {
        return new GrpcLimits(
                bytes(settings, ROUTER_MESSAGE_BYTES),
                new GrpcLimits.Connections(settings.get(ROUTER_CONNECTIONS), settings.get(ROUTER_CLIENT_CONNECTIONS)),
                settings.get(TLS_HANDSHAKE_TIMEOUT),
                bytes(settings, ROUTER_HEADER_BYTES),
                settings.get(ROUTER_CONNECTION_STREAMS),
                settings.get(ROUTER_CONNECTION_RESETS),
                settings.get(ROUTER_PING_AFTER));
    }

    /** Those of what readers ask for. */
    static RequestLimits requests(Settings settings) {
        return new RequestLimits(settings.get(DOPPLER_EGRESS_SELECTORS), bytes(settings, DOPPLER_EGRESS_NAME_BYTES));
    }

    /** A port for frames with its limits. */
    static FramedOptions frames(Settings settings, String protocol, InetSocketAddress address, SslContext tlsOrNull) {
        return new FramedOptions(
                protocol,
                address,
                tlsOrNull,
                settings.get(DOPPLER_FRAME_IDLE_TIMEOUT),
                settings.get(TLS_HANDSHAKE_TIMEOUT),
                settings.get(DOPPLER_FRAME_CONNECTIONS),
                settings.get(DOPPLER_FRAME_PARTIAL_BYTES));
    }

    /** The connections that the link port may have. */
    static LinkConnections links(Settings settings) {
        return new LinkConnections(settings.get(DOPPLER_LINK_CONNECTIONS));
    }

    private static int bytes(Settings settings, Setting<Long> setting) {
        return Math.toIntExact(settings.get(setting));
    }
}
