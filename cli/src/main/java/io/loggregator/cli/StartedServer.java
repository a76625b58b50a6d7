package io.loggregator.cli;

import io.loggregator.cli.terminal.Failure;
import io.loggregator.node.process.ExitCodes;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server that runs in this process, and where its ports are, by the lines that it says. */
final class StartedServer {
    private static final Pattern BOUND = Pattern.compile("(\\w+) bound to: (\\S+)");

    private final String role;
    private final PrintStream output;
    private final Map<String, CompletableFuture<String>> addresses = new ConcurrentHashMap<>();
    private final CompletableFuture<String> end = new CompletableFuture<>();

    /** @param passOn gets all that it says */
    StartedServer(String role, PrintStream passOn) {
        this.role = role;
        this.output = new Lines(passOn);
    }

    /** Where it is to say its lines. */
    PrintStream output() {
        return output;
    }

    /** To be told when it does not run any more. */
    void ended(int status) {
        end.completeExceptionally(new Failure(ExitCodes.INTERNAL, role + " ended with " + status));
    }

    /** Waits until one of its ports is open, and has {@code HOST:PORT}. */
    String address(String port, Duration limit) throws InterruptedException {
        try {
            return (String) CompletableFuture.anyOf(named(port), end).get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw (Failure) e.getCause();
        } catch (TimeoutException e) {
            throw new Failure(ExitCodes.INTERNAL, role + " does not tell its port " + port);
        }
    }

    private CompletableFuture<String> named(String port) {
        return addresses.computeIfAbsent(port, first -> new CompletableFuture<>());
    }

    /** Reads along. */
    private final class Lines extends PrintStream {
        Lines(PrintStream passOn) {
            super((OutputStream) passOn, true, StandardCharsets.UTF_8);
        }

        @Override
        public void println(String line) {
            super.println(line);
            Matcher bound = BOUND.matcher(line);
            if (bound.find()) {
                named(bound.group(1)).complete(bound.group(2));
            }
        }
    }
}
