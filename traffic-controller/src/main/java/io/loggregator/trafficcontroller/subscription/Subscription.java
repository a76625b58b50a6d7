package io.loggregator.trafficcontroller.subscription;

import io.loggregator.stream.selection.Selection;
import java.util.Objects;

/**
 * What a reader asks for. Readers with equal protocol, id, selection and refinement share one copy of the stream.
 *
 * @param protocol the family of protocols whose ids are meant, {@code v1} or {@code v2}
 * @param id subscription or shard id; empty: shared with nobody
 * @param deterministicName not empty: where the reader stands among those it shares metrics with
 * @param resume what {@link Reading#position()} had told an earlier reader; empty: from now on, or where the shared copy is
 */
public record Subscription(
        String protocol,
        String id,
        Selection selection,
        Refinement refinement,
        String deterministicName,
        String resume) {
    /** Checks that nothing is missing. */
    public Subscription {
        Objects.requireNonNull(protocol, "protocol");
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(selection, "selection");
        Objects.requireNonNull(refinement, "refinement");
        Objects.requireNonNull(deterministicName, "deterministicName");
        Objects.requireNonNull(resume, "resume");
    }
}
