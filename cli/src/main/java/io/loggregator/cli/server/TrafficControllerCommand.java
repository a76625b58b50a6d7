package io.loggregator.cli.server;

import io.loggregator.node.GracefulStop;
import io.loggregator.node.Readiness;
import io.loggregator.node.metrics.Metrics;
import io.loggregator.node.settings.HostPort;
import io.loggregator.node.settings.Rules;
import io.loggregator.node.settings.Setting;
import io.loggregator.node.settings.Settings;
import io.loggregator.node.tls.InvalidTlsMaterial;
import io.loggregator.trafficcontroller.TrafficController;
import io.loggregator.trafficcontroller.TrafficControllerSettings;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import picocli.CommandLine.Command;

/** {@code traffic-controller}. */
@Command(
        name = "traffic-controller",
        description = "Run a Traffic Controller: links to the Dopplers and serves clients on the Loggregator port.")
public final class TrafficControllerCommand extends ServerCommand {
    public TrafficControllerCommand(Map<String, String> environment, PrintStream err) {
        super(environment, err);
    }

    @Override
    List<Setting<?>> declared() {
        return TrafficControllerSettings.ALL;
    }

    @Override
    Consumer<Rules> rules() {
        return TrafficControllerSettings::rules;
    }

    @Override
    Setting<Integer> eventLoops() {
        return TrafficControllerSettings.EVENT_LOOPS;
    }

    @Override
    Setting<Duration> stopTimeout() {
        return TrafficControllerSettings.STOP_TIMEOUT;
    }

    @Override
    Setting<Integer> healthPort() {
        return TrafficControllerSettings.HEALTH_PORT;
    }

    @Override
    Setting<String> healthHost() {
        return TrafficControllerSettings.HEALTH_HOST;
    }

    @Override
    void start(
            Vertx vertx,
            Settings settings,
            Metrics metrics,
            Readiness readiness,
            GracefulStop stop,
            Consumer<String> bound)
            throws IOException, InvalidTlsMaterial {
        TrafficController trafficController =
                TrafficController.start(vertx, settings.get(eventLoops()), settings, metrics, readiness);
        stop.step("clients and links", trafficController::stop);
        bound.accept("ws bound to: "
                + new HostPort(
                        settings.get(TrafficControllerSettings.TRAFFIC_CONTROLLER_HOST), trafficController.port()));
    }
}
