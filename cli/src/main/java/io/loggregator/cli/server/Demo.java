package io.loggregator.cli.server;

import io.loggregator.doppler.Doppler;
import io.loggregator.doppler.DopplerSettings;
import io.loggregator.node.Readiness;
import io.loggregator.node.metrics.Metrics;
import io.loggregator.node.settings.InvalidSettings;
import io.loggregator.node.settings.Settings;
import io.loggregator.node.tls.InvalidTlsMaterial;
import io.loggregator.trafficcontroller.TrafficController;
import io.loggregator.trafficcontroller.TrafficControllerSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** A Doppler and a Traffic Controller in this process, on loopback, in plain text, open to whoever is on this machine. */
final class Demo implements AutoCloseable {
    private static final String LOOPBACK = "127.0.0.1";
    private static final Duration INGRESS_LIMIT = Duration.ofSeconds(1);

    private final Vertx vertx;
    private final Doppler doppler;
    private final TrafficController trafficController;

    private Demo(Vertx vertx, Doppler doppler, TrafficController trafficController) {
        this.vertx = vertx;
        this.doppler = doppler;
        this.trafficController = trafficController;
    }

    /** @throws IOException a port cannot be bound */
    static Demo start(int loggregatorPort, int gatewayPort, int rlpPort, int ingressPort)
            throws IOException, InvalidSettings, InvalidTlsMaterial {
        Vertx vertx = ServerCommand.vertx(2);
        try {
            Map<String, String> common = Map.of("LOGGREGATOR_INSECURE", "true");
            Map<String, String> forDoppler = new HashMap<>(common);
            forDoppler.put("DOPPLER_HOST", LOOPBACK);
            forDoppler.put("ROUTER_PORT", Integer.toString(ingressPort));
            forDoppler.put("DOPPLER_LINK_PORT", "0");
            Doppler doppler = Doppler.start(
                    vertx, Settings.load(DopplerSettings.ALL, forDoppler, null, DopplerSettings::rules), new Metrics());
            Map<String, String> forTrafficController = new HashMap<>(common);
            forTrafficController.put("TRAFFIC_CONTROLLER_HOST", LOOPBACK);
            forTrafficController.put("TRAFFIC_CONTROLLER_OUTGOING_DROPSONDE_PORT", Integer.toString(loggregatorPort));
            forTrafficController.put("RLP_PORT", Integer.toString(rlpPort));
            forTrafficController.put("GATEWAY_ADDR", LOOPBACK + ":" + gatewayPort);
            forTrafficController.put("TRAFFIC_CONTROLLER_DISABLE_ACCESS_CONTROL", "true");
            forTrafficController.put("DOPPLER_LINK_ADDRS", LOOPBACK + ":" + doppler.linkPort());
            TrafficController trafficController = TrafficController.start(
                    vertx,
                    1,
                    Settings.load(
                            TrafficControllerSettings.ALL,
                            forTrafficController,
                            null,
                            TrafficControllerSettings::rules),
                    new Metrics(),
                    new Readiness());
            return new Demo(vertx, doppler, trafficController);
        } catch (IOException | InvalidSettings | InvalidTlsMaterial | RuntimeException e) {
            await(vertx.close());
            throw e;
        }
    }

    int loggregatorPort() {
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

    @Override
    public void close() {
        doppler.stopAccepting(INGRESS_LIMIT);
        await(trafficController.stop());
        await(doppler.stopReaders());
        // Not chained to the others: their futures complete on event loops, which this one ends.
        await(vertx.close());
    }

    private static void await(Future<Void> future) {
        future.toCompletionStage().toCompletableFuture().join();
    }
}
