package io.loggregator.cli;

import io.loggregator.cli.emit.CellAgent;
import io.loggregator.cli.emit.IngressSender;
import io.loggregator.cli.terminal.Failure;
import io.loggregator.cli.terminal.Terminal;
import io.loggregator.cli.terminal.VersionText;
import io.loggregator.cli.traffic.SampleApp;
import io.loggregator.cli.traffic.SampleTraffic;
import io.loggregator.node.process.ExitCodes;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code traffic}. */
@Command(
        name = "traffic",
        description = {
            "Send the logs and metrics of some sample apps, as the agents of a small platform would.",
            "Every agent has a connection of its own; where the address is a name that stands for several Dopplers, "
                    + "they spread over them. Ctrl-C ends it."
        },
        mixinStandardHelpOptions = true,
        versionProvider = VersionText.class,
        sortOptions = false)
final class TrafficCommand implements Callable<Integer> {
    private static final int MAX_AGENTS = 1_000;

    private final Terminal terminal;

    @Spec
    private CommandSpec command;

    @Mixin
    private IngressOptions ingress;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "20",
            description = "Envelopes per second of all apps, metrics apart. Default: ${DEFAULT-VALUE}")
    private double rate;

    @Option(
            names = "--agents",
            paramLabel = "N",
            defaultValue = "6",
            description = "Connections; the apps' instances are spread over them. Default: ${DEFAULT-VALUE}")
    private int agents;

    TrafficCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (!(rate >= 0 && rate <= 1_000_000)) {
            throw new ParameterException(
                    command.commandLine(), "--rate must be from 0 to 1,000,000 per second, not " + rate);
        }
        if (agents < 1 || agents > MAX_AGENTS) {
            throw new ParameterException(
                    command.commandLine(), "--agents must be from 1 to " + MAX_AGENTS + ", not " + agents);
        }
        String target = ingress.address().hostAndPort();
        CellAgent[] cells =
                IntStream.rangeClosed(1, agents).mapToObj(this::agent).toArray(CellAgent[]::new);
        SampleTraffic traffic = new SampleTraffic(rate, List.of(cells));
        Thread goodbye = new Thread(() -> end(traffic, cells), "goodbye");
        Runtime.getRuntime().addShutdownHook(goodbye);
        traffic.start();
        terminal.say(String.format(
                Locale.ROOT, "%d agents send %,.0f envelopes per second, and metrics, to %s", agents, rate, target));
        SampleApp.all().forEach(app -> terminal.say("app " + app.id() + "  " + app.name()));
        IngressSender.Failed failed = firstFailure(cells);
        Runtime.getRuntime().removeShutdownHook(goodbye);
        end(traffic, cells);
        throw new Failure(failed.refused() ? ExitCodes.REFUSED : ExitCodes.UNAVAILABLE, failed.getMessage());
    }

    private CellAgent agent(int number) {
        String name = "agent " + number;
        return new CellAgent(name, ingress.sender(notice -> terminal.say(name + ": " + notice)));
    }

    private void end(SampleTraffic traffic, CellAgent[] cells) {
        traffic.close();
        long sent = 0;
        long dropped = 0;
        for (CellAgent cell : cells) {
            sent += cell.sent();
            dropped += cell.dropped();
        }
        terminal.say(String.format(Locale.ROOT, "%,d sent, %,d dropped", sent, dropped));
    }

    private static IngressSender.Failed firstFailure(CellAgent[] cells) throws InterruptedException {
        CompletableFuture<?>[] failures = new CompletableFuture<?>[cells.length];
        for (int i = 0; i < cells.length; i++) {
            failures[i] = cells[i].failure();
        }
        try {
            return (IngressSender.Failed) CompletableFuture.anyOf(failures).get();
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
