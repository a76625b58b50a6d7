package io.loggregator.stream.dispatch;

/**
 * What the client of a group has counted by where the group stands: what it got, and what it was, or is still to be, told to be
 * lost. What is lost with something of unknown size is in no count, as no client can count it.
 */
final class Reckoning {
    private long counted;
    private Gap gap;

    /** @param counted before the group began */
    Reckoning(long counted) {
        this.counted = counted;
    }

    long counted() {
        return counted;
    }

    void add(long envelopes) {
        counted += envelopes;
    }

    /** What is to be told, or null. */
    Gap gap() {
        return gap;
    }

    void told() {
        gap = null;
    }

    /** Something is lost. */
    void lose(Gap lost) {
        counted += lost.count();
        owe(lost);
    }

    /** Something that has been counted is lost, or is to be told again. */
    void owe(Gap more) {
        long known = (gap == null ? 0 : gap.count()) + more.count();
        gap = Gap.merge(gap, more);
        if (gap.unknown()) {
            counted -= known;
        }
    }

    /**
     * The client comes back, and says how much it has counted; one that claims more than there was is told of no loss.
     *
     * @param count what it says
     * @param more how many envelopes there are from where the group stood to where the client is; negative: the other way
     * @return how many it lost that had not been noted
     */
    long resume(long count, long more) {
        if (gap != null && gap.unknown()) {
            counted = count;
            return 0;
        }
        long noted = gap == null ? 0 : gap.count();
        long lost = Math.max(0, counted + more - count);
        Gap known = gap == null ? new Gap(0, 0, 0, Gap.LAPPED) : gap;
        counted = count + lost;
        gap = lost == 0 ? null : new Gap(lost, known.firstMillis(), known.lastMillis(), known.reason());
        return Math.max(0, lost - noted);
    }
}
