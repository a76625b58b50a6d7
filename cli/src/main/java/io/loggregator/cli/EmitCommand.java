package io.loggregator.cli;

import io.loggregator.cli.emit.EnvelopeSender;
import io.loggregator.cli.emit.IngressSender;
import io.loggregator.cli.emit.LineEmitter;
import io.loggregator.cli.emit.RateEmitter;
import io.loggregator.cli.terminal.Failure;
import io.loggregator.cli.terminal.Terminal;
import io.loggregator.cli.terminal.VersionText;
import io.loggregator.node.process.ExitCodes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code emit}. */
@Command(
        name = "emit",
        description = "Send logs to a Doppler or an agent: the lines of standard input, or made-up ones at a rate.",
        mixinStandardHelpOptions = true,
        versionProvider = VersionText.class,
        sortOptions = false)
final class EmitCommand implements Callable<Integer> {
    private static final int MAX_PAYLOAD_BYTES = 1 << 20;
    /** Fits a datagram with the rest of an envelope and a signature. */
    private static final int MAX_UDP_BYTES = 60_000;

    private static final long GOODBYE_SECONDS = 3;

    private final Terminal terminal;

    @Spec
    private CommandSpec command;

    @Mixin
    private IngressOptions ingress;

    private enum Form {
        V2,
        V1,
        UDP
    }

    @ArgGroup
    private Protocol protocol = new Protocol();

    /** How to send; one at most. */
    private static final class Protocol {
        @Option(names = "--v2", description = "Send v2 envelopes over gRPC: the default.")
        private boolean v2;

        @Option(names = "--v1", description = "Send v1 envelopes over gRPC, as agents of older releases (Pusher).")
        private boolean v1;

        @Option(
                names = "--udp",
                description = {
                    "Send v1 envelopes in UDP datagrams, as metron (--addr: port 3457 unless given).",
                    "Nobody tells what arrives."
                })
        private boolean udp;

        Form form() {
            if (v2) {
                return Form.V2;
            }
            return udp ? Form.UDP : v1 ? Form.V1 : Form.V2;
        }
    }

    @Option(
            names = "--shared-secret-file",
            paramLabel = "FILE",
            description = "With --udp: file with the Doppler's DOPPLER_SHARED_SECRET, to sign by. Default: unsigned.")
    private Path secretFile;

    @Option(names = "--app", paramLabel = "ID", description = "The source id of what is sent: an app's id.")
    private String app;

    @Option(
            names = "--instance",
            paramLabel = "INDEX",
            defaultValue = "0",
            description = "The instance id of the lines. Default: 0")
    private String instance;

    @Option(names = "--rate", paramLabel = "N", description = "Send N made-up logs per second, not standard input.")
    private Double rate;

    @Option(names = "--apps", paramLabel = "N", description = "With --rate: spread over N apps. Default: 1")
    private Integer apps;

    @Option(names = "--duration", paramLabel = "SECONDS", description = "With --rate: for how long. Default: no end.")
    private Double seconds;

    @Option(names = "--payload", paramLabel = "BYTES", description = "With --rate: length of a log. Default: 115")
    private Integer payload;

    private final AtomicBoolean stopping = new AtomicBoolean();
    private final CountDownLatch stopped = new CountDownLatch(1);

    EmitCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        check();
        Thread goodbye = new Thread(this::stopAtSignal, "goodbye");
        Runtime.getRuntime().addShutdownHook(goodbye);
        try {
            return send();
        } finally {
            stopped.countDown();
            if (!stopping.get()) {
                Runtime.getRuntime().removeShutdownHook(goodbye);
            }
        }
    }

    private int send() throws IOException, InterruptedException {
        long start = System.nanoTime();
        try (EnvelopeSender sender = sender()) {
            try {
                if (rate == null) {
                    new LineEmitter(terminal.in(), app, instance).run(sender, stopping::get);
                } else {
                    generator().run(sender, stopping::get);
                }
                sender.finish();
            } finally {
                double took = (System.nanoTime() - start) / 1e9;
                terminal.say(String.format(Locale.ROOT, "%,d sent in %.1f s", sender.sent(), took));
            }
            return ExitCodes.OK;
        } catch (IngressSender.Failed failed) {
            throw new Failure(failed.refused() ? ExitCodes.REFUSED : ExitCodes.UNAVAILABLE, failed.getMessage());
        } catch (IOException unreadable) {
            throw new Failure(ExitCodes.FAILED, "standard input cannot be read: " + unreadable.getMessage());
        }
    }

    private EnvelopeSender sender() throws IngressSender.Failed {
        return switch (protocol.form()) {
            case V2 -> ingress.sender(terminal::say);
            case V1 -> ingress.v1Sender(terminal::say);
            case UDP -> ingress.datagrams(secretFile == null ? null : secret(), terminal::say);
        };
    }

    private String secret() {
        String secret;
        try {
            secret = Files.readString(secretFile).strip();
        } catch (IOException unreadable) {
            throw new Failure(
                    ExitCodes.CONFIGURATION, "--shared-secret-file: " + secretFile + " cannot be read as text");
        }
        if (secret.isEmpty()) {
            throw new Failure(ExitCodes.CONFIGURATION, "--shared-secret-file: " + secretFile + " is empty");
        }
        return secret;
    }

    private RateEmitter generator() {
        int count = apps == null ? 1 : apps;
        return new RateEmitter(
                app == null ? RateEmitter.appIds(count) : List.of(app),
                rate,
                payload == null ? 115 : payload,
                seconds == null ? Duration.ofDays(36_500) : Duration.ofNanos((long) (seconds * 1e9)),
                terminal::say);
    }

    /** Ends the stream properly on Ctrl-C, as far as that is quick. */
    private void stopAtSignal() {
        stopping.set(true);
        try {
            stopped.await(GOODBYE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        }
    }

    private void check() {
        if (secretFile != null && protocol.form() != Form.UDP) {
            throw wrong("--shared-secret-file goes with --udp");
        }
        if (rate == null) {
            if (apps != null || seconds != null || payload != null) {
                throw wrong("--apps, --duration and --payload go with --rate");
            }
            if (app == null) {
                throw wrong("--app ID is needed to send standard input (or --rate N for made-up logs)");
            }
            return;
        }
        inRange("--rate", rate, 0.001, 10_000_000);
        inRange("--apps", apps == null ? 1 : apps, 1, 100_000);
        inRange("--duration", seconds == null ? 1 : seconds, 0.001, 1e9);
        inRange(
                "--payload",
                payload == null ? 1 : payload,
                1,
                protocol.form() == Form.UDP ? MAX_UDP_BYTES : MAX_PAYLOAD_BYTES);
        if (app != null && apps != null && apps != 1) {
            throw wrong("--app names one app, --apps asks for " + apps);
        }
    }

    private void inRange(String option, double value, double least, double most) {
        if (!(value >= least && value <= most)) {
            throw wrong(String.format(Locale.ROOT, "%s must be from %s to %,.0f", option, least, most));
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(command.commandLine(), message);
    }
}
