package io.loggregator.rehearsal.nodes;

import io.loggregator.benchmarks.process.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** How many files and sockets a process may have open; changed while it runs. */
public final class Descriptors {
    private Descriptors() {}

    /** What is done while there are few. */
    @FunctionalInterface
    public interface Action {
        void run() throws IOException, InterruptedException;
    }

    /**
     * Leaves a server with little more than it has open, and when the action has ended with as many as before.
     *
     * @param spare how many more it may open
     */
    public static void scarce(Server server, int spare, Action action) throws IOException, InterruptedException {
        String process = Long.toString(server.pid());
        String before = Command.run("prlimit", "--pid", process, "--nofile", "--noheadings", "--output=SOFT");
        long open;
        try (Stream<Path> all = Files.list(Path.of("/proc", process, "fd"))) {
            open = all.count();
        }
        limit(process, Long.toString(open + spare));
        try {
            action.run();
        } finally {
            limit(process, before);
        }
    }

    private static void limit(String process, String most) throws IOException, InterruptedException {
        Command.run("prlimit", "--pid", process, "--nofile=" + most + ":");
    }
}
