package io.loggregator.trafficcontroller;

import io.loggregator.node.accept.PerClient;
import io.loggregator.node.grpc.GrpcLimits;
import io.loggregator.node.settings.Setting;
import io.loggregator.node.settings.Settings;
import io.loggregator.trafficcontroller.edge.Limits;
import io.loggregator.trafficcontroller.edge.SecurityEventFile;
import io.loggregator.trafficcontroller.fanout.AnswerMemory;
import io.loggregator.trafficcontroller.fanout.QueryLimits;
import io.loggregator.trafficcontroller.refinement.FilterLimits;
import io.loggregator.trafficcontroller.rlp.EgressServer;
import io.loggregator.trafficcontroller.subscription.ClientTimes;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** The settings about what one client may cost, on any port. Their ranges keep memory bounded and the protocols working. */
final class LimitSettings {
    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;
    private static final int MILLION = 1_000_000;
    private static final Duration SHORTEST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofMinutes(10);

    private static final Limits LOGGREGATOR = Limits.LOGGREGATOR;
    private static final Limits GATEWAY = Limits.GATEWAY;
    private static final GrpcLimits RLP = GrpcLimits.usual(EgressServer.LARGEST_REQUEST);

    static final Setting<Duration> TLS_HANDSHAKE_TIMEOUT = Setting.duration(
            "TLS_HANDSHAKE_TIMEOUT",
            LOGGREGATOR.times().handshake(),
            SHORTEST,
            LONGEST,
            "how long a client may take for the TLS handshake, on any port");
    private static final Setting<Duration> PROXY_HEADER_TIMEOUT = Setting.duration(
            "PROXY_HEADER_TIMEOUT",
            LOGGREGATOR.times().proxyHeader(),
            SHORTEST,
            LONGEST,
            "how long a connection may take for the header of the PROXY protocol");
    private static final Setting<Long> PROXY_HEADER_BYTES = Setting.bytes(
            "PROXY_HEADER_BYTES",
            LOGGREGATOR.sizes().proxyHeader(),
            256,
            32 * KIB,
            "bytes that such a header, version 2, may have beside the addresses");
    private static final Setting<Duration> HTTP_HEADER_TIMEOUT = Setting.duration(
            "HTTP_HEADER_TIMEOUT",
            LOGGREGATOR.times().headers(),
            SHORTEST,
            LONGEST,
            "how long a client may take for the headers of a request");
    private static final Setting<Duration> HTTP_BODY_TIMEOUT = Setting.duration(
            "HTTP_BODY_TIMEOUT",
            LOGGREGATOR.times().body(),
            SHORTEST,
            LONGEST,
            "how long a client may take for the body of a request");
    private static final Setting<Duration> HTTP_IDLE_TIMEOUT = Setting.duration(
            "HTTP_IDLE_TIMEOUT",
            LOGGREGATOR.times().idle(),
            SHORTEST,
            Duration.ofDays(1),
            "how long a connection may be without a request after one; to be longer than load balancers keep theirs, or"
                    + " they send requests into connections that are being closed");
    private static final Setting<Duration> STREAM_START_TIMEOUT = Setting.duration(
            "STREAM_START_TIMEOUT",
            ClientTimes.USUAL_START,
            SHORTEST,
            LONGEST,
            "how long a client may take to say what it wants once it has opened a stream, where that is a message of its own:"
                    + " on WebSockets that acknowledge, and at the RLP port");
    private static final Setting<Duration> CLIENT_PING_TIMEOUT = Setting.duration(
            "CLIENT_PING_TIMEOUT",
            ClientTimes.USUAL_PONG,
            Duration.ofSeconds(1),
            // Pings are to come about every 30 s at least: clients and load balancers take a silent stream for dead.
            Duration.ofMinutes(1),
            "how long a client of a WebSocket may leave a Ping without an answer, while nothing else shows that it lives, before"
                    + " it is closed; the next Ping goes out when half of that has passed since a Pong, which is to be sooner"
                    + " than load balancers give up silent streams. Who takes nothing answers nothing either: the shorter of"
                    + " this and SLOW_CONSUMER_TIMEOUT closes it");
    private static final Setting<Long> HTTP_REQUEST_LINE_BYTES = Setting.bytes(
            "HTTP_REQUEST_LINE_BYTES",
            LOGGREGATOR.sizes().requestLine(),
            KIB,
            MIB,
            "bytes that a request line at the Loggregator port may have");
    private static final Setting<Long> GATEWAY_REQUEST_LINE_BYTES = Setting.bytes(
            "GATEWAY_REQUEST_LINE_BYTES",
            GATEWAY.sizes().requestLine(),
            KIB,
            MIB,
            "bytes that a request line at the gateway port may have; each source that is asked for stands in it");
    private static final Setting<Long> HTTP_HEADER_BYTES = Setting.bytes(
            "HTTP_HEADER_BYTES",
            LOGGREGATOR.sizes().headers(),
            KIB,
            MIB,
            "bytes that all headers of a request may have, tokens among them; over HTTP/2 the request line counts with them,"
                    + " and they may have more by what it may have above 16KiB");
    private static final Setting<Long> WEBSOCKET_MESSAGE_BYTES = Setting.bytes(
            "WEBSOCKET_MESSAGE_BYTES",
            LOGGREGATOR.sizes().message(),
            KIB,
            MIB,
            "bytes that a WebSocket message from a client may have");
    private static final Setting<Integer> HTTP_PLAIN_CONNECTIONS = Setting.integer(
            "HTTP_PLAIN_CONNECTIONS",
            LOGGREGATOR.counts().plainConnections(),
            1,
            MILLION,
            "connections that each event loop takes at a port for HTTP, beside its share of MAX_STREAMS");
    private static final Setting<Integer> MAX_CLIENT_CONNECTIONS = Setting.integer(
            "MAX_CLIENT_CONNECTIONS",
            0,
            0,
            MILLION,
            "connections that one address may have open at a port for HTTP; behind a load balancer that speaks the PROXY"
                    + " protocol, the address that it names. Those of TRUSTED_PROXIES are not counted otherwise; 0 = no"
                    + " limit");
    private static final Setting<Integer> MAX_CLIENT_STREAMS = Setting.integer(
            "MAX_CLIENT_STREAMS",
            0,
            0,
            MILLION,
            "streams that one address may have open at a port for HTTP; of clients behind TRUSTED_PROXIES, the address that"
                    + " these name, by X-Forwarded-For too; one more is a 503; 0 = no limit");
    private static final Setting<Integer> GATEWAY_CONNECTION_STREAMS = Setting.integer(
            "GATEWAY_CONNECTION_STREAMS",
            GATEWAY.counts().connectionStreams(),
            1,
            10_000,
            "streams that may be open on an HTTP/2 connection to the gateway port");
    private static final Setting<Integer> GATEWAY_CONNECTION_RESETS = Setting.integer(
            "GATEWAY_CONNECTION_RESETS",
            GATEWAY.counts().connectionResets(),
            1,
            MILLION,
            "streams that the client of such a connection may give up in 30 s; a proxy gives up all of them when its clients"
                    + " leave");
    private static final Setting<Integer> FILTER_PATTERN_LENGTH = Setting.integer(
            "FILTER_PATTERN_LENGTH",
            FilterLimits.USUAL.pattern(),
            16,
            FilterLimits.LONGEST_PATTERN,
            "characters that the regular expression of grep may have, and steps when it is compiled, with its repetitions"
                    + " written out: each step may cost a moment for each character of each line, 13 ms for a line of 1KiB"
                    + " and 1000 steps at worst");
    private static final Setting<Integer> FILTER_VALUES = Setting.integer(
            "FILTER_VALUES",
            FilterLimits.USUAL.values(),
            1,
            FilterLimits.MOST_VALUES,
            "values of instance, and as many of source_type, that a stream may be filtered by; all of them stand in the"
                    + " request line");
    private static final Setting<Integer> MAX_QUERIES = Setting.integer(
            "MAX_QUERIES",
            QueryLimits.USUAL.most(),
            1,
            900,
            "queries about the recent past that may be under way on each event loop, and answers that a Doppler may owe it;"
                    + " one more is a 500");
    static final Setting<Long> QUERY_BYTES = Setting.bytes(
            "QUERY_BYTES",
            AnswerMemory.USUAL,
            MIB,
            1024 * MIB,
            "memory for answers about the recent past that are collected or sent, all together; one that does not fit is a"
                    + " 500");
    private static final Setting<Long> SECURITY_EVENT_BYTES = Setting.bytes(
            "SECURITY_EVENT_BYTES",
            SecurityEventFile.USUAL_WAITING_BYTES,
            64 * KIB,
            1024 * MIB,
            "lines of TRAFFIC_CONTROLLER_SECURITY_EVENT_LOG that may wait in memory for a disk that is slow or stands; what"
                    + " comes beyond that is lost");
    private static final Setting<Duration> QUERY_TIMEOUT = Setting.duration(
            "QUERY_TIMEOUT",
            QueryLimits.USUAL.patience(),
            SHORTEST,
            LONGEST,
            "how long a Doppler may take for its part of such an answer, which is sent without it then");
    private static final Setting<Long> RLP_HEADER_BYTES = Setting.bytes(
            "RLP_HEADER_BYTES", RLP.headers(), KIB, MIB, "bytes that the headers of a call at the RLP port may have");
    private static final Setting<Integer> RLP_CONNECTIONS = Setting.integer(
            "RLP_CONNECTIONS", RLP.connections().most(), 1, MILLION, "connections that may be open at the RLP port");
    private static final Setting<Integer> RLP_CLIENT_CONNECTIONS = Setting.integer(
            "RLP_CLIENT_CONNECTIONS",
            RLP.connections().ofClient(),
            0,
            MILLION,
            "connections that one address may have open there; 0 = no limit but the one for all");
    private static final Setting<Integer> RLP_CONNECTION_STREAMS = Setting.integer(
            "RLP_CONNECTION_STREAMS",
            RLP.connectionStreams(),
            1,
            MILLION,
            "streams that may be open on a connection to the RLP port");
    private static final Setting<Integer> RLP_CONNECTION_RESETS = Setting.integer(
            "RLP_CONNECTION_RESETS",
            RLP.connectionResets(),
            1,
            MILLION,
            "streams that the client of such a connection may give up in 30 s");
    private static final Setting<Duration> RLP_PING_AFTER = Setting.duration(
            "RLP_PING_AFTER",
            RLP.pingAfter(),
            SHORTEST,
            Duration.ofDays(1),
            "silence after which a client of the RLP port is pinged; it then has two thirds of that to answer");

