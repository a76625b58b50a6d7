package io.loggregator.benchmarks.nozzle;

import io.loggregator.benchmarks.load.Emitter;
import io.loggregator.benchmarks.load.Keys;
import io.loggregator.benchmarks.load.PreparedBatch;
import io.loggregator.benchmarks.load.Shape;
import io.loggregator.benchmarks.process.Cpu;
import io.loggregator.benchmarks.run.Cluster;
import io.loggregator.benchmarks.run.Credentials;
import io.loggregator.node.tls.InvalidTlsMaterial;
import io.loggregator.nozzle.TlsOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Measures readers, one after the other, against one pair of servers. */
final class NozzleRun implements AutoCloseable {
    private static final int PHASE = 1;
    private static final int SOURCES = 100;
    private static final int CONNECTIONS = 4;
    private static final int BATCH = 100;
    private static final long BURST_RATE = 200_000;
    private static final Duration BURST = Duration.ofSeconds(2);
    private static final Duration PROBE = Duration.ofMillis(300);
    private static final int MOST_PROBES = 100;
    /** Room for a burst in any one lane; nobody is cut off while held up. */
    private static final Map<String, String> SETTINGS =
            Map.of("LOG_BYTES", "512MiB", "LOGGREGATOR_JAVA_OPTS", "-Xmx900m", "SLOW_CONSUMER_TIMEOUT", "60s");

    private final Path directory;
    private final NozzlePlan plan;
    private final Cluster cluster;
    private final Credentials credentials;
    private final Emitter emitter;

    /**
     * Starts the servers.
     *
     * @param directory empty; keys are written there, and what servers and readers say
     */
    NozzleRun(Path launcher, Path directory, NozzlePlan plan)
            throws IOException, InterruptedException, InvalidTlsMaterial {
        this.directory = directory;
        this.plan = plan;
        credentials = new Credentials(directory);
        emitter = new Emitter(credentials.of(Credentials.AGENT), Credentials.DOPPLER, directory.resolve("emitter.log"));
        try {
            Map<String, String> settings = new HashMap<>(Cluster.NO_OWN_METRICS);
            settings.putAll(SETTINGS);
            cluster = new Cluster(launcher, credentials, directory, 0, settings);
        } catch (IOException e) {
            emitter.close();
            throw e;
        }
        try {
            emitter.open(cluster.ingressPort(), new Shape(SOURCES, PreparedBatch.PAYLOAD_BYTES, CONNECTIONS), BATCH);
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /** @throws IOException a server or the reader has ended, or the reader gets nothing */
    NozzleResult measure(ReaderKind kind) throws IOException, InterruptedException {
        int port = cluster.loggregatorPort();
        if (!kind.relayed()) {
            return measure(kind, port);
        }
        Keys edge = credentials.of(Credentials.EDGE);
        TlsOptions tls = TlsOptions.trusting(credentials.ca()).withClientCertificate(edge.certificate(), edge.key());
        InetSocketAddress server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        try (V1Relay relay = new V1Relay(server, tls.context())) {
            return measure(kind, relay.port());
        }
    }

    private NozzleResult measure(ReaderKind kind, int port) throws IOException {
        URI endpoint = URI.create("wss://127.0.0.1:" + port);
        Path errors = directory.resolve(kind.label() + ".log");
        try (ReaderProcess reader = new ReaderProcess(kind, endpoint, credentials.ca(), errors)) {
            Reading begun = awaitFirst(kind, reader);
            // What was sent before it was connected it does not get.
            begun = reader.await(begun.known() + send(plan.rate(), plan.warmUp()));

            Cpu cpuBefore = reader.meter().read();
            long sent = send(plan.rate(), plan.measure());
            Reading paced = reader.await(begun.known() + sent);
            Cpu cpu = reader.meter().read().since(cpuBefore);

            Cpu catchUp = new Cpu(0, 0, 0);
            long read = 0;
            long waiting = 0;
            double most = 0;
            long heldHeap = 0;
            Reading last = paced;
            for (int i = 0; i < plan.bursts(); i++) {
                Reading before = reader.collect();
                reader.hold();
                long burst = send(BURST_RATE, BURST);
                Reading held = reader.collect();
                heldHeap = Math.max(heldHeap, held.heap() - before.heap());
                Cpu cpuHeld = reader.meter().read();
                last = reader.release(before.known(), burst);
                catchUp = catchUp.plus(reader.meter().read().since(cpuHeld));
                read += last.received() - held.received();
                waiting += burst;
                most = Math.max(most, burst / 2.0 * 1e9 / last.elapsedNanos());
            }
            return new NozzleResult(
                    kind,
                    sent,
                    paced.received() - begun.received(),
                    cpu,
                    paced.allocated() - begun.allocated(),
                    waiting,
                    last.received() - paced.received(),
                    catchUp,
                    read,
                    last.told() - begun.told(),
                    last.troubles(),
                    most,
                    heldHeap);
        }
    }

    private long send(long rate, Duration duration) throws IOException {
        return emitter.send(PHASE, rate, BATCH, duration).envelopes();
    }

    /** Sends a little until some of it arrives, and all that will. */
    private Reading awaitFirst(ReaderKind kind, ReaderProcess reader) throws IOException {
        for (int i = 0; i < MOST_PROBES; i++) {
            send(BATCH * 10, PROBE);
            if (reader.read().known() > 0) {
                return reader.await(Long.MAX_VALUE);
            }
        }
        throw new IOException(kind.label() + " gets nothing");
    }

    @Override
    public void close() {
        emitter.close();
        cluster.close();
    }
}
