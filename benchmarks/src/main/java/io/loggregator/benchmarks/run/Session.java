package io.loggregator.benchmarks.run;

import io.loggregator.benchmarks.load.Emitter;
import io.loggregator.benchmarks.load.Keys;
import io.loggregator.benchmarks.load.PreparedBatch;
import io.loggregator.benchmarks.load.Sent;
import io.loggregator.benchmarks.load.Shape;
import io.loggregator.benchmarks.load.Sink;
import io.loggregator.benchmarks.process.Cpu;
import io.loggregator.benchmarks.process.CpuMeter;
import io.loggregator.benchmarks.process.JavaProcess;
import io.loggregator.benchmarks.process.Server;
import io.loggregator.benchmarks.reader.Clients;
import io.loggregator.benchmarks.reader.Outcome;
import io.loggregator.benchmarks.reader.Readers;
import io.loggregator.benchmarks.udp.Datagram;
import io.loggregator.benchmarks.udp.DatagramCounts;
import io.loggregator.benchmarks.udp.DatagramLoad;
import io.loggregator.node.tls.InvalidTlsMaterial;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/** A pair of servers, a generator and clients, for one scenario after the other. */
final class Session implements AutoCloseable {
    private static final int WARM_UP_BATCH = 10;
    /** Of the sender of datagrams, so that all of the Doppler's sockets get some. */
    private static final int SOCKETS = 8;

    private static final long WARM_UP_RATE = 30_000;
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(3);
    private static final Duration FIRST_TRY = Duration.ofMillis(200);
    private static final long FIRST_SECONDS = 20;
    private static final int FIRST_RATE = 1_000;

    private final Plan plan;
    private final Path directory;
    private final Credentials credentials;
    private final Emitter emitter;
    private final CpuMeter readers = new CpuMeter(ProcessHandle.current().pid());
    private final Cluster cluster;
    private final Clients clients;
    private int phase;

    /**
     * Starts servers and waits until clients can connect.
     *
     * @param directory empty; what the servers say is written there
     * @param emitter which is nobody else's as long as the session lasts
     * @param settings of both servers beside what they need
     */
    Session(
            Path launcher,
            Path directory,
            Plan plan,
            Credentials credentials,
            Emitter emitter,
            Map<String, String> settings)
            throws IOException, InterruptedException, InvalidTlsMaterial {
        this.plan = plan;
        this.directory = directory;
        this.credentials = credentials;
        this.emitter = emitter;
        cluster = new Cluster(launcher, credentials, directory, plan.eventLoops(), settings);
        try {
            emitter.open(cluster.ingressPort(), shape(Scenario.SOURCES, PreparedBatch.PAYLOAD_BYTES), 1);
            clients = new Clients(cluster.endpoints());
        } catch (IOException e) {
            cluster.close();
            throw e;
        }
    }

    Cluster cluster() {
        return cluster;
    }

    private Shape shape(int sources, int payloadBytes) {
        return new Shape(sources, payloadBytes, Math.min(sources, plan.connections()));
    }

    /** Measures how servers begin; the first thing to do with a session. */
    ColdStart coldStart(Scenario scenario) throws IOException, InterruptedException {
        double load = loadAverage();
        clients.open(scenario.readers());
        clients.begin(++phase, Scenario.SOURCES);
        long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(FIRST_SECONDS);
        while (!clients.anyArrived() && System.nanoTime() - giveUp < 0) {
            emitter.send(phase, FIRST_RATE, 1, FIRST_TRY);
        }
        double first = (clients.firstArrival() - cluster.startNanos()) / 1e9;
        double cpu = cluster.doppler().meter().read().total()
                + cluster.trafficController().meter().read().total();
        emitter.open(cluster.ingressPort(), shape(scenario.sources(), scenario.payloadBytes()), plan.batchSize());
        return new ColdStart(first, cpu, measure(scenario, load, plan.cold()));
    }

    /** Load in small batches for a firehose, so that compilers have compiled what they want to. */
    void warmUp() throws IOException, InterruptedException {
        clients.open(Readers.firehoses(1));
        emitter.open(cluster.ingressPort(), shape(Scenario.SOURCES, PreparedBatch.PAYLOAD_BYTES), WARM_UP_BATCH);
        phase(WARM_UP_RATE, WARM_UP_BATCH, Scenario.SOURCES, plan.warmUp());
    }

    /** Measures a scenario, after a time of its own load. */
    Result run(Scenario scenario) throws IOException, InterruptedException {
        try {
            double load = prepare(scenario);
            return measure(scenario, load, plan.measure());
        } catch (IOException e) {
            clients.leave();
            throw e;
        }
    }

    /**
     * Measures a scenario again and again.
     *
     * @param each told every result as soon as it is there
     */
    void repeat(Scenario scenario, int times, Consumer<Result> each) throws IOException, InterruptedException {
        prepare(scenario);
        for (int i = 0; i < times; i++) {
            each.accept(measure(scenario, loadAverage(), plan.measure()));
        }
    }

    private double prepare(Scenario scenario) throws IOException, InterruptedException {
        double load = loadAverage();
        clients.open(scenario.readers());
        emitter.open(cluster.ingressPort(), shape(scenario.sources(), scenario.payloadBytes()), plan.batchSize());
        phase(scenario.rate(), plan.batchSize(), scenario.sources(), plan.settle());
        return load;
    }

