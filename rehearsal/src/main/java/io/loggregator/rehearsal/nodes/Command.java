package io.loggregator.rehearsal.nodes;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Programs of the system that do one thing and end. */
public final class Command {
    private Command() {}

    /**
     * Runs a program to its end.
     *
     * @return what it said
     * @throws IOException it is not there, or did not end with 0
     */
    public static String run(String... command) throws IOException, InterruptedException {
        return fed("", command);
    }

    /** The same with something to read: no more than a pipe takes, should the program say much before it reads. */
    public static String fed(String input, String... command) throws IOException, InterruptedException {
        Process run = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (OutputStream in = run.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException ended) {
            // Its status tells why it did not read.
        }
        String said = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (run.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + ": " + said);
        }
        return said;
    }
}
