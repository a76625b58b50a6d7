package io.loggregator.stream.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.stream.dispatch.Envelopes.Seen;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the tails of one link must have seen: of every followed source each envelope once, in order, or counted in a gap
 * that is told before the envelope after it.
 */
final class TailsModel {
    private final History history;
    /** By source: the first envelope that is due or told to be lost. */
    private final Map<String, Integer> next = new HashMap<>();

    /** By source: how many more than those that have been missed were told to be lost. */
    private final Map<String, Long> told = new HashMap<>();

    /** By source: what the log had been thinned of when it was followed. */
    private final Map<String, BitSet> neverThere = new HashMap<>();

    private final boolean platform;
    private boolean started;
    private boolean spanLost;
    private long last = -1;

    TailsModel(History history, boolean platform) {
        this.history = history;
        this.platform = platform;
        if (platform) {
            next.put(Tails.PLATFORM, 0);
            neverThere.put(Tails.PLATFORM, history.gone());
        }
    }

    boolean started() {
        return started;
    }

    boolean follows(String source) {
        return next.containsKey(source);
    }

    boolean followsAnything() {
        return !next.isEmpty();
    }

    void start(int number, boolean lost) {
        started = true;
        spanLost = lost && followsAnything();
        next.replaceAll((source, earlier) -> number);
        next.keySet().forEach(source -> neverThere.put(source, history.gone()));
    }

    /** @param number the envelope from which on the tails of the link have not been served */
    void follow(String source, int number) {
        next.put(source, number);
        neverThere.put(source, history.gone());
    }

    void unfollow(String source) {
        next.remove(source);
        told.remove(source);
        spanLost &= followsAnything();
    }

    void batch(List<Seen> batch) {
        assertThat(started).isTrue();
        assertThat(spanLost).isFalse();
        for (Seen envelope : batch) {
            String owner = owner(envelope);
            if (owner != null) {
                assertThat(envelope.number()).as("once and in order").isGreaterThan(last);
                last = envelope.number();
                long left = told.getOrDefault(owner, 0L) - due(owner, (int) envelope.number());
                assertThat(left).as("told what is missing").isNotNegative();
                told.put(owner, left);
                next.put(owner, (int) envelope.number() + 1);
            }
        }
    }

    void gap(String source, Gap gap) {
        if (source == null) {
            assertThat(spanLost).isTrue();
            assertThat(gap.count()).isZero();
            assertThat(gap.reason()).isEqualTo(Gap.LINK_DOWN);
            spanLost = false;
            return;
        }
        assertThat(next).containsKey(source);
        assertThat(gap.count()).isPositive();
        assertThat(gap.reason()).isIn(Gap.LAPPED, Gap.THINNED);
        told.merge(source, gap.count(), Long::sum);
    }

    /** Nothing is on its way any more: whatever was accepted was accounted for. */
    void settled(int head) {
        assertThat(spanLost).isFalse();
        for (String source : next.keySet()) {
            assertThat(due(source, head)).as("all of %s", source).isEqualTo(told.getOrDefault(source, 0L));
        }
    }

    /** How many envelopes of a source before a number have neither come nor been told to be lost. */
    private long due(String owner, int before) {
        long due = 0;
        for (int number = next.get(owner); number < before; number++) {
            boolean there = !neverThere.get(owner).get(number);
            due += there && owner.equals(owner(history.envelope(number))) ? 1 : 0;
        }
        return due;
    }

    /** Whose gap would tell of the envelope: its source's, else the platform's; null if nobody follows either. */
    private String owner(Seen envelope) {
        if (next.containsKey(envelope.source())) {
            return envelope.source();
        }
        return platform && !envelope.log() ? Tails.PLATFORM : null;
    }
}