    /** Those of a process without a Loggregator port, in the order of the reference. */
    static final List<Setting<?>> OF_RLP = List.of(
            TLS_HANDSHAKE_TIMEOUT,
            PROXY_HEADER_TIMEOUT,
            PROXY_HEADER_BYTES,
            HTTP_HEADER_TIMEOUT,
            HTTP_BODY_TIMEOUT,
            HTTP_IDLE_TIMEOUT,
            STREAM_START_TIMEOUT,
            GATEWAY_REQUEST_LINE_BYTES,
            HTTP_HEADER_BYTES,
            HTTP_PLAIN_CONNECTIONS,
            MAX_CLIENT_CONNECTIONS,
            MAX_CLIENT_STREAMS,
            GATEWAY_CONNECTION_STREAMS,
            GATEWAY_CONNECTION_RESETS,
            FILTER_PATTERN_LENGTH,
            FILTER_VALUES,
            RLP_HEADER_BYTES,
            RLP_CONNECTIONS,
            RLP_CLIENT_CONNECTIONS,
            RLP_CONNECTION_STREAMS,
            RLP_CONNECTION_RESETS,
            RLP_PING_AFTER);

    /** All of them: a Traffic Controller's. */
    static final List<Setting<?>> ALL = Stream.of(
                    OF_RLP,
                    List.<Setting<?>>of(
                            CLIENT_PING_TIMEOUT,
                            HTTP_REQUEST_LINE_BYTES,
                            WEBSOCKET_MESSAGE_BYTES,
                            MAX_QUERIES,
                            QUERY_BYTES,
                            QUERY_TIMEOUT,
                            SECURITY_EVENT_BYTES))
            .<Setting<?>>flatMap(List::stream)
            .toList();

