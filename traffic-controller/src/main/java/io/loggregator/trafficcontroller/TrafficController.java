package io.loggregator.trafficcontroller;

import io.loggregator.link.v1.Hello;
import io.loggregator.node.PortInUse;
import io.loggregator.node.Readiness;
import io.loggregator.node.Report;
import io.loggregator.node.accept.FailedAccepts;
import io.loggregator.node.grpc.GrpcPeer;
import io.loggregator.node.grpc.GrpcPort;
import io.loggregator.node.metrics.Metrics;
import io.loggregator.node.settings.HostPort;
import io.loggregator.node.settings.Setting;
import io.loggregator.node.settings.Settings;
import io.loggregator.node.tls.InvalidTlsMaterial;
import io.loggregator.node.tls.LiveTls;
import io.loggregator.node.tls.RefusedHandshakes;
import io.loggregator.node.tls.TlsWatch;
import io.loggregator.trafficcontroller.access.AccessCounters;
import io.loggregator.trafficcontroller.access.AccessOptions;
import io.loggregator.trafficcontroller.access.AccessSettings;
import io.loggregator.trafficcontroller.access.Authorities;
import io.loggregator.trafficcontroller.edge.EdgeOptions;
import io.loggregator.trafficcontroller.edge.Front;
import io.loggregator.trafficcontroller.edge.SecurityEventFile;
import io.loggregator.trafficcontroller.edge.TrustedProxies;
import io.loggregator.trafficcontroller.fanout.ClientCounters;
import io.loggregator.trafficcontroller.fanout.FanOut;
import io.loggregator.trafficcontroller.fanout.Timing;
import io.loggregator.trafficcontroller.gateway.GatewayCounters;
import io.loggregator.trafficcontroller.gateway.GatewayOptions;
import io.loggregator.trafficcontroller.link.Dopplers;
import io.loggregator.trafficcontroller.rlp.EgressServer;
import io.loggregator.trafficcontroller.rlp.LoopReadings;
import io.loggregator.trafficcontroller.router.RouterCounters;
import io.loggregator.trafficcontroller.router.Routers;
import io.loggregator.trafficcontroller.streamv2.StreamCounters;
import io.loggregator.trafficcontroller.subscription.ClientTimes;
import io.netty.handler.ssl.SslContext;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.WebSocketClientOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;

/** A running Traffic Controller. */
public final class TrafficController {
    /** The largest message of a Doppler: the largest envelope, and a header. */
    private static final int LARGEST_LINK_MESSAGE = 16 << 20;

    private static final String HTTP_2 = "h2";

    private static final Duration EDGE_GRACE = Duration.ofSeconds(5);
    /** How long clients may take to confirm what they have when this Traffic Controller stops. */
    private static final Duration LONGEST_FAREWELL = Duration.ofSeconds(2);

    private final Vertx vertx;
    private final String deployment;
    private final BoundPorts ports;
    private final EgressServer rlp;
    private final SecurityEventFile securityEvents;
    private final List<LoopClients> clients;

    private TrafficController(
            Vertx vertx,
            String deployment,
            BoundPorts ports,
            EgressServer rlp,
            SecurityEventFile securityEvents,
            List<LoopClients> clients) {
        this.vertx = vertx;
        this.deployment = deployment;
        this.ports = ports;
        this.rlp = rlp;
        this.securityEvents = securityEvents;
        this.clients = clients;
    }

    /**
     * Builds and starts everything. Blocks; not to be called on an event loop.
     *
     * @param eventLoops how many event loops to use, each with links of its own
     * @throws IOException the port cannot be bound; the message names the setting that moves it
     * @throws InvalidTlsMaterial a certificate or key cannot be used
     */
    public static TrafficController start(
            Vertx vertx, int eventLoops, Settings settings, Metrics metrics, Readiness readiness)
            throws IOException, InvalidTlsMaterial {
        return start(vertx, eventLoops, settings, metrics, readiness, Timing.REAL);
    }

