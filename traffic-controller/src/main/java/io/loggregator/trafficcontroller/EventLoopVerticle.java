package io.loggregator.trafficcontroller;

import io.loggregator.node.grpc.Loops;
import io.loggregator.trafficcontroller.access.AccessOptions;
import io.loggregator.trafficcontroller.access.Authorities;
import io.loggregator.trafficcontroller.edge.AccessControl;
import io.loggregator.trafficcontroller.edge.EdgeOptions;
import io.loggregator.trafficcontroller.edge.EdgeVerticle;
import io.loggregator.trafficcontroller.fanout.ClientCounters;
import io.loggregator.trafficcontroller.fanout.FanOut;
import io.loggregator.trafficcontroller.gateway.GatewayCounters;
import io.loggregator.trafficcontroller.gateway.GatewayOptions;
import io.loggregator.trafficcontroller.gateway.GatewayVerticle;
import io.loggregator.trafficcontroller.gateway.LogAccess;
import io.loggregator.trafficcontroller.link.Dopplers;
import io.loggregator.trafficcontroller.rlp.LoopReadings;
import io.loggregator.trafficcontroller.router.RouterCounters;
import io.loggregator.trafficcontroller.router.Routers;
import io.loggregator.trafficcontroller.streamv2.StreamCounters;
import io.loggregator.trafficcontroller.streamv2.StreamV2;
import io.loggregator.trafficcontroller.upstream.DopplerSession;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** One event loop's whole Traffic Controller: its links, its clients, its share of the ports. Loops share nothing. */
final class EventLoopVerticle extends VerticleBase {
    /** How long a stop waits for links that are missing, unless clients are not given as long. */
    private static final Duration LONGEST_LINKING = Duration.ofSeconds(1);

    private final Dopplers.Options links;
    private final Routers.Options routerOptions;
    private final RouterCounters routerCounters;
    private final FanOut.Options fanOutOptions;
    private final Optional<EdgeOptions> edgeOptions;
    private final AccessOptions access;
    private final Consumer<Authorities> onAuthorities;
    private final ClientCounters counters;
    private final StreamCounters streamCounters;
    private final Optional<GatewayOptions> gatewayOptions;
    private final GatewayCounters gatewayCounters;
    private final BoundPorts ports;
    private final Consumer<LoopReadings> onReadings;
    private final Consumer<LoopClients> onClients;
    private final Optional<OwnMetricsPulse> pulse;
    private Dopplers dopplers;
    private Routers routers;
    private FanOut fanOut;
    private StreamV2 acknowledged;
    private Optional<EdgeVerticle> edge = Optional.empty();
    private Optional<GatewayVerticle> gateway = Optional.empty();
    private Authorities authorities;

    /**
     * @param edgeOptions empty: without a Loggregator port
     * @param gatewayOptions empty: without a gateway port
     * @param pulse for one of the event loops only
     */
    EventLoopVerticle(
            Dopplers.Options links,
            Routers.Options routerOptions,
            RouterCounters routerCounters,
            FanOut.Options fanOutOptions,
            Optional<EdgeOptions> edgeOptions,
            AccessOptions access,
            Consumer<Authorities> onAuthorities,
            ClientCounters counters,
            StreamCounters streamCounters,
            Optional<GatewayOptions> gatewayOptions,
            GatewayCounters gatewayCounters,
            BoundPorts ports,
            Consumer<LoopReadings> onReadings,
            Consumer<LoopClients> onClients,
            Optional<OwnMetricsPulse> pulse) {
        this.links = links;
        this.routerOptions = routerOptions;
        this.routerCounters = routerCounters;
        this.fanOutOptions = fanOutOptions;
        this.edgeOptions = edgeOptions;
        this.access = access;
        this.onAuthorities = onAuthorities;
        this.counters = counters;
        this.streamCounters = streamCounters;
        this.gatewayOptions = gatewayOptions;
        this.gatewayCounters = gatewayCounters;
        this.ports = ports;
        this.onReadings = onReadings;
        this.onClients = onClients;
        this.pulse = pulse;
    }

