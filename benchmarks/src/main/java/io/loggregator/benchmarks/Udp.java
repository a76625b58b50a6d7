package io.loggregator.benchmarks;

import io.loggregator.benchmarks.process.Cpu;
import io.loggregator.benchmarks.process.Server;
import io.loggregator.benchmarks.udp.DatagramCounts;
import io.loggregator.benchmarks.udp.DatagramLoad;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures how a Doppler, as a process of its own, takes signed datagrams at a rate: what arrives, and what it costs. */
@Command(
        name = "run-udp",
        description = "Measure a Doppler that is sent v1 logs in signed datagrams, on loopback. Linux only.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
public final class Udp implements Callable<Integer> {
    private static final String SECRET = "benchmark";
    private static final int SOURCES = 100;
    private static final int LOST = 1;

    @Option(names = "--launcher", required = true, description = "The program that starts the Doppler.")
    private Path launcher;

    @Option(names = "--rate", paramLabel = "N", description = "Datagrams a second.")
    private int rate = 100_000;

    @Option(names = "--sockets", paramLabel = "N", description = "The sender's sockets.")
    private int sockets = 8;

    @Option(names = "--warm-up", paramLabel = "SECONDS", description = "The same load, not measured.")
    private int warmUp = 15;

    @Option(names = "--measure", paramLabel = "SECONDS", description = "The load that is measured.")
    private int measure = 10;

    @Option(names = "--event-loops", paramLabel = "N", description = "Of the Doppler; 0 = its default.")
    private int eventLoops;

    @Option(names = "--receive-buffer", paramLabel = "SIZE", description = "DOPPLER_UDP_RECEIVE_BUFFER.")
    private String receiveBuffer = "4MiB";

    private Udp() {}

    /** Exit status: 0, 1 when something was lost or failed, 2 when an option is wrong. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Udp()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        Path output = Files.createTempFile("loggregator-udp-", ".log");
        System.err.println("what the Doppler says: " + output);
        try (Server doppler = new Server(launcher, "doppler", settings(), output);
                DatagramLoad load = new DatagramLoad(doppler.port("udp"), sockets, SOURCES, SECRET)) {
            load.send(rate, warmUp);
            DatagramCounts before = DatagramCounts.settled(doppler);
            Cpu cpuBefore = doppler.meter().read();
            long start = System.nanoTime();
            long sent = load.send(rate, measure);
            double took = (System.nanoTime() - start) / 1e9;
            DatagramCounts counts = DatagramCounts.settled(doppler).since(before);
            Cpu cpu = doppler.meter().read().since(cpuBefore);
            System.out.printf(
                    Locale.ROOT,
                    "%,d datagrams of %d bytes sent in %.1f s: %,.0f/s%n"
                            + "received %,d, taken in %,d, dropped by the kernel %,d%n"
                            + "CPU of the Doppler for a million: %.2f s of work, %.2f s of compilers; %.0f MiB at most%n",
                    sent,
                    load.datagramBytes(),
                    took,
                    sent / took,
                    counts.received(),
                    counts.takenIn(),
                    counts.dropped(),
                    cpu.work() * 1e6 / sent,
                    cpu.compiler() * 1e6 / sent,
                    doppler.meter().peakMemory());
            return counts.takenIn() == sent ? 0 : LOST;
        }
    }

    private Map<String, String> settings() {
        Map<String, String> settings = new HashMap<>(Map.of(
                "LOGGREGATOR_INSECURE", "true",
                "DOPPLER_HOST", "127.0.0.1",
                "ROUTER_PORT", "0",
                "DOPPLER_LINK_PORT", "0",
                "DOPPLER_HEALTH_PORT", "0",
                "DOPPLER_UDP_PORT", "0",
                "DOPPLER_SHARED_SECRET", SECRET,
                "DOPPLER_UDP_RECEIVE_BUFFER", receiveBuffer,
                "ROUTER_METRIC_BATCH_INTERVAL_MILLISECONDS", "0"));
        if (eventLoops > 0) {
            settings.put("EVENT_LOOPS", Integer.toString(eventLoops));
        }
        return settings;
    }
}
