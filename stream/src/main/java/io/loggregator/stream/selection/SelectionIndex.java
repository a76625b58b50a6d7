package io.loggregator.stream.selection;

import io.loggregator.stream.table.SourceTable;
import io.loggregator.wire.BatchCursor;

/**
 * Many selections at once: finds those that take an envelope by its source, its kind and its metrics' names, whatever the
 * number of the others. Selections that go by classes only are not for it. Reading changes nothing, so that an index which
 * is not changed any more may be read by any thread.
 *
 * @param <T> what a selection stands for
 */
public final class SelectionIndex<T> {
    private final SelectionNode<T> anySource = new SelectionNode<>();
    private final SourceTable<SelectionNode<T>> bySource = new SourceTable<>();

    /** Told what takes an envelope. */
    public interface Hit<T> {
        /** @param times how often one of the owner's selections takes it; may be told in several parts */
        void by(T owner, int times);
    }

    /** Adds a selection that is not {@link Selection#byClassOnly}, for an owner. */
    public void add(Selection selection, T owner) {
        for (Selector selector : selection.selectors()) {
            nodeOf(selector.sourceId()).add(selector, owner);
        }
        for (Selection.OfSource part : selection.classesOfSources()) {
            nodeOf(part.source()).add(part.classes(), owner);
        }
    }

    private SelectionNode<T> nodeOf(String source) {
        if (source.isEmpty()) {
            return anySource;
        }
        SelectionNode<T> node = bySource.get(source);
        if (node == null) {
            node = new SelectionNode<>();
            bySource.put(source, node);
        }
        return node;
    }

    /** Takes out a selection that was added for the owner. */
    public void remove(Selection selection, T owner) {
        for (Selector selector : selection.selectors()) {
            SelectionNode<T> node = nodeOf(selector.sourceId());
            node.remove(selector, owner);
            forgetEmpty(selector.sourceId(), node);
        }
        for (Selection.OfSource part : selection.classesOfSources()) {
            SelectionNode<T> node = nodeOf(part.source());
            node.removeClasses(owner);
            forgetEmpty(part.source(), node);
        }
    }

    private void forgetEmpty(String source, SelectionNode<T> node) {
        if (!source.isEmpty() && node.isEmpty()) {
            bySource.remove(source);
        }
    }

    /**
     * Tells whose selections take the envelope under the cursor.
     *
     * @return how many times it is taken in all
     */
    public int match(BatchCursor cursor, Hit<T> hit) {
        int times = anySource.match(cursor, hit);
        if (bySource.size() > 0) {
            SelectionNode<T> node =
                    bySource.get(cursor.bytes(), cursor.sourceIdStart(), cursor.sourceIdEnd(), cursor.sourceIdHash());
            if (node != null) {
                times += node.match(cursor, hit);
            }
        }
        return times;
    }
}