    @Override
    public Future<?> start() throws Exception {
        fanOut = new FanOut(vertx, fanOutOptions, counters, this::sessions);
        acknowledged = new StreamV2(
                vertx,
                fanOut,
                fanOutOptions.times(),
                fanOutOptions.slowConsumers(),
                fanOutOptions.timing(),
                streamCounters);
        dopplers = new Dopplers(vertx, links, fanOut);
        routers = new Routers(vertx, routerOptions, fanOut, routerCounters, dopplers::knows);
        AccessControl accessControl = AccessControl.OPEN;
        LogAccess logAccess = LogAccess.OPEN;
        if (access.controlled()) {
            authorities = access.authorities(vertx, fanOut);
            onAuthorities.accept(authorities);
            accessControl = authorities;
            logAccess = authorities.logAccess();
        }
        AccessControl whoMayStream = accessControl;
        LogAccess whoMayRead = logAccess;
        edge = edgeOptions.map(options -> new EdgeVerticle(options, fanOut, acknowledged, whoMayStream));
        gateway = gatewayOptions.map(options -> new GatewayVerticle(options, fanOut, whoMayRead, gatewayCounters));
        return serveEdge().compose(bound -> serveGateway()).onSuccess(bound -> {
            ports.bound(
                    edge.map(EdgeVerticle::port).orElse(0),
                    gateway.map(GatewayVerticle::port).orElse(0));
            onReadings.accept(new LoopReadings(Loops.of(context), context, fanOut));
            onClients.accept(new LoopClients(context, fanOut::clients));
            dopplers.start();
            routers.start();
            pulse.ifPresent(own -> own.start(vertx, this::sendEnvelopes));
        });
    }

    /** Over a link, if there is one. */
    private Future<Void> sendEnvelopes(byte[] batch) {
        return dopplers.takeEnvelopes() ? dopplers.sendEnvelopes(batch) : routers.sendEnvelopes(batch);
    }

    private Future<?> serveEdge() throws Exception {
        return edge.isPresent() ? edge.get().deploy(context) : Future.succeededFuture();
    }

    private Future<?> serveGateway() {
        if (gateway.isEmpty()) {
            return Future.succeededFuture();
        }
        try {
            return gateway.get().deploy(context).recover(failure -> Future.failedFuture(new GatewayNotBound(failure)));
        } catch (Exception failure) {
            return Future.failedFuture(new GatewayNotBound(failure));
        }
    }

    @Override
    public Future<?> stop() throws Exception {
        // The port first, so that clients which reconnect go elsewhere; links last, so that what clients confirm
        // counts.
        List<Future<?>> closing = new ArrayList<>();
        if (edge.isPresent()) {
            closing.add(edge.get().undeploy(context));
        }
        if (gateway.isPresent()) {
            closing.add(gateway.get().undeploy(context));
        }
        Future<?> closed = Future.join(closing);
        // A Doppler that has just started is to know the groups of the clients that leave, so that it keeps what they
        // miss.
        Duration farewell = fanOutOptions.farewell();
        return dopplers.dialNow(farewell.compareTo(LONGEST_LINKING) < 0 ? farewell : LONGEST_LINKING)
                .eventually(() -> fanOut.stop())
                .eventually(() -> closed)
                .eventually(() -> pulse.map(OwnMetricsPulse::stop).orElse(Future.succeededFuture()))
                .eventually(() -> routers.finishEnvelopes())
                .eventually(() -> {
                    acknowledged.stop();
                    if (authorities != null) {
                        authorities.close();
                    }
                    routers.stop();
                    return dopplers.stop();
                });
    }

    /** Those of both kinds. */
    private List<DopplerSession> sessions() {
        if (routers == null) {
            return List.of();
        }
        List<DopplerSession> sessions = dopplers.sessions();
        sessions.addAll(routers.sessions());
        return sessions;
    }
}
