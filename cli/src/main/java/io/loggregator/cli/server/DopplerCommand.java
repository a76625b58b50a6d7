package io.loggregator.cli.server;

import io.loggregator.doppler.Doppler;
import io.loggregator.doppler.DopplerSettings;
import io.loggregator.node.GracefulStop;
import io.loggregator.node.Readiness;
import io.loggregator.node.Report;
import io.loggregator.node.metrics.Metrics;
import io.loggregator.node.settings.HostPort;
import io.loggregator.node.settings.Settings;
import io.loggregator.node.tls.InvalidTlsMaterial;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import picocli.CommandLine.Command;

/** {@code doppler}. */
@Command(
        name = "doppler",
        description = "Run a Doppler: takes envelopes in, keeps the recent past, feeds Traffic Controllers.")
public final class DopplerCommand extends ServerCommand {
    private static final Role ROLE = new Role(
            DopplerSettings.ALL,
            DopplerSettings::rules,
            DopplerSettings.EVENT_LOOPS,
            DopplerSettings.STOP_TIMEOUT,
            DopplerSettings.STOP_DELAY,
            DopplerSettings.DOPPLER_HEALTH_PORT,
            DopplerSettings.DOPPLER_HEALTH_HOST);

    public DopplerCommand(Map<String, String> environment, PrintStream err) {
        super(ROLE, environment, err);
    }

    @Override
    Optional<String> lastWord() {
        return Optional.of("Startup: router server started.");
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
        tell.accept("Startup: Setting up the router server");
        Doppler doppler = Doppler.start(vertx, settings, metrics);
        stop.step("readers", doppler::stopReaders);
        stop.timedStep("hand-over to readers", doppler::handOver);
        stop.timedStep("ingress", allowed -> {
            doppler.stopAccepting(allowed);
            return Future.succeededFuture();
        });
        String host = settings.get(DopplerSettings.DOPPLER_HOST);
        HostPort router = new HostPort(host, doppler.ingressPort());
        tell.accept("grpc bound to: " + router);
        tell.accept("Starting gRPC server on " + router);
        tell.accept("link bound to: " + new HostPort(host, doppler.linkPort()));
        doppler.v1Ports().forEach((protocol, port) -> tell.accept(protocol + " bound to: " + new HostPort(host, port)));
        return doppler.reports();
    }
}
