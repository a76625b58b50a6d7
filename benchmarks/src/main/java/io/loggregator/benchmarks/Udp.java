package io.loggregator.benchmarks;

import io.loggregator.benchmarks.process.Cpu;
import io.loggregator.benchmarks.process.Server;
import io.loggregator.benchmarks.udp.DatagramLoad;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
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

    private final HttpClient http = HttpClient.newHttpClient();

    private Udp() {}

    /** Exit status: 0, 1 when something was lost or failed, 2 when an option is wrong. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Udp()).execute(arguments));
    }

    /** What the Doppler has counted. */
    private record Counts(long received, long takenIn, long dropped) {
        Counts since(Counts earlier) {
            return new Counts(received - earlier.received, takenIn - earlier.takenIn, dropped - earlier.dropped);
        }
    }

    @Override
    public Integer call() throws Exception {
        Path output = Files.createTempFile("loggregator-udp-", ".log");
        System.err.println("what the Doppler says: " + output);
        try (Server doppler = new Server(launcher, "doppler", settings(), output);
                DatagramLoad load = new DatagramLoad(doppler.port("udp"), sockets, SOURCES, SECRET)) {
            int diagnostics = doppler.port("pprof");
            load.send(rate, warmUp);
            Counts before = settled(diagnostics);
            Cpu cpuBefore = doppler.meter().read();
            long start = System.nanoTime();
            long sent = load.send(rate, measure);
            double took = (System.nanoTime() - start) / 1e9;
            Counts counts = settled(diagnostics).since(before);
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

    /** The counts when nothing has come for longer than the kernel's drops are looked at. */
    private Counts settled(int diagnostics) throws IOException, InterruptedException {
        Counts last = null;
        Counts now = counts(diagnostics);
        while (!now.equals(last)) {
            TimeUnit.MILLISECONDS.sleep(1_500);
            last = now;
            now = counts(diagnostics);
        }
        return now;
    }

    private Counts counts(int diagnostics) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + diagnostics + "/metrics");
        String metrics = http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
        return new Counts(
                sum(metrics, "listeners_received_messages_total{protocol=\"udp\"}"),
                sum(metrics, "ingress_total "),
                sum(metrics, "udp_kernel_drops_total "));
    }

    private static long sum(String metrics, String beginning) {
        return metrics.lines()
                .filter(line -> line.startsWith(beginning))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
