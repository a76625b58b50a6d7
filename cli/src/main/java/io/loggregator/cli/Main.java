package io.loggregator.cli;

import io.loggregator.cli.output.OutputClosed;
import io.loggregator.cli.server.DemoCommand;
import io.loggregator.cli.server.DopplerCommand;
import io.loggregator.cli.server.RlpCommand;
import io.loggregator.cli.server.ServerCommand;
import io.loggregator.cli.server.TrafficControllerCommand;
import io.loggregator.cli.terminal.Failure;
import io.loggregator.cli.terminal.Terminal;
import io.loggregator.cli.terminal.VersionText;
import io.loggregator.node.process.ExitCodes;
import io.loggregator.node.process.NameAnswers;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** The program: {@code loggregator COMMAND [OPTIONS]}. */
@Command(
        name = "loggregator",
        description = "Log and metric streaming for Cloud Foundry, on the JVM.",
        mixinStandardHelpOptions = true,
        versionProvider = VersionText.class,
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "'loggregator COMMAND --help' tells more about a command.",
            "'./loggregator nozzle' lists nozzles: programs of their own that bring the stream elsewhere.",
            "'./loggregator rehearse' puts faults into servers under load, and adds up what was lost."
        })
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        // Names of Dopplers are looked up as often as the setting says.
        NameAnswers.forget();
        // grpc-java logs through java.util.logging.
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        System.exit(run(Terminal.ofProcess(), args));
    }

    /** Every command of the program, in the order of {@code --help}. */
    private static List<Callable<Integer>> commands(Terminal terminal) {
        return List.of(
                new DemoCommand(terminal),
                new DopplerCommand(terminal.environment(), terminal.err()),
                new TrafficControllerCommand(terminal.environment(), terminal.err()),
                new RlpCommand(terminal.environment(), terminal.err()),
                new TailCommand(terminal),
                new FirehoseCommand(terminal),
                new EmitCommand(terminal),
                new TrafficCommand(terminal),
                new LedgerCommand(terminal),
                new TopCommand(terminal),
                new CertsCommand(terminal),
                new TokenCommand(terminal));
    }

    /** Runs one command line and returns its exit status, one of {@link ExitCodes}. */
    static int run(Terminal terminal, String... args) {
        CommandLine program = new CommandLine(new Main());
        for (Callable<Integer> command : commands(terminal)) {
            CommandLine subcommand = new CommandLine(command);
            if (command instanceof ServerCommand server) {
                subcommand.getCommandSpec().usageMessage().footer(server.settingsHelp());
            }
            program.addSubcommand(subcommand);
        }
        program.setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8));
        program.setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8));
        program.setColorScheme(CommandLine.Help.defaultColorScheme(
                terminal.wantsColour() ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF));
        program.setUsageHelpWidth(100);
        program.setCaseInsensitiveEnumValuesAllowed(true);
        program.setParameterExceptionHandler((wrong, given) -> usageError(terminal, wrong));
        program.setExecutionExceptionHandler((failure, command, given) -> failed(terminal, failure));
        return program.execute(args);
    }

    private static int usageError(Terminal terminal, ParameterException wrong) {
        CommandLine command = wrong.getCommandLine();
        terminal.say(wrong.getMessage());
        CommandLine.UnmatchedArgumentException.printSuggestions(wrong, command.getErr());
        CommandSpec spec = command.getCommandSpec();
        if (spec.parent() == null) {
            command.usage(command.getErr());
        } else {
            command.getErr().print(command.getHelp().fullSynopsis());
            command.getErr().println("See '" + spec.qualifiedName() + " --help'.");
        }
        return ExitCodes.USAGE;
    }

    private static int failed(Terminal terminal, Exception failure) {
        if (failure instanceof Failure told) {
            terminal.say(told.getMessage());
            return told.exitStatus();
        }
        if (failure instanceof OutputClosed) {
            return ExitCodes.OUTPUT_CLOSED;
        }
        terminal.say("internal error: " + failure);
        LoggerFactory.getLogger(Main.class).debug("internal error", failure);
        return ExitCodes.INTERNAL;
    }
}