    /**
     * As {@link #start}, but with nothing but the endpoints of v2: in place of a Reverse Log Proxy and its gateway.
     *
     * @param settings those of {@link RlpSettings}
     */
    public static TrafficController startRlp(
            Vertx vertx, int eventLoops, Settings settings, Metrics metrics, Readiness readiness)
            throws IOException, InvalidTlsMaterial {
        Settings view = settings.standingIn(TrafficControllerSettings.ALL, RlpSettings.ALIASES);
        return start(vertx, eventLoops, view, metrics, readiness, Timing.REAL, Endpoints.ofRlp(view));
    }

    static TrafficController start(
            Vertx vertx, int eventLoops, Settings settings, Metrics metrics, Readiness readiness, Timing timing)
            throws IOException, InvalidTlsMaterial {
        return start(vertx, eventLoops, settings, metrics, readiness, timing, Endpoints.ALL);
    }

    private static TrafficController start(
            Vertx vertx,
            int eventLoops,
            Settings settings,
            Metrics metrics,
            Readiness readiness,
            Timing timing,
            Endpoints endpoints)
            throws IOException, InvalidTlsMaterial {
        List<ClientCounters> counters = new ArrayList<>();
        List<GatewayCounters> gatewayCounters = new ArrayList<>();
        List<StreamCounters> streamCounters = new ArrayList<>();
        for (int i = 0; i < eventLoops; i++) {
            counters.add(new ClientCounters());
            gatewayCounters.add(new GatewayCounters());
            streamCounters.add(new StreamCounters());
        }
        List<RouterCounters> routers =
                counters.stream().map(loop -> new RouterCounters()).toList();
        TrafficControllerMetrics declared =
                new TrafficControllerMetrics(metrics, counters, gatewayCounters, streamCounters);
        RouterMetrics.declare(metrics, routers);
        StreamMetrics.declare(metrics, streamCounters);
        FailedAccepts.showIn(metrics);
        readiness.check(
                "links",
                () -> counters.stream().mapToLong(ClientCounters::links).sum()
                                        + routers.stream()
                                                .mapToLong(RouterCounters::connections)
                                                .sum()
                                > 0
                        ? Optional.empty()
                        : Optional.of(
                                "no link to any Doppler in DOPPLER_LINK_ADDRS, no connection to any in ROUTER_ADDRS"));

        TlsWatch tls = new TlsWatch(vertx, settings.get(TrafficControllerSettings.TLS_RELOAD_INTERVAL), metrics);
        AccessOptions access = AccessOptions.load(settings, tls, new AccessCounters(metrics));
        List<Authorities> authorities = new CopyOnWriteArrayList<>();
        readiness.check(
                "access",
                () -> authorities.stream()
                        .map(Authorities::problem)
                        .flatMap(Optional::stream)
                        .findFirst());

        Optional<LiveTls> forRouters = tls.follow(
                settings,
                TrafficControllerSettings.ROUTER_CERT_FILE,
                TrafficControllerSettings.ROUTER_KEY_FILE,
                TrafficControllerSettings.ROUTER_CA_FILE);
        Optional<LiveTls> forRlp = tls.follow(
                settings,
                TrafficControllerSettings.RLP_CERT_FILE,
                TrafficControllerSettings.RLP_KEY_FILE,
                TrafficControllerSettings.RLP_CA_FILE);
        // A Reverse Log Proxy of the Go release has one certificate for both.
        Optional<LiveTls> router = endpoints.loggregator() ? forRouters : forRouters.or(() -> forRlp);
        Dopplers.Options links = links(settings, router);
        Routers.Options routerOptions = routers(settings, router);
        OwnMetricsPulse pulse = pulse(settings, endpoints, router, declared);
        ClientTimes times =
                LimitSettings.clients(settings, settings.get(TrafficControllerSettings.SLOW_CONSUMER_TIMEOUT));
        FanOut.Options fanOut = new FanOut.Options(
                settings.get(TrafficControllerSettings.LOG_BYTES) / eventLoops,
                settings.get(TrafficControllerSettings.EGRESS_BYTES) / eventLoops,
                LimitSettings.answers(settings),
                LimitSettings.queries(settings),
                times,
                settings.get(TrafficControllerSettings.FIREHOSE_GRACE),
                farewell(settings.get(TrafficControllerSettings.STOP_TIMEOUT)),
                timing,
                pulse::slowConsumer);
        String host = settings.get(TrafficControllerSettings.TRAFFIC_CONTROLLER_HOST);
        HttpServerOptions http = http(settings, host, tls);
        HttpServerOptions gatewayHttp = gatewayHttp(settings, tls);
        GrpcPort rlpPort = rlpPort(settings, host, forRlp.or(() -> router));
        RefusedHandshakes handshakes = new RefusedHandshakes(metrics);
        // Nothing after it may fail but what closes it.
        SecurityEventFile securityEvents = securityEvents(settings, declared);
        int streams = Math.max(1, settings.get(TrafficControllerSettings.MAX_STREAMS) / eventLoops);
        Duration recheck = settings.get(AccessSettings.ACCESS_RECHECK_INTERVAL);
        Optional<EdgeOptions> edge = whereThereIs(
                endpoints.loggregator(),
                () -> new EdgeOptions(
                        http,
                        LimitSettings.loggregator(settings),
                        settings.get(TrafficControllerSettings.SYSTEM_DOMAIN),
                        streams,
                        LimitSettings.connectionsOfClient(settings),
                        LimitSettings.streamsOfClient(settings),
                        EDGE_GRACE,
                        settings.get(TrafficControllerSettings.SLOW_CONSUMER_TIMEOUT),
                        recheck,
                        declared::refused,
                        declared::closedIdle,
                        // HTTP/2 is not offered there.
                        limit -> {},
                        handshakes,
                        front(settings, declared::requested, securityEvents)));
        Optional<GatewayOptions> gateway = whereThereIs(
                endpoints.gateway(),
                () -> new GatewayOptions(
                        new EdgeOptions(
                                gatewayHttp,
                                LimitSettings.gateway(settings),
                                "",
                                streams,
                                LimitSettings.connectionsOfClient(settings),
                                LimitSettings.streamsOfClient(settings),
                                EDGE_GRACE,
                                settings.get(TrafficControllerSettings.SLOW_CONSUMER_TIMEOUT),
                                recheck,
                                declared::gatewayRefused,
                                declared::gatewayClosedIdle,
                                declared::gatewayHttp2,
                                handshakes,
                                front(settings, declared::gatewayRequested, securityEvents)),
                        GatewayOptions.Rhythm.of(settings.get(TrafficControllerSettings.STREAM_TIMEOUT))));
        BoundPorts ports = new BoundPorts();
        AtomicInteger instance = new AtomicInteger();
        List<LoopReadings> readings = new CopyOnWriteArrayList<>();
        List<LoopClients> clients = new CopyOnWriteArrayList<>();
        String deployment = null;
        Setting<Integer> binding = TrafficControllerSettings.OUTGOING_PORT;
        try {
            deployment = vertx.deployVerticle(
                            () -> {
                                int loop = instance.getAndIncrement();
                                return new EventLoopVerticle(
                                        links,
                                        routerOptions,
                                        routers.get(loop),
                                        fanOut,
                                        edge,
                                        access,
                                        authorities::add,
                                        counters.get(loop),
                                        streamCounters.get(loop),
                                        gateway,
                                        gatewayCounters.get(loop),
                                        ports,
                                        readings::add,
                                        clients::add,
                                        loop == 0 ? Optional.of(pulse) : Optional.empty());
                            },
                            new DeploymentOptions().setInstances(eventLoops))
                    .await();
            binding = TrafficControllerSettings.RLP_PORT;
            EgressServer rlp = EgressServer.start(
                    rlpPort,
                    vertx,
                    readings,
                    settings.get(TrafficControllerSettings.MAX_EGRESS_STREAMS),
                    times,
                    declared,
                    handshakes);
            return new TrafficController(vertx, deployment, ports, rlp, securityEvents, clients);
        } catch (Exception e) { // what await() throws may be checked without being declared
            if (deployment != null) {
                vertx.undeploy(deployment).await();
            }
            if (securityEvents != null) {
                securityEvents.close();
            }
            throw new IOException(notBound(e, binding, settings), e);
        }
    }

