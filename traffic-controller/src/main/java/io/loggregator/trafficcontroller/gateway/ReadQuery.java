package io.loggregator.trafficcontroller.gateway;

import io.loggregator.stream.selection.Selection;
import io.loggregator.stream.selection.Selector;
import io.loggregator.trafficcontroller.edge.Query;
import io.loggregator.trafficcontroller.refinement.FilterLimits;
import io.loggregator.trafficcontroller.refinement.Refinements;
import io.loggregator.trafficcontroller.refinement.UnusableFilter;
import io.loggregator.trafficcontroller.subscription.DopplerLimits;
import io.loggregator.trafficcontroller.subscription.Refinement;
import io.loggregator.trafficcontroller.subscription.Subscription;
import io.loggregator.wire.BatchCursor;
import java.util.ArrayList;
import java.util.List;

/** The query of {@code /v2/read}, as the Go release's gateway reads it, and what it asks for. */
final class ReadQuery {
    private static final String PROTOCOL = "v2";
    private static final String SOURCE_ID = "source_id";
    private static final String COUNTER_NAME = "counter.name";
    private static final String GAUGE_NAME = "gauge.name";

    private final Query query;
    private final FilterLimits filters;

    /** @param filters what its filters may cost */
    ReadQuery(Query query, FilterLimits filters) {
        this.query = query;
        this.filters = filters;
    }

    /** The sources that are asked for, without repetitions; empty for all there are. */
    List<String> sources() {
        return query.all(SOURCE_ID).stream().distinct().toList();
    }

    /**
     * What is asked for.
     *
     * @param resume where an earlier reader stood
     * @throws BadQuery it asks for nothing, for too much, or in a form that nobody understands
     */
    Subscription subscription(String resume) throws BadQuery {
        if (query.values().isEmpty()) {
            throw new BadQuery("empty_query", "query cannot be empty");
        }
        String shard = limited("shard_id", query.get("shard_id"));
        return new Subscription(
                PROTOCOL,
                shard,
                Selection.of(selectors(), !shard.isEmpty()),
                refinement(),
                limited("deterministic_name", query.get("deterministic_name")),
                resume);
    }

    private List<Selector> selectors() throws BadQuery {
        List<Selector> kinds = new ArrayList<>();
        if (query.has("log")) {
            kinds.add(of(BatchCursor.LOG, List.of()));
        }
        named("counter", COUNTER_NAME, BatchCursor.COUNTER, kinds);
        named("gauge", GAUGE_NAME, BatchCursor.GAUGE, kinds);
        if (query.has("timer")) {
            kinds.add(of(BatchCursor.TIMER, List.of()));
        }
        if (query.has("event")) {
            kinds.add(of(BatchCursor.EVENT, List.of()));
        }
        if (kinds.isEmpty()) {
            throw new BadQuery("missing_envelope_type", "query must provide at least one envelope type");
        }
        // A source that is named twice is selected twice.
        List<String> sources = query.has(SOURCE_ID) ? query.all(SOURCE_ID) : List.of("");
        // Every source has all of the kinds.
        if ((long) sources.size() * DopplerLimits.count(kinds) > DopplerLimits.MOST_SELECTORS) {
            throw tooMany("more than " + DopplerLimits.MOST_SELECTORS + " selectors");
        }
        List<Selector> selectors = new ArrayList<>(sources.size() * kinds.size());
        for (String source : sources) {
            limited(SOURCE_ID, source);
            for (Selector kind : kinds) {
                selectors.add(new Selector(source, kind.kind(), kind.names()));
            }
        }
        if (DopplerLimits.bytes(selectors) > DopplerLimits.MOST_SELECTOR_BYTES) {
            throw tooMany("selectors of more than " + DopplerLimits.MOST_SELECTOR_BYTES + " bytes");
        }
        return selectors;
    }

    private static BadQuery tooMany(String what) {
        return new BadQuery("too_many_selectors", "query asks for " + what);
    }

    /** Where names are given, only they are selected. */
    private void named(String key, String nameKey, int kind, List<Selector> kinds) throws BadQuery {
        for (String value : query.all(nameKey)) {
            limited(nameKey, value);
            if (kind == BatchCursor.GAUGE) {
                kinds.add(of(kind, List.of(value.split(",", -1))));
            } else {
                kinds.add(of(kind, value.isEmpty() ? List.of() : List.of(value)));
            }
        }
        if (query.has(key) && !query.has(nameKey)) {
            kinds.add(of(kind, List.of()));
        }
    }

    private static Selector of(int kind, List<String> names) {
        return new Selector("", kind, names);
    }

    private Refinement refinement() throws BadQuery {
        try {
            return Refinements.parse(query.values(), filters);
        } catch (UnusableFilter unusable) {
            throw new BadQuery("invalid_filter", unusable.getMessage());
        }
    }

    private static String limited(String key, String value) throws BadQuery {
        if (DopplerLimits.tooLong(value)) {
            throw new BadQuery("value_too_long", key + " is longer than " + DopplerLimits.LONGEST_NAME + " bytes");
        }
        return value;
    }
}
