package io.loggregator.stream.selection;

import java.util.List;
import java.util.Objects;
import java.util.TreeSet;

/**
 * One selector of a v2 request ({@code loggregator.v2.Selector}).
 *
 * @param sourceId the source whose envelopes are wanted; empty: any
 * @param kind which kind of envelope, a constant of {@link io.loggregator.wire.BatchCursor}, {@code LOG} to {@code EVENT}
 * @param names of a counter selector: the one name that is wanted; of a gauge selector: exactly the names that the gauge's
 *     metrics must have, sorted; empty: any
 */
public record Selector(String sourceId, int kind, List<String> names) {
    /** Sorts the names and drops repetitions, which mean nothing. */
    public Selector {
        Objects.requireNonNull(sourceId, "sourceId");
        names = List.copyOf(new TreeSet<>(names));
    }
}
