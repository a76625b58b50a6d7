package io.loggregator.benchmarks.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.loggregator.benchmarks.run.Cost;
import io.loggregator.benchmarks.run.Findings;
import io.loggregator.benchmarks.run.Idle;
import io.loggregator.benchmarks.run.Result;
import org.HdrHistogram.Histogram;

/** What a run has found, for programs; times in seconds or as the names say. */
public final class Json {
    private static final double[] PERCENTILES = {50, 90, 99, 99.9, 99.99};
    private static final double MICROS_PER_MILLI = 1_000;

    private Json() {}

    /** All of it, and more than {@link Report} tells. */
    public static ObjectNode of(Machine machine, Findings findings) {
        ObjectNode all = new ObjectMapper().createObjectNode();
        machine(all.putObject("machine"), machine);
        ObjectNode flags = all.putObject("flags");
        findings.flags().forEach(flags::put);
        ArrayNode aims = all.putArray("aims");
        for (Aim aim : Aims.of(findings)) {
            aims.addObject()
                    .put("aim", aim.what())
                    .put("measured", aim.measured())
                    .put("wanted", aim.wanted())
                    .put("met", aim.met());
        }
        ArrayNode results = all.putArray("results");
        findings.results().forEach(result -> result(results.addObject(), result));
        ArrayNode sinks = all.putArray("sinks");
        findings.sinks().forEach(result -> result(sinks.addObject(), result));
        ArrayNode idles = all.putArray("idles");
        findings.idles().forEach(idle -> idle(idles.addObject(), idle));
        findings.lossless().ifPresent(rate -> all.put("losslessPerSecond", rate));
        ArrayNode attempts = all.putArray("attempts");
        findings.attempts()
                .forEach(attempt -> attempts.addObject()
                        .put("asked", attempt.asked())
                        .put("sentPerSecond", attempt.sent())
                        .put("lossless", attempt.lossless()));
        findings.coldStart().ifPresent(start -> {
            ObjectNode node = all.putObject("coldStart");
            node.put("firstSeconds", start.firstSeconds()).put("startCpuSeconds", start.startSeconds());
            result(node.putObject("loaded"), start.loaded());
        });
        findings.recentPast()
                .ifPresent(past -> all.putObject("recentPast")
                        .put("sources", past.sources())
                        .put("bytes", past.bytes())
                        .put("budget", past.budget()));
        findings.datagrams()
                .ifPresent(found -> all.putObject("datagrams")
                        .put("rate", found.rate())
                        .put("sent", found.sent())
                        .put("sentPerSecond", found.sentRate())
                        .put("received", found.counts().received())
                        .put("takenIn", found.counts().takenIn())
                        .put("droppedByKernel", found.counts().dropped())
                        .put("arrived", found.arrived())
                        .put("dopplerWorkSecondsPerMillion", found.perMillion(found.doppler()))
                        .put("trafficControllerWorkSecondsPerMillion", found.perMillion(found.trafficController())));
        findings.socketFloor()
                .ifPresent(floor -> all.putObject("socketFloor")
                        .put("tails", floor.tails())
                        .put("writtenPerSecond", floor.rate())
                        .put("workSecondsPerMillion", floor.perMillion()));
        ObjectNode failures = all.putObject("failures");
        findings.failures().forEach(failures::put);
        return all;
    }

    static void machine(ObjectNode node, Machine machine) {
        node.put("processors", machine.processors())
                .put("model", machine.model())
                .put("kernel", machine.kernel())
                .put("java", machine.java())
                .put("date", machine.date().toString())
                .put("commit", machine.commit());
    }

    static void result(ObjectNode node, Result result) {
        node.put("scenario", result.scenario().name())
                .put("rate", result.scenario().rate())
                .put("sources", result.scenario().sources())
                .put("payloadBytes", result.scenario().payloadBytes())
                .put("readBy", result.scenario().readers().text())
                .put("loadBefore", result.loadBefore())
                .put("sent", result.sent().envelopes())
                .put("sentPerSecond", result.sent().rate())
                .put("keptUp", result.keptUp())
                .put("heldUpSeconds", result.sent().heldUpNanos() / 1e9)
                .put("worstLagMillis", result.sent().worstLagNanos() / 1e6)
                .put("expected", result.outcome().expected())
                .put("received", result.outcome().received())
                .put("receivedPerSecond", result.deliveryRate())
                .put("lost", result.outcome().lost())
                .put("announced", result.outcome().announced())
                .put("duplicates", result.outcome().duplicates())
                .put("outOfOrder", result.outcome().outOfOrder())
                .put("otherEnvelopes", result.outcome().others());
        Histogram latencies = result.latencies();
        ObjectNode millis = node.putObject("latencyMillis");
        for (double percentile : PERCENTILES) {
            millis.put(
                    "p" + (percentile % 1 == 0 ? Long.toString((long) percentile) : Double.toString(percentile)),
                    latencies.getValueAtPercentile(percentile) / MICROS_PER_MILLI);
        }
        millis.put("max", latencies.getMaxValue() / MICROS_PER_MILLI);
        cost(node.putObject("doppler"), result, result.doppler());
        cost(node.putObject("trafficController"), result, result.trafficController());
        cost(node.putObject("generator"), result, result.emitter());
        cost(node.putObject("readers"), result, result.readers());
    }

    private static void cost(ObjectNode node, Result result, Cost cost) {
        node.put("cpuSeconds", cost.cpu().total())
                .put("compilerSeconds", cost.cpu().compiler())
                .put("collectorSeconds", cost.cpu().collector())
                .put("workSecondsPerMillion", result.perMillion(cost.cpu().work()))
                .put("timesGenerator", result.timesEmitter(cost))
                .put("memoryMiB", cost.memory())
                .put("peakMemoryMiB", cost.peakMemory());
    }

    private static void idle(ObjectNode node, Idle idle) {
        node.put("name", idle.name()).put("tails", idle.tails()).put("seconds", idle.seconds());
        node.putObject("doppler")
                .put("cores", idle.cores(idle.doppler()))
                .put("memoryMiB", idle.doppler().memory());
        node.putObject("trafficController")
                .put("cores", idle.cores(idle.trafficController()))
                .put("memoryMiB", idle.trafficController().memory())
                .put("peakMemoryMiB", idle.trafficController().peakMemory());
    }
}
