package io.loggregator.stream.dispatch;

import java.util.ArrayDeque;

/**
 * Of what was sent to the tails of a link and is not known to have arrived, all that could not be sent again: envelopes that
 * went from the log since, and word of gaps. Owned by the lane.
 */
final class Unreceived {
    /** As many as are under way at most, with envelopes of the usual size and a link that takes nothing. */
    private static final int MOST = 16_384;

    private final ArrayDeque<Item> items = new ArrayDeque<>();
    private final Budget budget;
    /** Of the oldest there were too many. */
    private long forgottenTo;

    private long forgottenGaps;

    /** How many items all tails of a lane may have together. */
    static final class Budget {
        private int left;

        Budget(int items) {
            left = items;
        }
    }

    Unreceived(Budget budget) {
        this.budget = budget;
    }

    /**
     * @param position of an envelope, the border before its batch
     * @param ordinal of word of a gap; 0: an envelope
     * @param source null: all
     */
    private record Item(long position, long ordinal, String source, Gap gap) {
        boolean arrived(long received, long gaps) {
            return ordinal == 0 ? position < received : ordinal <= gaps;
        }
    }

    /** An envelope that was sent goes from the log. */
    void gone(long position, String source, Gap gap) {
        Item last = items.peekLast();
        if (last != null && last.ordinal == 0 && last.position == position && last.source.equals(source)) {
            items.pollLast();
            items.add(new Item(position, 0, source, Gap.merge(last.gap, gap)));
        } else {
            add(new Item(position, 0, source, gap));
        }
    }

    /** Word of a gap is sent, the {@code ordinal}th to these tails. */
    void told(long ordinal, String source, Gap gap) {
        add(new Item(0, ordinal, source, gap));
    }

    private void add(Item item) {
        items.add(item);
        budget.left--;
        if (items.size() > MOST || budget.left < 0) {
            Item forgotten = items.poll();
            budget.left++;
            if (forgotten.ordinal == 0) {
                forgottenTo = Math.max(forgottenTo, forgotten.position + 1);
            } else {
                forgottenGaps = Math.max(forgottenGaps, forgotten.ordinal);
            }
        }
    }

    /** What was sent up to a position, and so many gaps, have arrived. */
    void arrived(long received, long gaps) {
        int before = items.size();
        if (before > 0) {
            items.removeIf(item -> item.arrived(received, gaps));
            budget.left += before - items.size();
        }
    }

    /** Nobody will ask any more. */
    void forget() {
        budget.left += items.size();
        items.clear();
    }

    /** Whether all is known of what did not arrive if these did. */
    boolean isComplete(long received, long gaps) {
        return received >= forgottenTo && gaps >= forgottenGaps;
    }

    /** Told what did not arrive. */
    interface Visitor {
        /**
         * @param source null: all
         * @param ofGap whether it had been lost before, and word of that is what did not arrive
         */
        void missing(String source, Gap gap, boolean ofGap);
    }

    void forEach(Visitor visitor) {
        items.forEach(item -> visitor.missing(item.source, item.gap, item.ordinal != 0));
    }
}
