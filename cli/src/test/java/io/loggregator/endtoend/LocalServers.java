package io.loggregator.endtoend;

import io.loggregator.doppler.Doppler;
import io.loggregator.doppler.DopplerSettings;
import io.loggregator.node.Readiness;
import io.loggregator.node.metrics.Metrics;
import io.loggregator.node.settings.Settings;
import io.loggregator.trafficcontroller.TrafficController;
import io.loggregator.trafficcontroller.TrafficControllerSettings;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A Doppler and a Traffic Controller in this process. */
final class LocalServers implements AutoCloseable {
    private static final int EVENT_LOOPS = 2;
    private static final long LIMIT_SECONDS = 30;

    private final Vertx vertx =
            Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(EVENT_LOOPS));
    private final Certificates certificates;
    private final Map<String, String> forDoppler;
    private Metrics dopplerMetrics = new Metrics();
    private final Metrics trafficControllerMetrics = new Metrics();
    private Doppler doppler;
    private final TrafficController trafficController;

    /** @param certificatesOrNull null for plain text */
    LocalServers(Certificates certificatesOrNull) throws Exception {
        this(certificatesOrNull, Map.of(), Map.of());
    }

    /** With more settings for either server. */
    LocalServers(
            Certificates certificatesOrNull,
            Map<String, String> moreForDoppler,
            Map<String, String> moreForTrafficController)
            throws Exception {
        this(certificatesOrNull, false, moreForDoppler, moreForTrafficController);
    }

    /** A Traffic Controller that knows the Doppler by its router port alone. */
    static LocalServers withoutLink(Certificates certificates, Map<String, String> moreForTrafficController)
            throws Exception {
        return new LocalServers(certificates, true, Map.of(), moreForTrafficController);
    }

    private LocalServers(
            Certificates certificatesOrNull,
            boolean byGrpc,
            Map<String, String> moreForDoppler,
            Map<String, String> moreForTrafficController)
            throws Exception {
        certificates = certificatesOrNull;
        forDoppler = new HashMap<>(Map.of(
                "DOPPLER_HOST", "127.0.0.1",
                "ROUTER_PORT", "0",
                "DOPPLER_LINK_PORT", "0",
                // What is delivered is counted by many a test.
                "ROUTER_METRIC_BATCH_INTERVAL_MILLISECONDS", "0"));
        forDoppler.putAll(certificates == null ? Map.of("LOGGREGATOR_INSECURE", "true") : certificates.ofDoppler());
        forDoppler.putAll(moreForDoppler);
        startDoppler();
        Map<String, String> forTrafficController = new HashMap<>(Map.of(
                "TRAFFIC_CONTROLLER_HOST", "127.0.0.1",
                "TRAFFIC_CONTROLLER_OUTGOING_DROPSONDE_PORT", "0",
                "GATEWAY_ADDR", "127.0.0.1:0",
                "RLP_PORT", "0",
                "TRAFFIC_CONTROLLER_METRIC_EMITTER_INTERVAL", "0",
                "RLP_METRIC_EMITTER_INTERVAL", "0",
                "TRAFFIC_CONTROLLER_DISABLE_ACCESS_CONTROL", "true"));
        forTrafficController.put(
                byGrpc ? "ROUTER_ADDRS" : "DOPPLER_LINK_ADDRS",
                "127.0.0.1:" + (byGrpc ? doppler.ingressPort() : doppler.linkPort()));
        forTrafficController.putAll(
                certificates == null ? Map.of("LOGGREGATOR_INSECURE", "true") : certificates.ofTrafficController());
        forTrafficController.putAll(moreForTrafficController);
        trafficController = TrafficController.start(
                vertx,
                EVENT_LOOPS,
                Settings.load(
                        TrafficControllerSettings.ALL, forTrafficController, null, TrafficControllerSettings::rules),
                trafficControllerMetrics,
                new Readiness());
    }

    private void startDoppler() throws Exception {
        doppler = Doppler.start(
                vertx, Settings.load(DopplerSettings.ALL, forDoppler, null, DopplerSettings::rules), dopplerMetrics);
    }

    /** Stops the Doppler and starts it again, on the same ports. */
    void restartDoppler() throws Exception {
        forDoppler.put("ROUTER_PORT", Integer.toString(doppler.ingressPort()));
        forDoppler.put("DOPPLER_LINK_PORT", Integer.toString(doppler.linkPort()));
        stopDoppler();
        dopplerMetrics = new Metrics();
        startDoppler();
    }

    private void stopDoppler() throws TimeoutException {
        doppler.stopAccepting(Duration.ofSeconds(LIMIT_SECONDS));
        doppler.stopReaders().await(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    int port() {
        return trafficController.port();
    }

    int rlpPort() {
        return trafficController.rlpPort();
    }

    int gatewayPort() {
        return trafficController.gatewayPort();
    }

    int ingressPort() {
        return doppler.ingressPort();
    }

    int linkPort() {
        return doppler.linkPort();
    }

    Agent agent() throws IOException {
        return new Agent(doppler.ingressPort(), certificates == null ? null : certificates.ofAgent());
    }

    /** Whether every event loop of the Traffic Controller has its link. */
    boolean linked() {
        return samples().sum("doppler_links") == EVENT_LOOPS;
    }

    Samples samples() {
        return new Samples(List.of(dopplerMetrics.scrape(), trafficControllerMetrics.scrape()));
    }

    @Override
    public void close() throws TimeoutException {
        doppler.stopAccepting(Duration.ofSeconds(LIMIT_SECONDS));
        trafficController.stop().await(LIMIT_SECONDS, TimeUnit.SECONDS);
        doppler.stopReaders().await(LIMIT_SECONDS, TimeUnit.SECONDS);
        vertx.close().await(LIMIT_SECONDS, TimeUnit.SECONDS);
    }
}
