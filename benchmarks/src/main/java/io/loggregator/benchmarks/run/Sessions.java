package io.loggregator.benchmarks.run;

import io.loggregator.benchmarks.load.Emitter;
import io.loggregator.node.tls.InvalidTlsMaterial;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Starts pairs of servers, one after the other, which have one generator and one authority in common. */
final class Sessions implements AutoCloseable {
    private final Path launcher;
    private final Path directory;
    private final Plan plan;
    private final Credentials credentials;
    private final Emitter emitter;

    /** @param directory empty; keys are written there, and what the servers say */
    Sessions(Path launcher, Path directory, Plan plan) throws IOException {
        this.launcher = launcher;
        this.directory = directory;
        this.plan = plan;
        credentials = new Credentials(directory);
        emitter = new Emitter(credentials.of(Credentials.AGENT), Credentials.DOPPLER, directory.resolve("emitter.log"));
    }

    /**
     * Starts servers.
     *
     * @param name of a new directory for what they say
     * @param settings of both servers beside what they need
     */
    Session start(String name, Map<String, String> settings)
            throws IOException, InterruptedException, InvalidTlsMaterial {
        return new Session(
                launcher, Files.createDirectory(directory.resolve(name)), plan, credentials, emitter, settings);
    }

    /** What the sockets of so many app streams cost, without servers. */
    SocketFloor socketFloor(int tails) throws IOException, InterruptedException, InvalidTlsMaterial {
        return SocketFloor.measure(credentials, directory, plan, tails);
    }

    @Override
    public void close() {
        emitter.close();
    }
}
