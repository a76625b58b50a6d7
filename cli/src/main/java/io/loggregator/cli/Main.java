package io.loggregator.cli;

import io.loggregator.cli.output.OutputClosed;
import io.loggregator.cli.server.DemoCommand;
import io.loggregator.cli.server.DopplerCommand;
import io.loggregator.cli.server.RlpCommand;
import io.loggregator.cli.server.ServerCommand;
import io.loggregator.cli.server.TrafficControllerCommand;
import io.loggregator.cli.terminal.Failure;
import io.loggregator.cli.terminal.LogToStandardError;
import io.loggregator.cli.terminal.Terminal;
import io.loggregator.cli.terminal.VersionText;
import io.loggregator.node.process.ExitCodes;
import io.loggregator.node.process.NameAnswers;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
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
        LogToStandardError.flushAtExit();
        System.exit(run(Terminal.ofProcess(), args));
    }

    /** Every command of the program by its name, in the order of {@code --help}. */
    private static Map<String, Supplier<Callable<Integer>>> commands(Terminal terminal) {
        Map<String, Supplier<Callable<Integer>>> commands = new LinkedHashMap<>();
        commands.put("demo", () -> new DemoCommand(terminal));
        commands.put("doppler", () -> new DopplerCommand(terminal.environment(), terminal.err()));
        commands.put("traffic-controller", () -> new TrafficControllerCommand(terminal.environment(), terminal.err()));
        commands.put("rlp", () -> new RlpCommand(terminal.environment(), terminal.err()));
        commands.put("tail", () -> new TailCommand(terminal));
        commands.put("firehose", () -> new FirehoseCommand(terminal));
        commands.put("emit", () -> new EmitCommand(terminal));
        commands.put("traffic", () -> new TrafficCommand(terminal));
        commands.put("ledger", () -> new LedgerCommand(terminal));
        commands.put("top", () -> new TopCommand(terminal));
        commands.put("certs", () -> new CertsCommand(terminal));
        commands.put("token", () -> new TokenCommand(terminal));
        commands.put("class-data", () -> new ClassDataCommand(terminal));
        return commands;
    }

    /** Runs one command line and returns its exit status, one of {@link ExitCodes}. */
    static int run(Terminal terminal, String... args) {
        Map<String, Supplier<Callable<Integer>>> commands = commands(terminal);
        Supplier<Callable<Integer>> named = args.length == 0 ? null : commands.get(args[0]);
        if (named == null) {
            return parse(terminal, commands, args);
        }
        Callable<Integer> command = named.get();
        if (args.length == 1 && command instanceof ServerCommand server) {
            // There is nothing to parse, and loading a parser takes as long as a tenth of a server's start.
            try {
                return server.call();
            } catch (Exception failure) {
                return failed(terminal, failure);
            }
        }
        // Looking at the options of every other command would take longer than most commands do.
        return parse(terminal, Map.of(args[0], () -> command), args);
    }

    private static int parse(Terminal terminal, Map<String, Supplier<Callable<Integer>>> commands, String... args) {
        CommandLine program = new CommandLine(new Main());
        commands.forEach((name, command) -> program.addSubcommand(name, commandLine(command.get())));
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

    private static CommandLine commandLine(Callable<Integer> command) {
        CommandLine line = new CommandLine(command);
        if (command instanceof ServerCommand server) {
            // Put together when somebody asks for it.
            line.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_FOOTER, help -> server.settingsHelp());
        }
        return line;
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
