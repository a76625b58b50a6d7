package io.loggregator.benchmarks.run;

import io.loggregator.benchmarks.load.PreparedBatch;
import io.loggregator.benchmarks.reader.Readers;
import io.loggregator.node.tls.InvalidTlsMaterial;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Runs the scenarios that were chosen: those with a load on one pair of servers, one after the other. */
public final class Suite {
    static final String COLD_START = "cold-start";
    static final String LOSSLESS = "lossless";
    static final List<String> SINKS = List.of("20k", "100k");
    static final String IDLE = "idle";
    static final String IDLE_TAILS = "idle-1000-tails";
    static final String MANY_TAILS = "idle-10000-tails";
    static final String MANY_SOURCES = "100k-sources";
    static final String DATAGRAMS = "udp-100k";
    static final String SOCKETS = "10k-1000-sockets";

    private static final List<String> IDLES = List.of(IDLE, IDLE_TAILS, MANY_TAILS);
    /** What has servers of its own. */
    private static final List<String> APART =
            List.of(COLD_START, IDLE, IDLE_TAILS, MANY_TAILS, MANY_SOURCES, DATAGRAMS, SOCKETS);

    private static final String SINK = "-sink";
    private static final String FULL_SPEED = "full-speed";
    private static final int SOURCES = 100_000;
    private static final int DATAGRAM_RATE = 100_000;
    private static final String SECRET = "benchmark";
    private static final int MOST_TAILS = 10_000;
    private static final long RECENT_BUDGET = 64L << 20;

    private final Path launcher;
    private final Path directory;
    private final Plan plan;
    private final Set<String> chosen;
    private final Consumer<String> progress;
    private final Findings findings = new Findings();
    private Sessions sessions;

    /**
     * @param directory empty; keys are written there, and what the servers say
     * @param chosen names out of {@link #names()}
     * @param progress told what begins
     */
    public Suite(Path launcher, Path directory, Plan plan, Set<String> chosen, Consumer<String> progress) {
        this.launcher = launcher;
        this.directory = directory;
        this.plan = plan;
        this.chosen = chosen;
        this.progress = progress;
    }

    /** All there are, in the order in which they run. */
    public static List<String> names() {
        List<String> names = new ArrayList<>();
        for (Scenario scenario : Scenario.ALL) {
            if (scenario.name().equals(FULL_SPEED)) {
                names.add(LOSSLESS);
            }
            names.add(scenario.name());
            if (SINKS.contains(scenario.name())) {
                names.add(scenario.name() + SINK);
            }
        }
        names.addAll(APART);
        return names;
    }

    /** Something that is measured. */
    private interface Step {
        void run() throws IOException, InterruptedException, InvalidTlsMaterial;
    }

    /**
     * Runs. What fails is told in the findings, and the rest goes on.
     *
     * @throws IOException there is no generator
     */
    public Findings run() throws IOException, InterruptedException, InvalidTlsMaterial {
        try (Sessions all = new Sessions(launcher, directory, plan)) {
            sessions = all;
            if (names().stream().filter(chosen::contains).anyMatch(name -> !APART.contains(name))) {
                step("servers under load", this::underLoad);
            }
            // Not the first, so that generator and readers have no cold start of their own at the same time.
            chosenStep(COLD_START, this::coldStart);
            if (IDLES.stream().anyMatch(chosen::contains)) {
                step("servers without load", this::withoutLoad);
            }
            chosenStep(MANY_SOURCES, this::manySources);
            chosenStep(DATAGRAMS, this::datagrams);
            chosenStep(SOCKETS, () -> findings.set(sessions.socketFloor(Scenario.TAILS)));
        }
        return findings;
    }

    private void step(String name, Step step) throws InterruptedException {
        progress.accept(name);
        try {
            step.run();
        } catch (IOException | InvalidTlsMaterial e) {
            progress.accept(name + " failed: " + e.getMessage());
            findings.failed(name, e.getMessage());
        }
    }

    private void chosenStep(String name, Step step) throws InterruptedException {
        if (chosen.contains(name)) {
            step(name, step);
        }
    }

    private void underLoad() throws IOException, InterruptedException, InvalidTlsMaterial {
        try (Session session = sessions.start("load", Cluster.NO_OWN_METRICS)) {
            findings.flags("Doppler", session.cluster().doppler().flags());
            findings.flags(
                    "Traffic Controller", session.cluster().trafficController().flags());
            progress.accept("warm-up");
            session.warmUp();
            for (Scenario scenario : Scenario.ALL) {
                if (scenario.name().equals(FULL_SPEED)) {
                    chosenStep(LOSSLESS, () -> lossless(session));
                }
                chosenStep(scenario.name(), () -> findings.add(session.run(scenario)));
                chosenStep(scenario.name() + SINK, () -> findings.addSink(session.sink(named(scenario, SINK))));
            }
        }
    }

    private static Scenario named(Scenario scenario, String suffix) {
        return new Scenario(
                scenario.name() + suffix, scenario.rate(), scenario.sources(), scenario.payloadBytes(), Readers.NONE);
    }

    private void lossless(Session session) throws IOException, InterruptedException {
        LosslessSearch search = new LosslessSearch();
        double highest = session.lossless(Scenario.named("100k").orElseThrow(), search);
        findings.set(highest, search.attempts());
    }

    private void coldStart() throws IOException, InterruptedException, InvalidTlsMaterial {
        try (Session session = sessions.start(COLD_START, Cluster.NO_OWN_METRICS)) {
            findings.set(session.coldStart(Scenario.ALL.get(0)));
        }
    }

    private void withoutLoad() throws IOException, InterruptedException, InvalidTlsMaterial {
        try (Session session = sessions.start("idle", Map.of())) {
            chosenStep(IDLE, () -> findings.add(session.idle(IDLE, 0)));
            chosenStep(IDLE_TAILS, () -> findings.add(session.idle(IDLE_TAILS, Scenario.TAILS)));
            chosenStep(MANY_TAILS, () -> findings.add(session.idle(MANY_TAILS, MOST_TAILS)));
        }
    }

    private void manySources() throws IOException, InterruptedException, InvalidTlsMaterial {
        Scenario scenario =
                new Scenario(MANY_SOURCES, 100_000, SOURCES, PreparedBatch.PAYLOAD_BYTES, Readers.firehoses(1));
        try (Session session = sessions.start(MANY_SOURCES, Cluster.NO_OWN_METRICS)) {
            session.warmUp();
            Result result = session.run(scenario);
            findings.add(result);
            List<String> metrics = session.cluster().doppler().metrics();
            findings.set(new Findings.RecentPast(
                    sum(metrics, "recent_sources"), sum(metrics, "recent_bytes"), RECENT_BUDGET, result));
        }
    }

    private void datagrams() throws IOException, InterruptedException, InvalidTlsMaterial {
        Map<String, String> settings = new HashMap<>(Cluster.NO_OWN_METRICS);
        settings.put("DOPPLER_UDP_PORT", "0");
        settings.put("DOPPLER_SHARED_SECRET", SECRET);
        try (Session session = sessions.start(DATAGRAMS, settings)) {
            findings.set(session.datagrams(DATAGRAMS, DATAGRAM_RATE, SECRET));
        }
    }

    private static long sum(List<String> metrics, String name) {
        return metrics.stream()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
