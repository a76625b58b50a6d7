package io.loggregator.stream.selection;

import io.loggregator.stream.table.SourceTable;
import io.loggregator.wire.BatchCursor;
import io.loggregator.wire.MetricNames;
import io.loggregator.wire.ProtoBytes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What is selected of one source, or of all: by class, by kind, and by names, each found without looking at the others. */
final class SelectionNode<T> {
    private final Entries<T> logs = new Entries<>();
    private final Entries<T> metrics = new Entries<>();
    /** By kind of envelope. */
    private final List<Entries<T>> plain = new ArrayList<>();
    /** By a counter's name. */
    private final SourceTable<Entries<T>> counters = new SourceTable<>();
    /** By the first of the names that a gauge's metrics must have. */
    private final SourceTable<Entries<T>> gauges = new SourceTable<>();

    private int size;

    SelectionNode() {
        for (int kind = BatchCursor.NONE; kind <= BatchCursor.EVENT; kind++) {
            plain.add(new Entries<>());
        }
    }

    private record Entry<T>(T owner, SelectorMatch match, int times) {}

    /** Entries that are looked at together. */
    private static final class Entries<T> {
        private final List<Entry<T>> list = new ArrayList<>(1);

        /** Returns whether there is one more entry: an owner's equal selectors are one. */
        boolean add(T owner, SelectorMatch match) {
            for (int i = 0; i < list.size(); i++) {
                Entry<T> entry = list.get(i);
                if (entry.owner() == owner && entry.match().equals(match)) {
                    list.set(i, new Entry<>(owner, match, entry.times() + 1));
                    return false;
                }
            }
            list.add(new Entry<>(owner, match, 1));
            return true;
        }

        /** Returns how many entries that takes out. */
        int remove(T owner, SelectorMatch match) {
            int before = list.size();
            list.removeIf(entry -> entry.owner() == owner && entry.match().equals(match));
            return before - list.size();
        }
    }

    boolean isEmpty() {
        return size == 0;
    }

    void add(Selector selector, T owner) {
        SourceTable<Entries<T>> table = table(selector);
        Entries<T> entries = table == null ? plain.get(selector.kind()) : table.get(name(selector));
        if (entries == null) {
            entries = new Entries<>();
            table.put(name(selector), entries);
        }
        size += entries.add(owner, new SelectorMatch(selector)) ? 1 : 0;
    }

    /** Takes out all that was added for the owner by an equal selector. */
    void remove(Selector selector, T owner) {
        SourceTable<Entries<T>> table = table(selector);
        Entries<T> entries = table == null ? plain.get(selector.kind()) : table.get(name(selector));
        if (entries != null) {
            size -= entries.remove(owner, new SelectorMatch(selector));
            if (table != null && entries.list.isEmpty()) {
                table.remove(name(selector));
            }
        }
    }

    /** Where a selector by names is found; null for one by kind only. */
    private SourceTable<Entries<T>> table(Selector selector) {
        if (selector.names().isEmpty()) {
            return null;
        }
        return switch (selector.kind()) {
            case BatchCursor.COUNTER -> counters;
            case BatchCursor.GAUGE -> gauges;
            default -> null;
        };
    }

    private static String name(Selector selector) {
        return selector.names().get(0);
    }

    /** @param classes mask of {@link Selection#LOG_CLASS} and {@link Selection#METRIC_CLASS} */
    void add(int classes, T owner) {
        if ((classes & Selection.LOG_CLASS) != 0) {
            size += logs.add(owner, SelectorMatch.EVERYTHING) ? 1 : 0;
        }
        if ((classes & Selection.METRIC_CLASS) != 0) {
            size += metrics.add(owner, SelectorMatch.EVERYTHING) ? 1 : 0;
        }
    }

    /** Takes the owner's classes out. */
    void removeClasses(T owner) {
        size -= logs.remove(owner, SelectorMatch.EVERYTHING) + metrics.remove(owner, SelectorMatch.EVERYTHING);
    }

    int match(BatchCursor cursor, SelectionIndex.Hit<T> hit) {
        if (size == 0) {
            return 0;
        }
        int kind = cursor.kind();
        int times = hits(plain.get(kind), hit);
        if (!logs.list.isEmpty() || !metrics.list.isEmpty()) {
            times += hits(cursor.isV1Log() ? logs : metrics, hit);
        }
        if (kind == BatchCursor.COUNTER && counters.size() > 0) {
            long name = MetricNames.name(cursor.bytes(), cursor.messageStart(), cursor.messageEnd());
            Entries<T> entries = name < 0 ? null : get(counters, cursor.bytes(), name);
            times += entries == null ? 0 : hits(entries, hit);
        } else if (kind == BatchCursor.GAUGE && gauges.size() > 0) {
            times += gauge(cursor, hit);
        }
        return times;
    }

    private static <T> int hits(Entries<T> entries, SelectionIndex.Hit<T> hit) {
        int times = 0;
        for (int i = 0; i < entries.list.size(); i++) {
            Entry<T> entry = entries.list.get(i);
            hit.by(entry.owner(), entry.times());
            times += entry.times();
        }
        return times;
    }

    private static <T> Entries<T> get(SourceTable<Entries<T>> table, byte[] bytes, long name) {
        int from = ProtoBytes.high(name);
        int to = ProtoBytes.low(name);
        return table.get(bytes, from, to, BatchCursor.hash(bytes, from, to));
    }

    /** Goes through the metrics once, and looks at what each name leads to once, however often the name comes. */
    private int gauge(BatchCursor cursor, SelectionIndex.Hit<T> hit) {
        byte[] bytes = cursor.bytes();
        int end = cursor.messageEnd();
        int times = 0;
        int at = cursor.messageStart();
        Entries<T> first = null;
        Set<Entries<T>> more = null;
        long metric;
        while ((metric = MetricNames.nextMetric(bytes, at, end)) >= 0) {
            at = ProtoBytes.low(metric);
            long name = MetricNames.name(bytes, ProtoBytes.high(metric), at);
            Entries<T> entries = name < 0 ? null : get(gauges, bytes, name);
            if (entries == null || entries == first) {
                continue;
            }
            if (first == null) {
                first = entries;
            } else {
                more = more == null ? new HashSet<>() : more;
                if (!more.add(entries)) {
                    continue;
                }
            }
            times += named(cursor, entries, hit);
        }
        return times;
    }

    private static <T> int named(BatchCursor cursor, Entries<T> entries, SelectionIndex.Hit<T> hit) {
        int times = 0;
        for (int i = 0; i < entries.list.size(); i++) {
            Entry<T> entry = entries.list.get(i);
            if (entry.match().hasNames(cursor)) {
                hit.by(entry.owner(), entry.times());
                times += entry.times();
            }
        }
        return times;
    }
}