    private static <T> Optional<T> whereThereIs(boolean endpoint, Supplier<T> options) {
        return endpoint ? Optional.of(options.get()) : Optional.empty();
    }

    private static OwnMetricsPulse pulse(
            Settings settings, Endpoints endpoints, Optional<LiveTls> tls, TrafficControllerMetrics counted) {
        Optional<HostPort> agent = settings.find(TrafficControllerSettings.AGENT_GRPC_ADDRESS);
        boolean totals = agent.isEmpty();
        String instance = settings.get(TrafficControllerSettings.INSTANCE_ID);
        List<OwnMetricsPulse.Part> parts = Stream.of(
                        new OwnMetricsPulse.Part(
                                "Traffic Controller",
                                OwnMetricNames.trafficController(instance, totals, counted),
                                endpoints.loggregator()
                                        ? settings.get(TrafficControllerSettings.METRIC_EMITTER_INTERVAL)
                                        : Duration.ZERO),
                        new OwnMetricsPulse.Part(
                                "Reverse Log Proxy",
                                OwnMetricNames.reverseLogProxy(
                                        settings.get(TrafficControllerSettings.RLP_METRIC_SOURCE_ID),
                                        instance,
                                        totals,
                                        counted),
                                settings.get(TrafficControllerSettings.RLP_METRIC_EMITTER_INTERVAL)))
                .filter(part -> !part.interval().isZero())
                .toList();
        return new OwnMetricsPulse(parts, agent.map(address -> GrpcPeer.agent(address, tls)));
    }

