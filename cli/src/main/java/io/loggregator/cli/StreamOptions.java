package io.loggregator.cli;

import io.loggregator.cli.client.Address;
import io.loggregator.cli.client.Backoff;
import io.loggregator.cli.client.Follower;
import io.loggregator.cli.client.Refused;
import io.loggregator.cli.client.TrafficControllerClient;
import io.loggregator.cli.client.Unreachable;
import io.loggregator.cli.output.EnvelopeFormat;
import io.loggregator.cli.output.EnvelopeOutput;
import io.loggregator.cli.output.JsonFormat;
import io.loggregator.cli.output.LineFormat;
import io.loggregator.cli.output.Style;
import io.loggregator.cli.terminal.Failure;
import io.loggregator.cli.terminal.Terminal;
import io.loggregator.node.process.ExitCodes;
import io.loggregator.node.tls.InvalidTlsMaterial;
import java.io.IOException;
import java.time.ZoneId;
import java.util.Optional;
import java.util.function.Predicate;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What {@code tail} and {@code firehose} have in common: where to connect, and how to print. */
final class StreamOptions {
    /** When to print in colour. */
    enum Colour {
        AUTO,
        ALWAYS,
        NEVER
    }

    private static final String TOKEN_VARIABLE = "LOGGREGATOR_TOKEN";
    private static final int PLAIN_PORT = 8081;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Mixin
    private TlsOptions tls;

    @Option(
            names = "--addr",
            paramLabel = "ADDRESS",
            defaultValue = "ws://127.0.0.1:8081",
            description = {
                "The Traffic Controller, or what stands before it: a URL (ws, wss, http, https) or host[:port].",
                "A bare host:port is spoken to in TLS, except that localhost, 127.* and [::1] without --ca and --cert "
                        + "are spoken to in plain text.",
                "Default: ${DEFAULT-VALUE}"
            })
    private String address;

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            description =
                    "The OAuth access token, with or without 'bearer ' before it. A command line can be seen by every "
                            + "user of the machine: better is " + TOKEN_VARIABLE + " in the environment.")
    private String token;

    @Option(names = "--wait", description = "Wait for a server that cannot be reached at the start.")
    private boolean patient;

    @Option(
            names = "--json",
            description = {
                "One JSON object per envelope and line, with the names of the v1 protocol. Times are nanoseconds.",
                "Bytes that are not UTF-8 come once more, exactly, in a field ending in _base64."
            })
    private boolean json;

    @Option(
            names = "--color",
            paramLabel = "WHEN",
            defaultValue = "auto",
            description = "auto (on a terminal, unless NO_COLOR is set), always or never. Default: auto")
    private Colour colour;

    @Option(
            names = "--v2",
            description = {
                "Acknowledge what was printed (subprotocol loggregator.stream.v2), so that a lost connection loses nothing; "
                        + "tell of gaps. What v1 has no form for is printed, too: with --json by the names of v2.",
                "A server that does not offer it is followed in v1."
            })
    private boolean v2;

    private long max = Long.MAX_VALUE;

    @Option(names = "--max", paramLabel = "N", description = "End after N envelopes.")
    void setMax(long value) {
        if (value < 1) {
            throw new ParameterException(command.commandLine(), "--max must be 1 or more, not " + value);
        }
        max = value;
    }

    /** What to ask a client for. */
    @FunctionalInterface
    interface Request<T> {
        T of(TrafficControllerClient client) throws IOException, Refused, Unreachable, InterruptedException;
    }

    /** Whether envelopes are to be acknowledged. */
    boolean v2() {
        return v2;
    }

    long max() {
        return max;
    }

    /** Prints the stream that {@code source} opens, from connection to connection, until {@code --max}. */
    int follow(Terminal terminal, Request<Follower.Source> source, EnvelopeOutput output)
            throws IOException, InterruptedException {
        return ask(terminal, client -> {
            Follower follower = new Follower(source.of(client), Backoff.ofClient(), patient, terminal::say);
            follower.follow(output);
            return ExitCodes.OK;
        });
    }

    /** Connects and asks; an answer that is none ends the command. */
    <T> T ask(Terminal terminal, Request<T> request) throws IOException, InterruptedException {
        Address parsed = address();
        Optional<String> given = Optional.ofNullable(token)
                .or(() -> Optional.ofNullable(terminal.environment().get(TOKEN_VARIABLE)))
                .filter(value -> !value.isBlank());
        if (given.isPresent() && given.get().chars().anyMatch(c -> c < ' ' || c > '~')) {
            throw new Failure(ExitCodes.USAGE, "the token holds characters that no token has");
        }
        if (given.isPresent() && !parsed.tls() && !parsed.isLoopback()) {
            terminal.say("warning: the token goes to " + parsed + " in plain text");
        }
        try (TrafficControllerClient client = new TrafficControllerClient(parsed, given, tls.files(command))) {
            return request.of(client);
        } catch (InvalidTlsMaterial wrong) {
            throw new Failure(ExitCodes.CONFIGURATION, wrong.getMessage());
        } catch (Refused refused) {
            throw new Failure(ExitCodes.REFUSED, refused.getMessage());
        } catch (Unreachable unreachable) {
            throw new Failure(ExitCodes.UNAVAILABLE, unreachable.getMessage());
        }
    }

    EnvelopeOutput output(Terminal terminal, boolean sources, Predicate<Envelope> wanted) {
        return new EnvelopeOutput(terminal.out(), format(terminal, sources), wanted, max, terminal::say);
    }

    private EnvelopeFormat format(Terminal terminal, boolean sources) {
        if (json) {
            return new JsonFormat();
        }
        Style style = switch (colour) {
            case ALWAYS -> Style.COLOUR;
            case NEVER -> terminal.interactive() ? Style.PLAIN_TERMINAL : Style.PIPE;
            case AUTO ->
                terminal.wantsColour() ? Style.COLOUR : terminal.interactive() ? Style.PLAIN_TERMINAL : Style.PIPE;
        };
        return new LineFormat(ZoneId.systemDefault(), style, sources);
    }

    private Address address() {
        try {
            return Address.parse(address, tls.bare(command), PLAIN_PORT);
        } catch (IllegalArgumentException wrong) {
            throw new ParameterException(command.commandLine(), "--addr: " + wrong.getMessage());
        }
    }
}
