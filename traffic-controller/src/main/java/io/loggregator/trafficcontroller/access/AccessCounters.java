package io.loggregator.trafficcontroller.access;

import io.loggregator.node.metrics.Metrics;
import io.loggregator.trafficcontroller.access.Verdict.Outcome;
import io.prometheus.metrics.core.metrics.Counter;
import java.util.Locale;

/** Counts what the authorities answered, for all event loops together. Safe for use by any thread. */
public final class AccessCounters {
    private final Counter answers;
    private final Counter remembered;
    private final Counter waited;
    private final Counter forgotten;
    private final Counter keyFailures;

    public AccessCounters(Metrics metrics) {
        answers = metrics.counter(
                "access_answers",
                "Questions put to an authority (uaa, cloud_controller, jwt), by what came back: allowed, invalid, expired,"
                        + " forbidden, not_found, or unknown where it could not be asked.",
                "authority",
                "outcome");
        remembered = metrics.counter(
                "access_remembered", "Questions answered by what an authority allowed moments ago.", "authority");
        waited = metrics.counter(
                "access_waited",
                "Questions that had to wait for a connection to an authority, because an event loop had 32 of them under way.",
                "authority");
        forgotten = metrics.counter(
                "access_forgotten",
                "What an authority had allowed and would still count, forgotten because ACCESS_CACHE_ENTRIES were"
                        + " remembered; who asks again has it asked again.",
                "authority");
        keyFailures = metrics.counter(
                "access_key_failures",
                "Times that signing keys were not taken, because they could not be read or fetched, are none, or are too"
                        + " many or too large; those from before stay. source: file (JWT_KEY_FILE) or url (JWT_JWKS_URL);"
                        + " added up over event loops.",
                "source");
    }

    void answered(String authority, Outcome outcome) {
        answers.labelValues(authority, outcome.name().toLowerCase(Locale.ROOT)).inc();
    }

    void waited(String authority) {
        waited.labelValues(authority).inc();
    }

    void forgotten(String authority) {
        forgotten.labelValues(authority).inc();
    }

    /** @param source {@code file} or {@code url} */
    void keysNotTaken(String source) {
        keyFailures.labelValues(source).inc();
    }

    void remembered(String authority) {
        remembered.labelValues(authority).inc();
    }
}
