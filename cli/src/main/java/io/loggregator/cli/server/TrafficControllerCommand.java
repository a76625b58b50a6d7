package io.loggregator.cli.server;

import io.loggregator.node.GracefulStop;
import io.loggregator.node.Readiness;
import io.loggregator.node.Report;
import io.loggregator.node.metrics.Metrics;
import io.loggregator.node.settings.HostPort;
import io.loggregator.node.settings.Settings;
import io.loggregator.node.tls.InvalidTlsMaterial;
import io.loggregator.trafficcontroller.TrafficController;
import io.loggregator.trafficcontroller.TrafficControllerSettings;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Map;
import java.util.function.Consumer;
import picocli.CommandLine.Command;

/** {@code traffic-controller}. */
@Command(
        name = "traffic-controller",
        description = "Run a Traffic Controller: links to the Dopplers and serves clients on the Loggregator port.")
public final class TrafficControllerCommand extends ServerCommand {
    private static final Role ROLE = new Role(
            TrafficControllerSettings.ALL,
            TrafficControllerSettings::rules,
            TrafficControllerSettings.EVENT_LOOPS,
            TrafficControllerSettings.STOP_TIMEOUT,
            TrafficControllerSettings.STOP_DELAY,
            TrafficControllerSettings.HEALTH_PORT,
            TrafficControllerSettings.HEALTH_HOST);

    public TrafficControllerCommand(Map<String, String> environment, PrintStream err) {
        super(ROLE, environment, err);
    }

    @Override
    Map<String, Report> start(
            Vertx vertx,
            Settings settings,
            Metrics metrics,
            Readiness readiness,
            GracefulStop stop,
            Consumer<String> tell)
            throws IOException, InvalidTlsMaterial {
        TrafficController trafficController = TrafficController.start(
                vertx, settings.get(TrafficControllerSettings.EVENT_LOOPS), settings, metrics, readiness);
        stop.step("clients and links", trafficController::stop);
        tell.accept("ws bound to: "
                + new HostPort(
                        settings.get(TrafficControllerSettings.TRAFFIC_CONTROLLER_HOST), trafficController.port()));
        tell.accept("grpc bound to: "
                + new HostPort(
                        settings.get(TrafficControllerSettings.TRAFFIC_CONTROLLER_HOST), trafficController.rlpPort()));
        tell.accept(STARTING_GATEWAY);
        tell.accept("http bound to: "
                + new HostPort(
                        settings.get(TrafficControllerSettings.GATEWAY_ADDR).host(), trafficController.gatewayPort()));
        return trafficController.reports();
    }
}
