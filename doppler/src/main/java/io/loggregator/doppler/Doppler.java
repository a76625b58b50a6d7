package io.loggregator.doppler;

import io.loggregator.doppler.dropsonde.ListenerMetrics;
import io.loggregator.doppler.egress.EgressService;
import io.loggregator.doppler.egress.Readers;
import io.loggregator.doppler.lane.DopplerLane;
import io.loggregator.doppler.lane.V1Intake;
import io.loggregator.doppler.limit.LaneLimits;
import io.loggregator.doppler.limit.RateLimits;
import io.loggregator.doppler.link.LinkVerticle;
import io.loggregator.node.PortInUse;
import io.loggregator.node.Report;
import io.loggregator.node.accept.FailedAccepts;
import io.loggregator.node.grpc.GrpcPort;
import io.loggregator.node.grpc.Loops;
import io.loggregator.node.metrics.Metrics;
import io.loggregator.node.settings.HostPort;
import io.loggregator.node.settings.Setting;
import io.loggregator.node.settings.Settings;
import io.loggregator.node.tls.InvalidTlsMaterial;
import io.loggregator.node.tls.LiveTls;
import io.loggregator.node.tls.RefusedHandshakes;
import io.loggregator.node.tls.TlsWatch;
import io.loggregator.stream.recent.RecentPast;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running Doppler. */
public final class Doppler {
    private static final Logger LOG = LoggerFactory.getLogger(Doppler.class);
    /** Later than a silent link is found, so that it is counted as what it is. */
    private static final int IDLE_INTERVALS = 6;

    /** What a lull is waited for is not there for readers. */
    private static final Duration LONGEST_INGRESS_STOP = Duration.ofSeconds(4);

    private static final Duration LONGEST_EGRESS_STOP = Duration.ofSeconds(2);

    private static final String HTTP_2 = "h2";

    private final Vertx vertx;
    private final List<DopplerLane> lanes;
    private final RouterServer router;
    private final V1Ports v1Ports;
    private final Optional<OwnMetricsPulse> pulse;
    private final String linkDeployment;
    private final int linkPort;
    private final Map<String, Report> reports;

    private Doppler(
            Vertx vertx,
            List<DopplerLane> lanes,
            RouterServer router,
            V1Ports v1Ports,
            Optional<OwnMetricsPulse> pulse,
            String linkDeployment,
            int linkPort) {
        this.vertx = vertx;
        this.lanes = lanes;
        this.router = router;
        this.v1Ports = v1Ports;
        this.pulse = pulse;
        this.linkDeployment = linkDeployment;
        this.linkPort = linkPort;
        this.reports = Map.of("/ledger", new LedgerReport(vertx, lanes), "/sources", new SourcesReport(vertx, lanes));
    }

