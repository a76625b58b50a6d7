package io.loggregator.trafficcontroller.access;

import io.loggregator.node.metrics.Metrics;
import io.loggregator.trafficcontroller.access.Verdict.Outcome;
import io.prometheus.metrics.core.metrics.Counter;
import java.util.Locale;

/** Counts what the authorities answered, for all event loops together. Safe for use by any thread. */
public final class AccessCounters {
    private final Counter answers;
    private final Counter remembered;

    public AccessCounters(Metrics metrics) {
        answers = metrics.counter(
                "access_answers",
                "Questions put to an authority (uaa, cloud_controller, jwt), by what came back: allowed, invalid, expired,"
                        + " forbidden, not_found, or unknown where it could not be asked.",
                "authority",
                "outcome");
        remembered = metrics.counter(
                "access_remembered", "Questions answered by what an authority allowed moments ago.", "authority");
    }

    void answered(String authority, Outcome outcome) {
        answers.labelValues(authority, outcome.name().toLowerCase(Locale.ROOT)).inc();
    }

    void remembered(String authority) {
        remembered.labelValues(authority).inc();
    }
}