    private LimitSettings() {}

    /** Those of the Loggregator port. */
    static Limits loggregator(Settings settings) {
        return http(settings, HTTP_REQUEST_LINE_BYTES);
    }

    /** Those of the gateway port. */
    static Limits gateway(Settings settings) {
        return http(settings, GATEWAY_REQUEST_LINE_BYTES);
    }

    private static Limits http(Settings settings, Setting<Long> requestLine) {
        return new Limits(
                new Limits.Times(
                        settings.get(TLS_HANDSHAKE_TIMEOUT),
                        settings.get(PROXY_HEADER_TIMEOUT),
                        settings.get(HTTP_HEADER_TIMEOUT),
                        settings.get(HTTP_BODY_TIMEOUT),
                        settings.get(HTTP_IDLE_TIMEOUT)),
                new Limits.Sizes(
                        bytes(settings, PROXY_HEADER_BYTES),
                        bytes(settings, requestLine),
                        bytes(settings, HTTP_HEADER_BYTES),
                        bytes(settings, WEBSOCKET_MESSAGE_BYTES),
                        LOGGREGATOR.sizes().id()),
                new Limits.Counts(
                        settings.get(HTTP_PLAIN_CONNECTIONS),
                        settings.get(GATEWAY_CONNECTION_STREAMS),
                        settings.get(GATEWAY_CONNECTION_RESETS)),
                new FilterLimits(settings.get(FILTER_PATTERN_LENGTH), settings.get(FILTER_VALUES)));
    }

