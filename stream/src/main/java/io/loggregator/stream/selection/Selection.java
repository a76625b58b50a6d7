package io.loggregator.stream.selection;

import io.loggregator.wire.BatchCursor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a subscription wants of the stream: the classes that v1's {@code filter-type} knows, of all apps or of one, or what
 * v2 selectors say. Selections that want the same in the same way are equal, in whatever order it was asked for.
 */
public final class Selection {
    /** Bit of {@link #LOGS} in a mask of classes. */
    public static final int LOG_CLASS = 1;
    /** Bit of {@link #METRICS} in a mask of classes. */
    public static final int METRIC_CLASS = 2;

    /** Everything. */
    public static final Selection ALL = new Selection(LOG_CLASS | METRIC_CLASS, null, List.of());
    /** What v1 readers see as a LogMessage. */
    public static final Selection LOGS = new Selection(LOG_CLASS, null, List.of());
    /** All but that. */
    public static final Selection METRICS = new Selection(METRIC_CLASS, null, List.of());

    private static final SelectionIndex.Hit<Selection> NOBODY = (selection, times) -> {};

    /** The app that v1 readers see the platform's own metrics under. */
    private static final String PLATFORM = "system";

    /** As many selectors are found by an index. */
    private static final int MANY = 8;

    private final int classes;
    private final String app;
    private final byte[] appBytes;
    private final List<Selector> selectors;
    private final List<SelectorMatch> matches = new ArrayList<>();
    /** Of many selectors; null where comparing with each is as good. */
    private final SelectionIndex<Selection> index;

    private Selection(int classes, String app, List<Selector> selectors) {
        this.classes = classes;
        this.app = app;
        this.appBytes = app == null ? null : SelectorMatch.utf8(app);
        this.selectors = selectors;
        selectors.forEach(selector -> matches.add(new SelectorMatch(selector)));
        if (selectors.size() >= MANY) {
            index = new SelectionIndex<>();
            index.add(this, this);
        } else {
            index = null;
        }
    }

    /**
     * What any of the selectors takes. An envelope that several of them take is delivered as many times, as the Go
     * release does; so are equal selectors of a reader that shares with nobody, while a shard's members share those, too.
     *
     * @param selectors at least one
     * @param shared whether the reader belongs to a shard
     */
    public static Selection of(List<Selector> selectors, boolean shared) {
        if (selectors.isEmpty()) {
            throw new IllegalArgumentException("no selectors");
        }
        List<Selector> sorted = new ArrayList<>(selectors);
        sorted.sort(Comparator.comparing(Selector::sourceId)
                .thenComparing(Selector::kind)
                .thenComparing(selector -> selector.names().toString()));
        return new Selection(0, null, shared ? sorted.stream().distinct().toList() : List.copyOf(sorted));
    }

    /**
     * What v1 readers see under one app. It may take some envelopes more, which only a rendering to v1 shows to belong to
     * another app.
     *
     * @param classes mask of {@link #LOG_CLASS} and {@link #METRIC_CLASS}
     */
    public static Selection ofApp(String app, int classes) {
        return new Selection(classes, Objects.requireNonNull(app), List.of());
    }

    /** Whether it is one of {@link #ALL}, {@link #LOGS}, {@link #METRICS}. */
    public boolean byClassOnly() {
        return classes != 0 && app == null;
    }

    /** The classes that it wants by class only, as a mask; 0 if it is not {@link #byClassOnly}. */
    public int classes() {
        return byClassOnly() ? classes : 0;
    }

    /** Whether it takes every envelope once. */
    public boolean takesEverything() {
        return equals(ALL);
    }

    /** Whether an envelope of a class passes; of a selection {@link #byClassOnly}. */
    public boolean takes(boolean log) {
        return (classes & (log ? LOG_CLASS : METRIC_CLASS)) != 0;
    }

    /** How many times the envelope under the cursor is to be delivered; 0: not at all. */
    public int matches(BatchCursor cursor) {
        if (classes != 0) {
            return matchesV1(cursor) ? 1 : 0;
        }
        if (index != null) {
            return index.match(cursor, NOBODY);
        }
        int count = 0;
        for (int i = 0; i < matches.size(); i++) {
            if (matches.get(i).matches(cursor)) {
                count++;
            }
        }
        return count;
    }

    private boolean matchesV1(BatchCursor cursor) {
        boolean log = cursor.isV1Log();
        return takes(log)
                && (app == null
                        || SelectorMatch.equal(appBytes, cursor.bytes(), cursor.sourceIdStart(), cursor.sourceIdEnd())
                        || (!log && app.equals(PLATFORM)));
    }

    /** The only sources whose envelopes it can take; empty if it can take those of any. */
    public Optional<Set<String>> sources() {
        if (app != null) {
            return app.equals(PLATFORM) ? Optional.empty() : Optional.of(Set.of(app));
        }
        Set<String> sources = new TreeSet<>();
        for (Selector selector : selectors) {
            sources.add(selector.sourceId());
        }
        return sources.isEmpty() || sources.contains("") ? Optional.empty() : Optional.of(sources);
    }

    /** Classes of envelopes of one source; an empty source is any. */
    record OfSource(String source, int classes) {}

    /** What {@link #ofApp} takes, each envelope by one of them only. */
    List<OfSource> classesOfSources() {
        if (app == null) {
            return List.of();
        }
        if (!app.equals(PLATFORM)) {
            return List.of(new OfSource(app, classes));
        }
        return List.of(new OfSource(PLATFORM, classes & LOG_CLASS), new OfSource("", classes & METRIC_CLASS));
    }

    /** What it selects by, in a fixed order; empty if that is not selectors. */
    public List<Selector> selectors() {
        return selectors;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Selection that
                && classes == that.classes
                && Objects.equals(app, that.app)
                && selectors.equals(that.selectors);
    }

    @Override
    public int hashCode() {
        return Objects.hash(classes, app, selectors);
    }

    /** Short, for metrics and log lines. */
    @Override
    public String toString() {
        if (classes != 0) {
            String what = switch (classes) {
                case LOG_CLASS -> "LOGS";
                case METRIC_CLASS -> "METRICS";
                default -> "ALL";
            };
            return app == null ? what : what + " of " + app;
        }
        return selectors.size() == 1 ? matches.get(0).toString() : selectors.size() + " selectors";
    }
}