    private static String notBound(Exception failure, Setting<Integer> binding, Settings settings) {
        if (failure instanceof GatewayNotBound gateway) {
            Setting<HostPort> setting = TrafficControllerSettings.GATEWAY_ADDR;
            return PortInUse.explain(gateway.getCause(), setting, settings.get(setting));
        }
        String host = settings.get(TrafficControllerSettings.TRAFFIC_CONTROLLER_HOST);
        return PortInUse.explain(failure, binding, new HostPort(host, settings.get(binding)));
    }

    private static GrpcPort rlpPort(Settings settings, String host, Optional<LiveTls> material) throws SSLException {
        SslContext context = material.isEmpty()
                ? null
                : material.get()
                        .accepting(settings.find(TrafficControllerSettings.RLP_CLIENT_NAMES)
                                .orElse(List.of()))
                        .context(now -> now.serverContext(true, HTTP_2));
        return new GrpcPort(
                "rlp",
                new InetSocketAddress(host, settings.get(TrafficControllerSettings.RLP_PORT)),
                context,
                LimitSettings.rlp(settings));
    }

    /** What a stop allows clients, so that there is time for the rest of it. */
    private static Duration farewell(Duration stopTimeout) {
        Duration part = stopTimeout.dividedBy(4);
        return part.compareTo(LONGEST_FAREWELL) < 0 ? part : LONGEST_FAREWELL;
    }

    private static Dopplers.Options links(Settings settings, Optional<LiveTls> tls) {
        WebSocketClientOptions client = new WebSocketClientOptions()
                .setMaxFrameSize(LARGEST_LINK_MESSAGE)
                .setMaxMessageSize(LARGEST_LINK_MESSAGE)
                .setConnectTimeout((int) Duration.ofSeconds(5).toMillis())
                .setTcpNoDelay(true);
        tls.ifPresent(live -> live.applyTo(client, settings.get(TrafficControllerSettings.DOPPLER_SERVER_NAME)));
        Hello hello = Hello.newBuilder()
                .setTrafficController(UUID.randomUUID().toString())
                .setGraceMillis(
                        settings.get(TrafficControllerSettings.FIREHOSE_GRACE).toMillis())
                .setGroupsInGrace(settings.get(TrafficControllerSettings.FIREHOSE_GROUPS))
                .build();
        return new Dopplers.Options(
                TrafficControllerSettings.DOPPLER_LINK_ADDRS,
                settings.find(TrafficControllerSettings.DOPPLER_LINK_ADDRS).orElse(List.of()),
                client,
                hello,
                settings.get(TrafficControllerSettings.LINK_PING_INTERVAL),
                settings.get(TrafficControllerSettings.DOPPLER_LOOKUP_INTERVAL));
    }