    /**
     * The times of streams.
     *
     * @param progress that without any progress
     */
    static ClientTimes clients(Settings settings, Duration progress) {
        return new ClientTimes(settings.get(STREAM_START_TIMEOUT), progress, settings.get(CLIENT_PING_TIMEOUT));
    }

    /** For the connections of each client of a port. */
    static PerClient connectionsOfClient(Settings settings) {
        return new PerClient(settings.get(MAX_CLIENT_CONNECTIONS));
    }

    /** For the streams of each client of a port. */
    static PerClient streamsOfClient(Settings settings) {
        return new PerClient(settings.get(MAX_CLIENT_STREAMS));
    }

    /** Memory for answers about the recent past. */
    static AnswerMemory answers(Settings settings) {
        return new AnswerMemory(bytes(settings, QUERY_BYTES));
    }

    /** Bytes of security events that may wait for the disk. */
    static int securityEvents(Settings settings) {
        return bytes(settings, SECURITY_EVENT_BYTES);
    }

    /** Those of queries about the recent past. */
    static QueryLimits queries(Settings settings) {
        return new QueryLimits(settings.get(MAX_QUERIES), settings.get(QUERY_TIMEOUT));
    }

    /** Those of the RLP port. */
    static GrpcLimits rlp(Settings settings) {
        return new GrpcLimits(
                EgressServer.LARGEST_REQUEST,
                new GrpcLimits.Connections(settings.get(RLP_CONNECTIONS), settings.get(RLP_CLIENT_CONNECTIONS)),
                settings.get(TLS_HANDSHAKE_TIMEOUT),
                bytes(settings, RLP_HEADER_BYTES),
                settings.get(RLP_CONNECTION_STREAMS),
                settings.get(RLP_CONNECTION_RESETS),
                settings.get(RLP_PING_AFTER));
    }

    private static int bytes(Settings settings, Setting<Long> setting) {
        return Math.toIntExact(settings.get(setting));
    }
}
