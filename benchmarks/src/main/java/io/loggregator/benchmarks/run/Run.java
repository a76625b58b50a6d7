package io.loggregator.benchmarks.run;

import io.loggregator.benchmarks.load.Generator;
import io.loggregator.benchmarks.load.Sent;
import io.loggregator.benchmarks.process.Cpu;
import io.loggregator.benchmarks.process.CpuMeter;
import io.loggregator.benchmarks.reader.Clients;
import io.loggregator.node.tls.InvalidTlsMaterial;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs one scenario against servers of its own. */
public final class Run {
    private static final int WARM_UP_BATCH = 10;
    private static final long WARM_UP_RATE = 30_000;
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(3);

    private final Scenario scenario;
    private final Plan plan;

    public Run(Scenario scenario, Plan plan) {
        this.scenario = scenario;
        this.plan = plan;
    }

    /**
     * Starts servers, warms them up, measures, stops them.
     *
     * @param directory empty; keys are written there, and what the servers say
     * @throws IOException a server does not start, or ends a connection of the load
     */
    public Result result(Path launcher, Path directory) throws IOException, InterruptedException, InvalidTlsMaterial {
        try (Cluster cluster = new Cluster(launcher, directory, plan.eventLoops(), Map.of());
                Clients clients = new Clients(cluster.loggregatorPort(), cluster.clientTls());
                CpuMeter driver = new CpuMeter(ProcessHandle.current().pid())) {
            clients.openFirehoses(scenario.firehoses());
            clients.openTails(scenario.tails());
            try (Generator generator = new Generator(scenario.sources(), plan.connections(), cluster::ingress)) {
                // One envelope for each tail and write: small batches would change nothing there.
                long rate = scenario.tails() > 0 ? scenario.rate() : WARM_UP_RATE;
                phase(1, clients, generator, rate, WARM_UP_BATCH, plan.warmUp());
                phase(2, clients, generator, scenario.rate(), plan.batchSize(), plan.settle());
                return measure(cluster, clients, generator, driver);
            }
        }
    }

    private Sent phase(int phase, Clients clients, Generator generator, long rate, int batchSize, Duration duration)
            throws IOException, InterruptedException {
        clients.begin(phase, scenario.sources());
        Sent sent = generator.send(phase, rate, batchSize, duration);
        clients.awaitArrival(sent, IDLE_NANOS);
        return sent;
    }

    private Result measure(Cluster cluster, Clients clients, Generator generator, CpuMeter driver)
            throws IOException, InterruptedException {
        CpuMeter doppler = cluster.doppler().meter();
        CpuMeter trafficController = cluster.trafficController().meter();
        Cpu dopplerBefore = doppler.read();
        Cpu trafficControllerBefore = trafficController.read();
        Cpu driverBefore = driver.read();
        Sent sent = phase(3, clients, generator, scenario.rate(), plan.batchSize(), plan.measure());
        double seconds = (clients.lastArrival(sent.startNanos()) - sent.startNanos()) / 1e9;
        return new Result(
                scenario,
                sent,
                clients.outcome(sent),
                seconds,
                clients.latencies(),
                cost(doppler, dopplerBefore),
                cost(trafficController, trafficControllerBefore),
                cost(driver, driverBefore));
    }

    private static Cost cost(CpuMeter meter, Cpu before) throws IOException {
        return new Cost(meter.read().since(before), meter.memory(), meter.peakMemory());
    }
}
