package io.loggregator.cli.server;

import io.loggregator.cli.terminal.Failure;
import io.loggregator.cli.terminal.VersionText;
import io.loggregator.node.Diagnostics;
import io.loggregator.node.GracefulStop;
import io.loggregator.node.PortInUse;
import io.loggregator.node.Readiness;
import io.loggregator.node.Report;
import io.loggregator.node.accept.FailedAccepts;
import io.loggregator.node.metrics.Metrics;
import io.loggregator.node.process.ExitCodes;
import io.loggregator.node.settings.HostPort;
import io.loggregator.node.settings.InvalidSettings;
import io.loggregator.node.settings.Rules;
import io.loggregator.node.settings.Setting;
import io.loggregator.node.settings.Settings;
import io.loggregator.node.settings.SettingsReference;
import io.loggregator.node.tls.InvalidTlsMaterial;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What the server roles have in common: settings, start, the lines that tell the ports, diagnostics, an orderly stop. */
@Command(mixinStandardHelpOptions = true, versionProvider = VersionText.class)
public abstract class ServerCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(ServerCommand.class);
    private static final int WORKERS = 4;

    private static final Duration HANG_CHECK = Duration.ofSeconds(10);
    private static final int HELP_WIDTH = 100;
    /** What the Go release's gateway says. */
    static final String STARTING_GATEWAY = "starting RLP gateway";

    private final Role role;
    private final Map<String, String> environment;
    private final PrintStream err;

    @Option(
            names = "--settings",
            paramLabel = "FILE",
            description = "Settings in a .properties or .yml file; the environment wins.")
    private Path file;

    @Option(names = "--check", description = "Check the settings and end.")
    private boolean checkOnly;

    /**
     * What a role can be told, and which of its settings this class needs itself.
     *
     * @param declared everything that can be set
     */
    record Role(
            List<Setting<?>> declared,
            Consumer<Rules> rules,
            Setting<Integer> eventLoops,
            Setting<Duration> stopTimeout,
            Setting<Duration> stopDelay,
            Setting<Integer> healthPort,
            Setting<String> healthHost) {}

    ServerCommand(Role role, Map<String, String> environment, PrintStream err) {
        this.role = role;
        this.environment = environment;
        this.err = err;
    }

    /**
     * Starts the role and registers the steps that stop it.
     *
     * @param tell given each line that start scripts and test harnesses may wait for, as the Go release prints it, such as
     *     {@code grpc bound to: H:P}; what it says is so by then
     * @return what it has to tell on the diagnostics port, by path
     */
    abstract Map<String, Report> start(
            Vertx vertx,
            Settings settings,
            Metrics metrics,
            Readiness readiness,
            GracefulStop stop,
            Consumer<String> tell)
            throws IOException, InvalidTlsMaterial;

    /** A line that the Go release's program prints when it has started; told when every port is open. */
    Optional<String> lastWord() {
        return Optional.empty();
    }

    /** The settings, as part of the help. */
    public String settingsHelp() {
        return String.format("%nSettings, from the environment or the file:%n%n")
                + SettingsReference.plain(role.declared(), HELP_WIDTH);
    }

    @Override
    public Integer call() throws Exception {
        Settings settings = load();
        settings.warnings().forEach(warning -> LOG.warn("{}", warning));
        if (checkOnly) {
            err.println("settings are good");
            return ExitCodes.OK;
        }
        Vertx vertx = vertx(settings.get(role.eventLoops()));
        GracefulStop stop = new GracefulStop(atLeastSome(settings.get(role.stopTimeout())));
        Metrics metrics = new Metrics();
        Readiness readiness = new Readiness();
        HostPort bound;
        try {
            stop.step("event loops", vertx::close);
            // Last to go, so that a stop can be watched to its end.
            HostPort address = new HostPort(settings.get(role.healthHost()), settings.get(role.healthPort()));
            Diagnostics diagnostics = new Diagnostics(vertx, address, metrics, readiness);
            stop.step("diagnostics", diagnostics::stop);
            diagnostics.add(start(vertx, settings, metrics, readiness, stop, err::println));
            bound = new HostPort(address.host(), bind(diagnostics, address));
        } catch (IOException | InvalidTlsMaterial e) {
            stop.stop();
            throw new Failure(ExitCodes.CONFIGURATION, e.getMessage());
        }
        Duration delay = settings.get(role.stopDelay());
        stop.step("readiness", () -> {
            readiness.stopping();
            return delay.isZero() ? Future.succeededFuture() : vertx.timer(delay.toMillis(), TimeUnit.MILLISECONDS);
        });
        stop.onSignals();
        // Last, so that whoever waits for these lines can stop the server.
        err.println("pprof bound to: " + bound);
        lastWord().ifPresent(err::println);
        new CountDownLatch(1).await();
        return ExitCodes.OK;
    }

    private Settings load() {
        try {
            return Settings.load(role.declared(), environment, file, role.rules());
        } catch (InvalidSettings e) {
            throw new Failure(
                    ExitCodes.CONFIGURATION,
                    "cannot start:\n  "
                            + String.join(
                                    "\n  ",
                                    e.problems().stream().map(Object::toString).toList()));
        }
    }

    private int bind(Diagnostics diagnostics, HostPort address) throws IOException {
        try {
            return diagnostics.start().toCompletionStage().toCompletableFuture().join();
        } catch (CompletionException e) {
            throw new IOException(PortInUse.explain(e.getCause(), role.healthPort(), address), e);
        }
    }

    private static Duration atLeastSome(Duration limit) {
        return limit.isZero() ? Duration.ofMillis(1) : limit;
    }

    /** Native transport where it loads; few worker threads, as little but files blocks them. */
    static Vertx vertx(int eventLoops) {
        return FailedAccepts.vertx(new VertxOptions()
                .setEventLoopPoolSize(eventLoops)
                .setWorkerPoolSize(WORKERS)
                .setInternalBlockingPoolSize(WORKERS)
                // Looks whether a loop hangs; more often it would be a part of what an idle server costs.
                .setBlockedThreadCheckInterval(HANG_CHECK.toMillis())
                .setBlockedThreadCheckIntervalUnit(TimeUnit.MILLISECONDS));
    }
}
