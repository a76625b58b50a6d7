package io.loggregator.cli.server;

import io.loggregator.node.GracefulStop;
import io.loggregator.node.Readiness;
import io.loggregator.node.Report;
import io.loggregator.node.metrics.Metrics;
import io.loggregator.node.settings.HostPort;
import io.loggregator.node.settings.Settings;
import io.loggregator.node.tls.InvalidTlsMaterial;
import io.loggregator.trafficcontroller.RlpSettings;
import io.loggregator.trafficcontroller.TrafficController;
import io.loggregator.trafficcontroller.TrafficControllerSettings;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Map;
import java.util.function.Consumer;
import picocli.CommandLine.Command;

/** {@code rlp}. */
@Command(
        name = "rlp",
        description = {
            "Run a Traffic Controller with nothing but the endpoints of v2 (gRPC and gateway), by the settings of the Go",
            "release's Reverse Log Proxy and its gateway."
        })
public final class RlpCommand extends ServerCommand {
    private static final Role ROLE = new Role(
            RlpSettings.ALL,
            RlpSettings::rules,
            TrafficControllerSettings.EVENT_LOOPS,
            TrafficControllerSettings.STOP_TIMEOUT,
            TrafficControllerSettings.STOP_DELAY,
            RlpSettings.HEALTH_PORT,
            RlpSettings.HEALTH_HOST);

    public RlpCommand(Map<String, String> environment, PrintStream err) {
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
        TrafficController rlp = TrafficController.startRlp(
                vertx, settings.get(TrafficControllerSettings.EVENT_LOOPS), settings, metrics, readiness);
        stop.step("readers and links", rlp::stop);
        tell.accept("grpc bound to: " + new HostPort(settings.get(RlpSettings.RLP_HOST), rlp.rlpPort()));
        if (rlp.gatewayPort() != 0) {
            tell.accept(STARTING_GATEWAY);
            tell.accept("http bound to: "
                    + new HostPort(
                            settings.get(TrafficControllerSettings.GATEWAY_ADDR).host(), rlp.gatewayPort()));
        }
        return rlp.reports();
    }
}
