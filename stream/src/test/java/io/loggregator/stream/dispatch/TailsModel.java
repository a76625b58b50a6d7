package io.loggregator.stream.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.stream.dispatch.Envelopes.Seen;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the tails of one link must have seen: of every followed source each envelope once, in order, or counted in a gap
 * that is told before the envelope after it.
 */
final class TailsModel {
    private final History history;
    /** By source: the first envelope not yet accounted for. */
    private final Map<String, Integer> next = new HashMap<>();

    private final boolean platform;
    private boolean started;
    private boolean spanLost;
    private long last = -1;

    TailsModel(History history, boolean platform) {
        this.history = history;
        this.platform = platform;
        if (platform) {
            next.put(Tails.PLATFORM, 0);
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
    }

    /** @param number the envelope from which on the tails of the link have not been served */
    void follow(String source, int number) {
        next.putIfAbsent(source, number);
    }

    void unfollow(String source) {
        next.remove(source);
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
                assertThat(following(owner)).as("told what is missing").isEqualTo(envelope.number());
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
        assertThat(gap.reason()).isEqualTo(Gap.LAPPED);
        for (long i = 0; i < gap.count(); i++) {
            next.put(source, (int) following(source) + 1);
        }
    }

    /** Nothing is on its way any more: whatever was accepted was accounted for. */
    void settled(int head) {
        assertThat(spanLost).isFalse();
        for (String source : next.keySet()) {
            assertThat(following(source, head)).as("all of %s", source).isEqualTo(-1);
        }
    }

    private long following(String owner) {
        return following(owner, Integer.MAX_VALUE);
    }

    private long following(String owner, int to) {
        for (int number = next.get(owner); number < Math.min(to, history.size()); number++) {
            if (owner.equals(owner(history.envelope(number)))) {
                return number;
            }
        }
        return -1;
    }

    /** Whose gap would tell of the envelope: its source's, else the platform's; null if nobody follows either. */
    private String owner(Seen envelope) {
        if (next.containsKey(envelope.source())) {
            return envelope.source();
        }
        return platform && !envelope.log() ? Tails.PLATFORM : null;
    }
}
