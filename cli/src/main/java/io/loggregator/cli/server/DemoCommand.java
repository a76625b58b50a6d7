package io.loggregator.cli.server;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.loggregator.cli.client.Address;
import io.loggregator.cli.client.Backoff;
import io.loggregator.cli.client.Follower;
import io.loggregator.cli.client.TlsFiles;
import io.loggregator.cli.client.TrafficControllerClient;
import io.loggregator.cli.emit.CellAgent;
import io.loggregator.cli.emit.IngressSender;
import io.loggregator.cli.output.EnvelopeOutput;
import io.loggregator.cli.output.LineFormat;
import io.loggregator.cli.output.Style;
import io.loggregator.cli.terminal.Failure;
import io.loggregator.cli.terminal.Terminal;
import io.loggregator.cli.terminal.VersionText;
import io.loggregator.cli.traffic.SampleApp;
import io.loggregator.cli.traffic.SampleTraffic;
import io.loggregator.node.GracefulStop;
import io.loggregator.node.process.ExitCodes;
import java.io.IOException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code demo}. */
@Command(
        name = "demo",
        description = {
            "Run a Doppler, a Traffic Controller and some sample apps in this process, and follow the apps' logs.",
            "Everything is on loopback, in plain text and open to this machine. No files are needed. Ctrl-C ends it."
        },
        mixinStandardHelpOptions = true,
        versionProvider = VersionText.class,
        sortOptions = false)
public final class DemoCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(DemoCommand.class);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);
    private static final String OWN_SUBSCRIPTION = "demo-terminal";

    private final Terminal terminal;

    @Spec
    private CommandSpec command;

    @Option(
            names = "--loggregator-port",
            paramLabel = "PORT",
            defaultValue = "8081",
            description = "Where clients connect; 0 = any free port. Default: ${DEFAULT-VALUE}")
    private int loggregatorPort;

    @Option(
            names = "--gateway-port",
            paramLabel = "PORT",
            defaultValue = "8088",
            description = "Where /v2/read is served (server-sent events); 0 = any free port. Default: ${DEFAULT-VALUE}")
    private int gatewayPort;

    @Option(
            names = "--rlp-port",
            paramLabel = "PORT",
            defaultValue = "8084",
            description = "Where readers of gRPC v2 connect; 0 = any free port. Default: ${DEFAULT-VALUE}")
    private int rlpPort;

    @Option(
            names = "--ingress-port",
            paramLabel = "PORT",
            defaultValue = "8082",
            description = "Where envelopes are sent to (gRPC); 0 = any free port. Default: ${DEFAULT-VALUE}")
    private int ingressPort;

    @Option(names = "--no-traffic", description = "No sample apps.")
    private boolean noTraffic;

    @Option(names = "--quiet", description = "Do not follow the sample apps' logs.")
    private boolean quiet;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "5",
            description = "Envelopes per second of the sample apps, metrics apart. Default: ${DEFAULT-VALUE}")
    private double rate;

    public DemoCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws Exception {
        checkPort("--loggregator-port", loggregatorPort);
        checkPort("--gateway-port", gatewayPort);
        checkPort("--rlp-port", rlpPort);
        checkPort("--ingress-port", ingressPort);
        if (!(rate >= 0 && rate <= 1_000_000)) {
            throw new ParameterException(
                    command.commandLine(), "--rate must be from 0 to 1,000,000 per second, not " + rate);
        }
        Demo demo;
        try {
            demo = Demo.start(loggregatorPort, gatewayPort, rlpPort, ingressPort);
        } catch (IOException e) {
            throw new Failure(
                    ExitCodes.CONFIGURATION,
                    e.getMessage()
                            .replace("TRAFFIC_CONTROLLER_OUTGOING_DROPSONDE_PORT", "--loggregator-port")
                            .replace("GATEWAY_ADDR", "--gateway-port")
                            .replace("RLP_PORT", "--rlp-port")
                            .replace("to port 0 for any", "to 0 for any")
                            .replace("ROUTER_PORT", "--ingress-port"));
        }
        GracefulStop stop = new GracefulStop(STOP_LIMIT);
        stop.blockingStep("servers", demo::close);
        if (!noTraffic) {
            SampleTraffic traffic = new SampleTraffic(rate, List.of(agent(demo)));
            stop.blockingStep("sample apps", traffic::close);
            traffic.start();
        }
        stop.onSignals();
        greet(demo);
        if (quiet || noTraffic) {
            new CountDownLatch(1).await();
        }
        return follow(demo);
    }

    private static CellAgent agent(Demo demo) {
        String address = "127.0.0.1:" + demo.ingressPort();
        ManagedChannel channel =
                NettyChannelBuilder.forTarget(address).usePlaintext().build();
        return new CellAgent(
                "demo-agent",
                new IngressSender(channel, address, Backoff.ofClient(), true, line -> LOG.info("{}", line)));
    }

    private void checkPort(String option, int port) {
        if (port < 0 || port > 65_535) {
            throw new ParameterException(command.commandLine(), option + " must be a port, 0 to 65535, not " + port);
        }
    }

    private void greet(Demo demo) {
        String clients = "ws://127.0.0.1:" + demo.loggregatorPort();
        String ingress = "127.0.0.1:" + demo.ingressPort();
        String rlp = "127.0.0.1:" + demo.rlpPort();
        String clientOption = demo.loggregatorPort() == 8081 ? "" : " --addr " + clients;
        String emitOption = demo.ingressPort() == 8082 ? "" : " --addr " + ingress;
        String app = noTraffic ? "my-app" : SampleApp.all().get(0).id();
        for (String line : List.of(
                "ws bound to: 127.0.0.1:" + demo.loggregatorPort(),
                "http bound to: 127.0.0.1:" + demo.gatewayPort(),
                "grpc bound to: 127.0.0.1:" + demo.ingressPort(),
                "",
                "Loggregator runs. Clients connect to " + clients + ", readers of gRPC v2 to " + rlp
                        + ", envelopes go to " + ingress + " (gRPC).",
                "It is open and in plain text, for this machine only. Try, in another terminal:",
                "",
                "  ./loggregator tail " + app + clientOption,
                "  ./loggregator firehose my-nozzle" + clientOption,
                "  curl -N 'http://127.0.0.1:" + demo.gatewayPort() + "/v2/read?log'",
                "  grpcurl -plaintext -import-path proto/src/main/proto -proto loggregator-api/v2/egress.proto"
                        + " -d '{\"selectors\": [{\"log\": {}}]}' " + rlp + " loggregator.v2.Egress/BatchedReceiver",
                "  echo 'hello there' | ./loggregator emit --app " + app + emitOption,
                "")) {
            terminal.err().println(line);
        }
        terminal.err().flush();
    }

    private int follow(Demo demo) throws Exception {
        Address address = new Address(false, "127.0.0.1", demo.loggregatorPort(), "");
        Style style =
                terminal.wantsColour() ? Style.COLOUR : terminal.interactive() ? Style.PLAIN_TERMINAL : Style.PIPE;
        EnvelopeOutput output = new EnvelopeOutput(
                terminal.out(),
                new LineFormat(ZoneId.systemDefault(), style, true),
                envelope -> envelope.hasLogMessage(),
                Long.MAX_VALUE,
                terminal::say);
        try (TrafficControllerClient client = new TrafficControllerClient(address, Optional.empty(), TlsFiles.NONE)) {
            new Follower(
                            () -> client.firehose(OWN_SUBSCRIPTION, Optional.of("logs")),
                            Backoff.ofClient(),
                            true,
                            terminal::say)
                    .follow(output);
        }
        return ExitCodes.OK;
    }
}
