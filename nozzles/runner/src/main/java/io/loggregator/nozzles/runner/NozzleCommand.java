package io.loggregator.nozzles.runner;

import io.loggregator.node.process.ExitCodes;
import io.loggregator.node.process.ProgramVersion;
import io.loggregator.node.settings.InvalidSettings;
import io.loggregator.node.settings.Settings;
import io.loggregator.node.settings.SettingsReference;
import io.loggregator.nozzle.Nozzle;
import io.loggregator.nozzle.NozzleException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The command line of a nozzle's program. */
@Command(mixinStandardHelpOptions = true, versionProvider = NozzleCommand.Version.class)
public final class NozzleCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(NozzleCommand.class);
    private static final int HELP_WIDTH = 100;

    private final NozzleProgram program;
    private final Map<String, String> environment;
    private final PrintStream err;
    private final Consumer<StopRequest> listen;

    @Option(
            names = "--settings",
            paramLabel = "FILE",
            description = "Settings in a .properties or .yml file; the environment wins.")
    private Path file;

    @Option(names = "--check", description = "Check the settings and end.")
    private boolean checkOnly;

    private NozzleCommand(
            NozzleProgram program, Map<String, String> environment, PrintStream err, Consumer<StopRequest> listen) {
        this.program = program;
        this.environment = environment;
        this.err = err;
        this.listen = listen;
    }

    /** Runs the program, and ends the process with one of {@link ExitCodes}. */
    public static void main(NozzleProgram program, String... args) {
        System.exit(run(program, System.getenv(), System.out, System.err, StopRequest::onSignals, args));
    }

    /** @param listen told how to stop the nozzle just before it opens */
    static int run(
            NozzleProgram program,
            Map<String, String> environment,
            PrintStream out,
            PrintStream err,
            Consumer<StopRequest> listen,
            String... args) {
        CommandLine command = new CommandLine(new NozzleCommand(program, environment, err, listen));
        command.setCommandName("loggregator nozzle " + program.name());
        UsageMessageSpec usage = command.getCommandSpec().usageMessage();
        usage.description(program.description().replace("%", "%%"));
        usage.footer("%nSettings, from the environment or the file:%n%n"
                + SettingsReference.plain(NozzleSettings.of(program), HELP_WIDTH)
                        .replace("%", "%%"));
        command.setUsageHelpWidth(HELP_WIDTH);
        command.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
        command.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
        command.setParameterExceptionHandler((wrong, given) -> usageError(wrong));
        command.setExecutionExceptionHandler((failure, line, given) -> {
            LOG.error("internal error", failure);
            return ExitCodes.INTERNAL;
        });
        return command.execute(args);
    }

    private static int usageError(ParameterException wrong) {
        CommandLine command = wrong.getCommandLine();
        command.getErr().println("loggregator: " + wrong.getMessage());
        command.getErr().println("See '" + command.getCommandName() + " --help'.");
        return ExitCodes.USAGE;
    }

    @Override
    public Integer call() throws InterruptedException {
        Settings settings;
        try {
            settings =
                    Settings.load(NozzleSettings.of(program), environment, file, NozzleSettings::rules, program::rules);
        } catch (InvalidSettings e) {
            err.println("loggregator: cannot start:");
            e.problems().forEach(problem -> err.println("  " + problem));
            return ExitCodes.CONFIGURATION;
        }
        settings.warnings().forEach(warning -> LOG.warn("{}", warning));
        if (checkOnly) {
            err.println("settings are good");
            return ExitCodes.OK;
        }
        return run(settings);
    }

    private int run(Settings settings) throws InterruptedException {
        StopRequest stop = new StopRequest(Thread.currentThread());
        listen.accept(stop);
        Nozzle.Builder subscription;
        Destination destination;
        try {
            subscription = Subscription.of(program, settings);
            destination = program.open(settings);
        } catch (Exception e) {
            stop.opened();
            return cannotOpen(e, stop);
        }
        stop.opened();
        try (destination) {
            return new RunningNozzle(program.name(), settings, subscription, destination, stop).run();
        }
    }

    private static int cannotOpen(Exception failure, StopRequest stop) throws InterruptedException {
        if (stop.isMade()) {
            LOG.info("stopped while starting");
            return ExitCodes.OK;
        }
        if (failure instanceof InterruptedException interrupted) {
            throw interrupted;
        }
        LOG.error("cannot start: {}", failure.getMessage() == null ? failure : failure.getMessage());
        return failure instanceof NozzleException reason
                ? RunningNozzle.startExitCode(reason)
                : ExitCodes.CONFIGURATION;
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return ProgramVersion.lines(NozzleCommand.class);
        }
    }
}