    /** Looks for the highest rate without loss, beginning at that of the scenario. */
    double lossless(Scenario scenario, LosslessSearch search) throws IOException, InterruptedException {
        prepare(scenario);
        return search.highest(scenario.rate(), rate -> {
            Scenario faster = new Scenario(
                    scenario.name(), rate, scenario.sources(), scenario.payloadBytes(), scenario.readers());
            Result result = measure(faster, loadAverage(), plan.attempt());
            return new Attempt(rate, result.sent().rate(), result.lossless());
        });
    }

    /** Measures the generator against a server that throws everything away, whose cost stands for the Doppler's. */
    Result sink(Scenario scenario) throws IOException, InterruptedException {
        double load = loadAverage();
        Keys keys = credentials.of(Credentials.DOPPLER);
        try (Server sink = new Server(
                JavaProcess.command(Sink.class.getName(), keys.arguments()),
                "sink",
                Map.of(),
                directory.resolve("sink.log"))) {
            emitter.open(sink.port("grpc"), shape(scenario.sources(), scenario.payloadBytes()), plan.batchSize());
            emitter.send(++phase, scenario.rate(), plan.batchSize(), plan.settle());
            sink.meter().forgetPeakMemory();
            Cpu before = sink.meter().read();
            Cpu emitterBefore = emitter.meter().read();
            Sent sent = emitter.send(++phase, scenario.rate(), plan.batchSize(), plan.measure());
            return new Result(
                    scenario,
                    load,
                    sent,
                    Outcome.NOTHING,
                    0,
                    new Histogram(1),
                    cost(sink.meter(), before),
                    Cost.NONE,
                    cost(emitter.meter(), emitterBefore),
                    Cost.NONE);
        }
    }

    /** Opens tails until there are so many, and measures what they cost while nothing is sent. */
    Idle idle(String name, int tails) throws IOException, InterruptedException {
        clients.open(Readers.tails(tails));
        TimeUnit.NANOSECONDS.sleep(plan.idle().toNanos());
        CpuMeter doppler = cluster.doppler().meter();
        CpuMeter trafficController = cluster.trafficController().meter();
        Cpu dopplerBefore = doppler.read();
        Cpu trafficControllerBefore = trafficController.read();
        long start = System.nanoTime();
        TimeUnit.NANOSECONDS.sleep(plan.idle().toNanos());
        Cost dopplerCost = cost(doppler, dopplerBefore);
        Cost trafficControllerCost = cost(trafficController, trafficControllerBefore);
        return new Idle(name, tails, (System.nanoTime() - start) / 1e9, dopplerCost, trafficControllerCost);
    }

    /**
     * Sends signed datagrams for one firehose. Nothing in them but their source tells one from another, so what arrives is
     * counted only.
     */
    Datagrams datagrams(String name, int rate, String secret) throws IOException, InterruptedException {
        clients.open(Readers.firehoses(1));
        Server doppler = cluster.doppler();
        try (DatagramLoad load = new DatagramLoad(doppler.port("udp"), SOCKETS, Scenario.SOURCES, secret)) {
            load.send(rate, plan.warmUp().toSeconds());
            DatagramCounts before = DatagramCounts.settled(doppler);
            clients.begin(Datagram.PHASE, Scenario.SOURCES);
            CpuMeter trafficController = cluster.trafficController().meter();
            doppler.meter().forgetPeakMemory();
            trafficController.forgetPeakMemory();
            Cpu dopplerBefore = doppler.meter().read();
            Cpu trafficControllerBefore = trafficController.read();
            long start = System.nanoTime();
            long sent = load.send(rate, plan.measure().toSeconds());
            double seconds = (System.nanoTime() - start) / 1e9;
            DatagramCounts counts = DatagramCounts.settled(doppler).since(before);
            return new Datagrams(
                    name,
                    rate,
                    sent,
                    seconds,
                    counts,
                    clients.arrivals(),
                    cost(doppler.meter(), dopplerBefore),
                    cost(trafficController, trafficControllerBefore));
        }
    }

    private Sent phase(long rate, int batchSize, int sources, Duration duration)
            throws IOException, InterruptedException {
        clients.begin(++phase, sources);
        Sent sent = emitter.send(phase, rate, batchSize, duration);
        clients.awaitArrival(sent, IDLE_NANOS);
        return sent;
    }

    private Result measure(Scenario scenario, double load, Duration duration) throws IOException, InterruptedException {
        CpuMeter doppler = cluster.doppler().meter();
        CpuMeter trafficController = cluster.trafficController().meter();
        doppler.forgetPeakMemory();
        trafficController.forgetPeakMemory();
        Cpu dopplerBefore = doppler.read();
        Cpu trafficControllerBefore = trafficController.read();
        Cpu emitterBefore = emitter.meter().read();
        Cpu readersBefore = readers.read();
        Sent sent = phase(scenario.rate(), plan.batchSize(), scenario.sources(), duration);
        double seconds = (clients.lastArrival(sent.startNanos()) - sent.startNanos()) / 1e9;
        return new Result(
                scenario,
                load,
                sent,
                clients.outcome(sent),
                seconds,
                clients.latencies(),
                cost(doppler, dopplerBefore),
                cost(trafficController, trafficControllerBefore),
                cost(emitter.meter(), emitterBefore),
                cost(readers, readersBefore));
    }

    private static Cost cost(CpuMeter meter, Cpu before) throws IOException {
        return new Cost(meter.read().since(before), meter.memory(), meter.peakMemory());
    }

    /** The machine's over a minute. */
    private static double loadAverage() throws IOException {
        return Double.parseDouble(Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
    }

    @Override
    public void close() {
        readers.close();
        clients.close();
        cluster.close();
    }
}