    private static Routers.Options routers(Settings settings, Optional<LiveTls> tls) throws IOException {
        String serverName = settings.get(TrafficControllerSettings.DOPPLER_SERVER_NAME);
        SslContext context = tls.isPresent() ? tls.get().context(now -> now.clientContext(serverName, "h2")) : null;
        return new Routers.Options(
                TrafficControllerSettings.ROUTER_ADDRS,
                settings.find(TrafficControllerSettings.ROUTER_ADDRS).orElse(List.of()),
                context,
                serverName,
                settings.get(TrafficControllerSettings.DOPPLER_LOOKUP_INTERVAL));
    }

    /** The security event log; null if none is set. */
    private static SecurityEventFile securityEvents(Settings settings, TrafficControllerMetrics declared)
            throws IOException {
        Setting<Path> setting = TrafficControllerSettings.SECURITY_EVENT_LOG;
        Optional<Path> path = settings.find(setting);
        try {
            return path.isEmpty()
                    ? null
                    : new SecurityEventFile(
                            path.get(), LimitSettings.securityEvents(settings), declared::securityEventsLost);
        } catch (IOException e) {
            throw new IOException(setting + ": " + path.get() + " cannot be written: " + e, e);
        }
    }

    private static Front front(
            Settings settings, BiConsumer<String, String> requested, SecurityEventFile securityEventsOrNull) {
        return new Front(
                new TrustedProxies(
                        settings.find(TrafficControllerSettings.TRUSTED_PROXIES).orElse(List.of())),
                settings.get(TrafficControllerSettings.PROXY_PROTOCOL),
                requested,
                securityEventsOrNull == null ? null : securityEventsOrNull::append,
                settings.find(TrafficControllerSettings.TRAFFIC_CONTROLLER_IP).orElse(""));
    }

    private static HttpServerOptions http(Settings settings, String host, TlsWatch tls) throws InvalidTlsMaterial {
        HttpServerOptions http = new HttpServerOptions()
                .setHost(host)
                .setPort(settings.get(TrafficControllerSettings.OUTGOING_PORT))
                .setTcpNoDelay(true);
        tls.follow(
                        settings,
                        TrafficControllerSettings.OUTGOING_CERT_FILE,
                        TrafficControllerSettings.OUTGOING_KEY_FILE,
                        null)
                .ifPresent(live -> live.applyTo(http, false));
        return http;
    }

    /** Over TLS, clients choose between HTTP/1.1 and HTTP/2. */
    private static HttpServerOptions gatewayHttp(Settings settings, TlsWatch tls) throws InvalidTlsMaterial {
        HostPort address = settings.get(TrafficControllerSettings.GATEWAY_ADDR);
        HttpServerOptions http = new HttpServerOptions()
                .setHost(address.host())
                .setPort(address.port())
                .setTcpNoDelay(true);
        boolean own = settings.find(TrafficControllerSettings.HTTP_CERT_PATH).isPresent();
        tls.follow(
                        settings,
                        own ? TrafficControllerSettings.HTTP_CERT_PATH : TrafficControllerSettings.OUTGOING_CERT_FILE,
                        own ? TrafficControllerSettings.HTTP_KEY_PATH : TrafficControllerSettings.OUTGOING_KEY_FILE,
                        null)
                .ifPresent(live -> live.applyTo(http, false).setUseAlpn(true));
        return http;
    }

    /** The Loggregator port; 0: there is none. */
    public int port() {
        return ports.loggregator();
    }

    /** The gateway port; 0: there is none. */
    public int gatewayPort() {
        return ports.gateway();
    }

    /** The port of gRPC v2 egress. */
    public int rlpPort() {
        return rlp.port();
    }

    /** What it tells on its diagnostics port, by path. */
    public Map<String, Report> reports() {
        return Map.of("/ledger", new LedgerReport(vertx, clients));
    }

    /** Closes the clients, so that they reconnect elsewhere, then the links. */
    public Future<Void> stop() {
        rlp.stopAccepting();
        Future<Void> undeployed = vertx.undeploy(deployment)
                .eventually(() -> vertx.executeBlocking(() -> {
                    rlp.stop();
                    return null;
                }));
        return securityEvents == null
                ? undeployed
                : undeployed.eventually(() -> vertx.executeBlocking(() -> {
                    securityEvents.close();
                    return null;
                }));
    }
}
