package io.loggregator.nozzle;

/** A half of everything, as the server tells them apart. */
public enum Filter {
    /** Lines of apps and components. */
    LOGS("logs"),
    /** Counters, gauges, timers and events. */
    METRICS("metrics");

    private final String type;

    Filter(String type) {
        this.type = type;
    }

    /** The value of the query's {@code filter-type}. */
    String type() {
        return type;
    }
}