    /**
     * Builds and starts everything: lanes, the link port, then ingress. Blocks; not to be called on an event loop.
     *
     * @param vertx its event loops become the Doppler's lanes
     * @throws IOException a port cannot be bound; the message names the setting that moves it
     * @throws InvalidTlsMaterial a certificate or key cannot be used
     */
    public static Doppler start(Vertx vertx, Settings settings, Metrics metrics)
            throws IOException, InvalidTlsMaterial {
        Optional<LiveTls> tls = new TlsWatch(vertx, settings.get(DopplerSettings.TLS_RELOAD_INTERVAL), metrics)
                .follow(
                        settings,
                        DopplerSettings.ROUTER_CERT_FILE,
                        DopplerSettings.ROUTER_KEY_FILE,
                        DopplerSettings.ROUTER_CA_FILE);
        RefusedHandshakes handshakes = new RefusedHandshakes(metrics);
        FailedAccepts.showIn(metrics);
        Loops loops = new Loops(vertx);
        List<DopplerLane> lanes = lanes(loops.all(), settings, limits(vertx, settings, metrics));
        DopplerMetrics counters = new DopplerMetrics(metrics, lanes);
        ListenerMetrics v1Counters = new ListenerMetrics(metrics);
        List<V1Intake> pushers = lanes.stream().map(V1Intake::new).toList();
        v1Counters.observe("grpc", pushers.stream().map(V1Intake::counters).toList());

        String host = settings.get(DopplerSettings.DOPPLER_HOST);
        Duration pingInterval = settings.get(DopplerSettings.LINK_PING_INTERVAL);
        HttpServerOptions link = new HttpServerOptions()
                .setHost(host)
                .setPort(settings.get(DopplerSettings.DOPPLER_LINK_PORT))
                .setTcpNoDelay(true)
                // Pings keep a link from being idle, so this is for connections that never become one.
                .setIdleTimeout((int) (IDLE_INTERVALS * pingInterval.toMillis()))
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS);
        tls.ifPresent(live -> live.accepting(names(settings, DopplerSettings.DOPPLER_LINK_CLIENT_NAMES))
                .applyTo(link, true)
                .setSslHandshakeTimeout(
                        settings.get(LimitSettings.TLS_HANDSHAKE_TIMEOUT).toMillis())
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS));
        LinkVerticle.Options linkOptions = new LinkVerticle.Options(
                link,
                UUID.randomUUID().toString(),
                LimitSettings.links(settings),
                settings.get(DopplerSettings.DOPPLER_LINK_BUFFER),
                pingInterval,
                counters::linkFull,
                counters::linkRefused,
                handshakes);
        AtomicInteger boundLinkPort = new AtomicInteger();
        String deployment;
        try {
            deployment = deploy(vertx, linkOptions, lanes, boundLinkPort);
        } catch (Exception e) { // a failed bind comes as it is, checked or not
            lanes.forEach(DopplerLane::stop);
            throw cannotBind(e, DopplerSettings.DOPPLER_LINK_PORT, host, settings);
        }

        Optional<LiveTls> agents =
                tls.map(live -> live.accepting(names(settings, DopplerSettings.ROUTER_CLIENT_NAMES)));
        RouterServer router;
        try {
            SslContext routerTls =
                    agents.isEmpty() ? null : agents.get().context(now -> now.serverContext(true, HTTP_2));
            InetSocketAddress address = new InetSocketAddress(host, settings.get(DopplerSettings.ROUTER_PORT));
            router = RouterServer.start(
                    new GrpcPort("ingress", address, routerTls, LimitSettings.router(settings)),
                    new RouterServer.Limits(
                            settings.get(DopplerSettings.INGRESS_MAX_AGE),
                            settings.get(DopplerSettings.INGRESS_PARTIAL_BYTES)),
                    loops,
                    lanes,
                    pushers,
                    readers(settings),
                    counters,
                    handshakes);
            counters.egress(router.egress());
        } catch (IOException | RuntimeException e) {
            vertx.undeploy(deployment).await();
            lanes.forEach(DopplerLane::stop);
            throw cannotBind(e, DopplerSettings.ROUTER_PORT, host, settings);
        }

        V1Ports v1Ports;
        try {
            v1Ports = V1Ports.start(settings, agents, loops, lanes, v1Counters, handshakes);
        } catch (IOException | RuntimeException e) {
            router.stop(Duration.ZERO);
            vertx.undeploy(deployment).await();
            lanes.forEach(DopplerLane::stop);
            throw e;
        }
        Optional<OwnMetricsPulse> pulse = OwnMetricsPulse.start(vertx, settings, tls, lanes.get(0), counters);
        return new Doppler(vertx, lanes, router, v1Ports, pulse, deployment, boundLinkPort.get());
    }

    private static List<String> names(Settings settings, Setting<List<String>> setting) {
        return settings.find(setting).orElse(List.of());
    }

    private static EgressService.Options readers(Settings settings) {
        Optional<List<String>> names = settings.find(DopplerSettings.ROUTER_EGRESS_CLIENT_NAMES);
        // Who shields the link from agents means this port, too.
        Setting<List<String>> setting = names.isPresent()
                ? DopplerSettings.ROUTER_EGRESS_CLIENT_NAMES
                : DopplerSettings.DOPPLER_LINK_CLIENT_NAMES;
        return new EgressService.Options(
                settings.get(DopplerSettings.DOPPLER_EGRESS_STREAMS),
                settings.get(DopplerSettings.DOPPLER_EGRESS_BYTES),
                settings.get(LimitSettings.DOPPLER_EGRESS_TIMEOUT),
                LimitSettings.requests(settings),
                settings.get(DopplerSettings.DOPPLER_RECENT_LOGS),
                new Readers(DopplerSettings.ROUTER_EGRESS_CLIENT_NAMES.name(), names(settings, setting)));
    }

    private static Optional<RateLimits> limits(Vertx vertx, Settings settings, Metrics metrics) throws IOException {
        Optional<Path> file = settings.find(DopplerSettings.RATE_LIMITS_FILE);
        if (file.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(RateLimits.follow(
                vertx,
                DopplerSettings.RATE_LIMITS_FILE.name(),
                file.get(),
                settings.get(LimitSettings.RATE_LIMIT_VALUES),
                settings.get(DopplerSettings.RATE_LIMITS_RELOAD_INTERVAL),
                metrics));
    }

    private static List<DopplerLane> lanes(List<EventLoop> loops, Settings settings, Optional<RateLimits> limits) {
        long logBytes = settings.get(DopplerSettings.LOG_BYTES) / loops.size();
        long recentBytes = settings.get(DopplerSettings.DOPPLER_RECENT_BYTES) / loops.size();
        int recentLogs = settings.get(DopplerSettings.DOPPLER_RECENT_LOGS);
        List<DopplerLane> lanes = new ArrayList<>();
        for (EventLoop loop : loops) {
            RecentPast recent = new RecentPast(
                    Math.max(1, recentLogs),
                    recentBytes,
                    settings.get(DopplerSettings.DOPPLER_CONTAINER_METRIC_TTL),
                    settings.get(DopplerSettings.DOPPLER_SOURCE_IDLE));
            lanes.add(
                    new DopplerLane(lanes.size(), loop, logBytes, recent, recentLogs > 0, limits.map(LaneLimits::new)));
        }
        return lanes;
    }

    private static String deploy(
            Vertx vertx, LinkVerticle.Options options, List<DopplerLane> lanes, AtomicInteger port) {
        return vertx.deployVerticle(
                        () -> new LinkVerticle(options, lanes, port::set),
                        new DeploymentOptions().setInstances(lanes.size()))
                .await();
    }

    private static IOException cannotBind(Throwable cause, Setting<Integer> setting, String host, Settings settings) {
        return new IOException(PortInUse.explain(cause, setting, new HostPort(host, settings.get(setting))), cause);
    }

    /** The router port: gRPC, in and out. */
    public int ingressPort() {
        return router.port();
    }

    /** The ports for v1 envelopes without gRPC that were asked for, by protocol: {@code udp}, {@code tcp}, {@code tls}. */
    public Map<String, Integer> v1Ports() {
        return v1Ports.ports();
    }

    /** The port of the link. */
    public int linkPort() {
        return linkPort;
    }

    /** What it tells on its diagnostics port, by path. */
    public Map<String, Report> reports() {
        return reports;
    }

    /**
     * Takes nothing more in: agents are sent elsewhere, their streams end in a lull if there is one. Blocks, at most for
     * the limit and for some seconds; not to be called on an event loop.
     */
    public void stopAccepting(Duration limit) {
        Duration allowed = limit.compareTo(LONGEST_INGRESS_STOP) < 0 ? limit : LONGEST_INGRESS_STOP;
        long end = System.nanoTime() + allowed.toNanos();
        v1Ports.endConnections(allowed.dividedBy(2));
        router.stopIngress(allowed);
        v1Ports.stop(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
        pulse.ifPresent(OwnMetricsPulse::stop);
        // An event loop reads from sockets before it runs what others ask of it, so a lane is not closed at once.
        LaneQuestions.ask(lanes, lane -> {
                    lane.close();
                    return lane.counters().envelopes();
                })
                .timeout(LONGEST_INGRESS_STOP.toMillis(), TimeUnit.MILLISECONDS)
                .onSuccess(taken -> LOG.info(
                        "ingress has ended, {} envelopes were taken in",
                        taken.stream().mapToLong(Long::longValue).sum()))
                .otherwise(failure -> {
                    LOG.warn("ingress has not ended on every event loop: {}", failure.getMessage());
                    return List.of();
                })
                .await();
    }

    /**
     * Gives readers what they have not had, within a limit; what does not fit is counted, told to those who are there,
     * and logged. Nothing may come in any more. Fails when readers that are there did not get everything.
     */
    public Future<Void> handOver(Duration limit) {
        return HandOver.within(limit, vertx, lanes);
    }

    /**
     * Ends the readers' streams and says goodbye to the Traffic Controllers, when what is under way to them has been
     * written, and closes all ports.
     */
    public Future<Void> stopReaders() {
        Future<Void> links = vertx.undeploy(linkDeployment);
        Future<Void> streams = vertx.executeBlocking(() -> {
            router.stop(LONGEST_EGRESS_STOP);
            return null;
        });
        return Future.join(links, streams).<Void>mapEmpty().onComplete(done -> lanes.forEach(DopplerLane::stop));
    }
}
