package io.loggregator.stream.selection;

import io.loggregator.wire.BatchCursor;
import io.loggregator.wire.MetricNames;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** A {@link Selector} ready to be compared with bytes. */
final class SelectorMatch {
    private static final String[] KINDS = {"none", "log", "counter", "gauge", "timer", "event"};

    /** Compares nothing. */
    static final SelectorMatch EVERYTHING = new SelectorMatch(new Selector("", BatchCursor.NONE, List.of()));

    private final Selector selector;
    private final byte[] source;
    private final int kind;
    private final byte[][] names;

    SelectorMatch(Selector selector) {
        this.selector = selector;
        source = utf8(selector.sourceId());
        kind = selector.kind();
        List<String> wanted = selector.names();
        names = new byte[wanted.size()][];
        for (int i = 0; i < names.length; i++) {
            names[i] = utf8(wanted.get(i));
        }
        // Not always the order of the strings.
        Arrays.sort(names, Arrays::compareUnsigned);
    }

    boolean matches(BatchCursor cursor) {
        return cursor.kind() == kind
                && (source.length == 0 || equal(source, cursor.bytes(), cursor.sourceIdStart(), cursor.sourceIdEnd()))
                && (names.length == 0 || hasNames(cursor));
    }

    /** Whether an envelope of the selector's kind has just the names that are wanted. */
    boolean hasNames(BatchCursor cursor) {
        return kind == BatchCursor.COUNTER
                ? MetricNames.isCounter(cursor.bytes(), cursor.messageStart(), cursor.messageEnd(), names[0])
                : MetricNames.areGauge(cursor.bytes(), cursor.messageStart(), cursor.messageEnd(), names);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SelectorMatch that && selector.equals(that.selector);
    }

    @Override
    public int hashCode() {
        return selector.hashCode();
    }

    static boolean equal(byte[] wanted, byte[] bytes, int from, int to) {
        return Arrays.equals(wanted, 0, wanted.length, bytes, from, to);
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(KINDS[kind]);
        for (byte[] name : names) {
            text.append(' ').append(new String(name, StandardCharsets.UTF_8));
        }
        if (source.length > 0) {
            text.append(" of ").append(new String(source, StandardCharsets.UTF_8));
        }
        return text.toString();
    }
}
