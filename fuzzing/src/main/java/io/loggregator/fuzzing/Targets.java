package io.loggregator.fuzzing;

import io.loggregator.doppler.dropsonde.DatagramsTarget;
import io.loggregator.doppler.dropsonde.FramesTarget;
import io.loggregator.trafficcontroller.edge.ProxyHeaderTarget;
import io.loggregator.trafficcontroller.edge.RequestTarget;
import io.loggregator.trafficcontroller.fanout.ClientFramesTarget;
import io.loggregator.trafficcontroller.fanout.ResumeTokenTarget;
import io.loggregator.trafficcontroller.gateway.ReadQueryTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** All targets, each with bytes that a fuzzer begins with. */
public final class Targets {
    /** They are few, and each is named on a command line. */
    static final List<Target> ALL = List.of(
            new Target("batch", BatchTarget.class, BatchTarget::fuzzerTestOneInput, Seeds.batches()),
            new Target("v1", V1Target.class, V1Target::fuzzerTestOneInput, Seeds.v1Envelopes()),
            new Target("link", LinkTarget.class, LinkTarget::fuzzerTestOneInput, Seeds.linkMessages()),
            new Target("stream", StreamTarget.class, StreamTarget::fuzzerTestOneInput, Seeds.streamMessages()),
            new Target("frames", FramesTarget.class, FramesTarget::fuzzerTestOneInput, Seeds.frames()),
            new Target(
                    "datagrams",
                    DatagramsTarget.class,
                    DatagramsTarget::fuzzerTestOneInput,
                    DatagramsTarget.seeds(Seeds.v1Envelopes())),
            new Target(
                    "proxy", ProxyHeaderTarget.class, ProxyHeaderTarget::fuzzerTestOneInput, ProxyHeaderTarget.seeds()),
            new Target("request", RequestTarget.class, RequestTarget::fuzzerTestOneInput, Seeds.requests()),
            new Target("read-query", ReadQueryTarget.class, ReadQueryTarget::fuzzerTestOneInput, Seeds.readQueries()),
            new Target(
                    "client-frames",
                    ClientFramesTarget.class,
                    ClientFramesTarget::fuzzerTestOneInput,
                    ClientFramesTarget.seeds()),
            new Target(
                    "resume",
                    ResumeTokenTarget.class,
                    ResumeTokenTarget::fuzzerTestOneInput,
                    ResumeTokenTarget.seeds()));

    private Targets() {}

    /** Takes bytes, and throws if something is wrong with what they are given to. */
    interface Input {
        void take(byte[] data) throws Exception;
    }

    /**
     * One target.
     *
     * @param name on the command line
     * @param type what the fuzzer is told
     * @param seeds inputs of each kind that is meant to be understood
     */
    record Target(String name, Class<?> type, Input input, List<byte[]> seeds) {}

    /**
     * Writes the seeds into directories of the targets' names, and prints names and classes.
     *
     * @param arguments the directory to write to
     */
    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments[0]);
        for (Target target : ALL) {
            Path own = Files.createDirectories(directory.resolve(target.name()));
            for (int i = 0; i < target.seeds().size(); i++) {
                Files.write(own.resolve("seed-" + i), target.seeds().get(i));
            }
            System.out.println(target.name() + " " + target.type().getName());
        }
    }
}
