package io.loggregator.cli;

import io.loggregator.cli.terminal.Terminal;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs a command line in this JVM, with streams that a test can look into while it runs. */
final class CommandRun {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final CompletableFuture<Integer> status = new CompletableFuture<>();

    private CommandRun(InputStream in, OutputStream outOrNull, Map<String, String> environment, String... args) {
        Terminal terminal = new Terminal(
                in,
                outOrNull == null ? out : outOrNull,
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false,
                environment);
        Thread thread = new Thread(() -> status.complete(Main.run(terminal, args)), "command");
        thread.setDaemon(true);
        thread.start();
    }

    static CommandRun of(String... args) {
        return new CommandRun(InputStream.nullInputStream(), null, Map.of(), args);
    }

    static CommandRun with(Map<String, String> environment, String... args) {
        return new CommandRun(InputStream.nullInputStream(), null, environment, args);
    }

    static CommandRun reading(String in, String... args) {
        return reading(new ByteArrayInputStream(in.getBytes(StandardCharsets.UTF_8)), args);
    }

    static CommandRun reading(InputStream in, String... args) {
        return new CommandRun(in, null, Map.of(), args);
    }

    static CommandRun writingTo(OutputStream out, String... args) {
        return new CommandRun(InputStream.nullInputStream(), out, Map.of(), args);
    }

    /** Waits for the end. */
    int status() {
        try {
            return status.get(60, TimeUnit.SECONDS);
        } catch (TimeoutException late) {
            throw new AssertionError("still running; out: " + out() + "\nerr: " + err(), late);
        } catch (ExecutionException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    boolean running() {
        return !status.isDone();
    }

    String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
