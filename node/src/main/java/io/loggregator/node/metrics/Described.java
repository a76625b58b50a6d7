package io.loggregator.node.metrics;

import java.util.List;

/**
 * A declared metric.
 *
 * @param name as it appears in a scrape; counters end in {@code _total}
 * @param kind {@code counter} or {@code gauge}
 * @param labels the label names, possibly none
 * @param help what it counts or measures, in which unit
 */
public record Described(String name, String kind, List<String> labels, String help) {
    public Described {
        labels = List.copyOf(labels);
    }
}
