package io.loggregator.trafficcontroller.access;

import io.loggregator.trafficcontroller.access.Verdict.Outcome;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Asks an authority once where many ask the same at the same time, and remembers for a while what it allowed, never
 * what it refused. Keeps no tokens, only their hashes. Owned by an event loop.
 */
final class RememberedAnswers {
    private final Authority authority;
    private final Duration keep;
    private final AccessCounters counters;
    private final Clock clock;
    private final LongSupplier millis;
    private final Map<String, Future<Verdict>> underWay = new HashMap<>();
    private final LinkedHashMap<String, Remembered> allowed;

    /** @param until of {@link #millis} */
    private record Remembered(Verdict verdict, long until) {}

    /**
     * @param keep how long what was allowed is remembered; zero: not at all
     * @param most how many answers are remembered; the least recently asked goes first
     * @param clock by which tokens expire
     * @param millis goes on whatever is done to that clock
     */
    RememberedAnswers(
            Authority authority, Duration keep, int most, AccessCounters counters, Clock clock, LongSupplier millis) {
        this.authority = authority;
        this.keep = keep;
        this.counters = counters;
        this.clock = clock;
        this.millis = millis;
        this.allowed = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Remembered> eldest) {
                if (size() <= most) {
                    return false;
                }
                if (holds(eldest.getValue())) {
                    counters.forgotten(authority.name());
                }
                return true;
            }
        };
    }

    Future<Verdict> ask(Question question) {
        String key = key(question);
        Remembered before = allowed.get(key);
        if (before != null) {
            if (holds(before)) {
                counters.remembered(authority.name());
                return Future.succeededFuture(before.verdict());
            }
            allowed.remove(key);
        }
        return askNow(key, question);
    }

    /** Asks the authority whatever is remembered. */
    Future<Verdict> askAfresh(Question question) {
        return askNow(key(question), question);
    }

    private Future<Verdict> askNow(String key, Question question) {
        Future<Verdict> asked = underWay.get(key);
        if (asked != null) {
            return asked;
        }
        Future<Verdict> answer;
        try {
            answer = authority.ask(question);
        } catch (RuntimeException fault) {
            answer = Future.failedFuture(fault);
        }
        Future<Verdict> verdict = answer.otherwise(fault -> Verdict.unknown(authority.name() + ": " + fault))
                .onSuccess(told -> {
                    underWay.remove(key);
                    counters.answered(authority.name(), told.outcome());
                    remember(key, told);
                });
        if (!verdict.isComplete()) {
            underWay.put(key, verdict);
        }
        return verdict;
    }

    private void remember(String key, Verdict verdict) {
        if (verdict.outcome() == Outcome.UNKNOWN || keep.isZero()) {
            return;
        }
        if (verdict.outcome() != Outcome.ALLOWED) {
            allowed.remove(key);
            return;
        }
        allowed.put(key, new Remembered(verdict, millis.getAsLong() + keep.toMillis()));
    }

    private boolean holds(Remembered answer) {
        return millis.getAsLong() < answer.until()
                && clock.instant().isBefore(answer.verdict().expires());
    }

    private static String key(Question question) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(question.token().getBytes(StandardCharsets.UTF_8));
            String hash = Base64.getEncoder().encodeToString(digest.digest());
            return hash + question.app().map(app -> " " + app).orElse("");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
