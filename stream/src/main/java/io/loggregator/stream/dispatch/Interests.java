package io.loggregator.stream.dispatch;

import io.loggregator.stream.log.Log;
import io.loggregator.stream.log.Span;
import io.loggregator.stream.selection.Selection;
import io.loggregator.stream.selection.SelectionIndex;
import io.loggregator.wire.BatchCursor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The selections of all groups that go by more than classes, and a walk over a span for all of them at once. What the walk
 * found stays until the next one, so that a span which is handed out is walked once. Owned by the lane.
 */
final class Interests {
    private final Map<Selection, Interest> interests = new HashMap<>();
    private final SelectionIndex<Interest> index = new SelectionIndex<>();
    private final BatchCursor cursor = new BatchCursor(false);
    private final List<Interest> found = new ArrayList<>();
    private final SelectionIndex.Hit<Interest> noting = this::hit;
    private final Loss loss = new Loss();
    private final Thinning thinning = new Thinning();

    // The envelopes of the walked span that anybody wants: where each starts and ends, and where those who want it end
    // in the list of them.
    private int[] starts = new int[64];
    private int[] ends = new int[64];
    private int[] lastTakers = new int[64];
    private Interest[] takers = new Interest[64];
    private int envelopes;
    private int takings;

    boolean isEmpty() {
        return interests.isEmpty();
    }

    /** Notes that a group is interested; returns null if classes decide what it gets. */
    Interest add(Group group, Selection selection) {
        if (selection.byClassOnly()) {
            return null;
        }
        Interest interest = interests.get(selection);
        if (interest == null) {
            interest = new Interest(selection);
            interests.put(selection, interest);
            index.add(selection, interest);
        }
        interest.groups.add(group);
        return interest;
    }

    void remove(Group group, Interest interest) {
        interest.groups.remove(group);
        if (interest.groups.isEmpty()) {
            interests.remove(interest.selection);
            index.remove(interest.selection, interest);
        }
    }

    // ---- the walk ----------------------------------------------------------------------------------------------

    /** Finds what the span has for every selection. */
    void walk(Span span) {
        begin();
        cursor.over(span.bytes(), span.start(), span.end());
        while (cursor.next()) {
            index.match(cursor, noting);
            envelopeDone();
        }
    }

    /** Finds what the span has for one selection. */
    void walk(Span span, Interest interest) {
        begin();
        cursor.over(span.bytes(), span.start(), span.end());
        while (cursor.next()) {
            int times = interest.selection.matches(cursor);
            if (times > 0) {
                hit(interest, times);
            }
            envelopeDone();
        }
    }

    private void begin() {
        for (int i = 0; i < found.size(); i++) {
            found.get(i).count = 0;
            found.get(i).bytes = 0;
        }
        found.clear();
        envelopes = 0;
        takings = 0;
    }

    private void hit(Interest interest, int times) {
        if (interest.count == 0) {
            found.add(interest);
        }
        interest.count += times;
        if (takings == takers.length) {
            takers = Arrays.copyOf(takers, takings * 2);
        }
        takers[takings++] = interest;
    }

    private void envelopeDone() {
        int first = envelopes == 0 ? 0 : lastTakers[envelopes - 1];
        if (takings == first) {
            return;
        }
        if (envelopes == starts.length) {
            starts = Arrays.copyOf(starts, envelopes * 2);
            ends = Arrays.copyOf(ends, envelopes * 2);
            lastTakers = Arrays.copyOf(lastTakers, envelopes * 2);
        }
        starts[envelopes] = cursor.recordStart();
        ends[envelopes] = cursor.envelopeEnd();
        lastTakers[envelopes++] = takings;
        int length = cursor.envelopeEnd() - cursor.recordStart();
        for (int i = first; i < takings; i++) {
            takers[i].bytes += length;
        }
    }

    /** How many envelopes of the walked span anybody wants. */
    int envelopes() {
        return envelopes;
    }

    /** Where the record of the i-th of them starts. */
    int start(int i) {
        return starts[i];
    }

    /** Where it ends. */
    int end(int i) {
        return ends[i];
    }

    /** Where those who want it begin in the list of {@link #taker}s. */
    int firstTaker(int i) {
        return i == 0 ? 0 : lastTakers[i - 1];
    }

    /** Where they end. */
    int lastTaker(int i) {
        return lastTakers[i];
    }

    Interest taker(int i) {
        return takers[i];
    }

    // ---- loss --------------------------------------------------------------------------------------------------

    /**
     * Counts what each group loses that stands before {@code to}, in one walk for all of them; {@link Group#losing} tells.
     *
     * @param span may be overwritten
     */
    void losing(Log log, long to, Span span) {
        long at = to;
        for (Interest interest : interests.values()) {
            for (int i = 0; i < interest.groups.size(); i++) {
                Group group = interest.groups.get(i);
                group.losing.clear();
                at = Math.min(at, group.position());
            }
        }
        // Where the log has been thinned, where an envelope was cannot be told: so from one group's place to the next.
        while (log.read(at, nextPlace(at, to), Integer.MAX_VALUE, span)) {
            loss.position = span.from();
            cursor.over(span.bytes(), span.start(), span.end());
            while (cursor.next()) {
                index.match(cursor, loss);
            }
            at = span.to();
        }
    }

    private long nextPlace(long after, long to) {
        long next = to;
        for (Interest interest : interests.values()) {
            for (int i = 0; i < interest.groups.size(); i++) {
                long place = interest.groups.get(i).position();
                next = place > after ? Math.min(next, place) : next;
            }
        }
        return next;
    }

    /** The envelope under the cursor, of a batch at a position, goes from the log; each group's {@link Group#losing} counts it. */
    void thinning(BatchCursor envelope, long position, long arrivalMillis) {
        thinning.position = position;
        thinning.arrivalMillis = arrivalMillis;
        index.match(envelope, thinning);
    }

    private static final class Thinning implements SelectionIndex.Hit<Interest> {
        private long position;
        private long arrivalMillis;

        @Override
        public void by(Interest interest, int times) {
            for (int i = 0; i < interest.groups.size(); i++) {
                interest.groups.get(i).thinning(position, arrivalMillis, times);
            }
        }
    }

    private static final class Loss implements SelectionIndex.Hit<Interest> {
        private long position;

        @Override
        public void by(Interest interest, int times) {
            for (int i = 0; i < interest.groups.size(); i++) {
                Group group = interest.groups.get(i);
                if (group.position() <= position) {
                    group.losing.add(times);
                }
            }
        }
    }
}
