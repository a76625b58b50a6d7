package io.loggregator.benchmarks.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All that a run has found so far. What was not chosen, or failed, is not there. */
public final class Findings {
    private final List<Result> results = new ArrayList<>();
    private final List<Result> sinks = new ArrayList<>();
    private final List<Idle> idles = new ArrayList<>();
    private final List<Attempt> attempts = new ArrayList<>();
    private final Map<String, String> flags = new LinkedHashMap<>();
    private final Map<String, String> failures = new LinkedHashMap<>();
    private Double lossless;
    private ColdStart coldStart;
    private RecentPast recentPast;
    private Datagrams datagrams;
    private SocketFloor socketFloor;

    /**
     * What a Doppler keeps of many sources.
     *
     * @param sources that have recent logs there
     * @param bytes that these take
     * @param budget bytes that they may take
     * @param result the load under which it was so
     */
    public record RecentPast(long sources, long bytes, long budget, Result result) {}

    public void add(Result result) {
        results.add(result);
    }

    public void addSink(Result result) {
        sinks.add(result);
    }

    public void add(Idle idle) {
        idles.add(idle);
    }

    public void set(ColdStart start) {
        coldStart = start;
    }

    public void set(RecentPast past) {
        recentPast = past;
    }

    public void set(Datagrams found) {
        datagrams = found;
    }

    public void set(SocketFloor floor) {
        socketFloor = floor;
    }

    public void set(double highest, List<Attempt> tried) {
        lossless = highest;
        attempts.addAll(tried);
    }

    public void flags(String role, String jvmFlags) {
        flags.put(role, jvmFlags);
    }

    public void failed(String name, String why) {
        failures.put(name, why);
    }

    /** The scenarios with a load for a Doppler, in their order. */
    public List<Result> results() {
        return List.copyOf(results);
    }

    /** One of them. */
    public Optional<Result> result(String scenario) {
        return results.stream()
                .filter(result -> result.scenario().name().equals(scenario))
                .findFirst();
    }

    /** The generator against a server that throws everything away, whose cost stands for a Doppler's. */
    public List<Result> sinks() {
        return List.copyOf(sinks);
    }

    /** What it costs when nothing is sent. */
    public List<Idle> idles() {
        return List.copyOf(idles);
    }

    /** One of them. */
    public Optional<Idle> idle(String name) {
        return idles.stream().filter(idle -> idle.name().equals(name)).findFirst();
    }

    /** The highest rate at which nothing was lost, envelopes a second. */
    public Optional<Double> lossless() {
        return Optional.ofNullable(lossless);
    }

    /** How it was looked for. */
    public List<Attempt> attempts() {
        return List.copyOf(attempts);
    }

    public Optional<ColdStart> coldStart() {
        return Optional.ofNullable(coldStart);
    }

    public Optional<RecentPast> recentPast() {
        return Optional.ofNullable(recentPast);
    }

    public Optional<Datagrams> datagrams() {
        return Optional.ofNullable(datagrams);
    }

    /** What the sockets of app streams cost without servers. */
    public Optional<SocketFloor> socketFloor() {
        return Optional.ofNullable(socketFloor);
    }

    /** The JVM's flags of each role, as the launcher chose them. */
    public Map<String, String> flags() {
        return Map.copyOf(flags);
    }

    /** What did not come to an end, and why. */
    public Map<String, String> failures() {
        return Map.copyOf(failures);
    }
}
