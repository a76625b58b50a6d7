package io.loggregator.trafficcontroller.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.node.metrics.Metrics;
import io.vertx.core.Future;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** How long an answer counts while somebody sets the clock. */
class RememberedAnswersTest {
    private static final Duration KEEP = Duration.ofSeconds(30);
    private static final Duration JUMP = Duration.ofHours(2);
    private static final Question QUESTION = new Question("bearer opaque", Optional.empty());

    private Instant system = Instant.parse("2026-01-01T00:00:00Z");
    private long millis;
    private int asked;
    private Instant expires = Instant.MAX;
    private final Authority authority = new Authority() {
        @Override
        public String name() {
            return "uaa";
        }

        @Override
        public Future<Verdict> ask(Question question) {
            asked++;
            return Future.succeededFuture(Verdict.allowed(expires));
        }
    };
    private final Clock clock = new Clock() {
        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return system;
        }
    };
    private final RememberedAnswers answers =
            new RememberedAnswers(authority, KEEP, 10, new AccessCounters(new Metrics()), clock, () -> millis);

    private void pass(Duration time) {
        millis += time.toMillis();
        system = system.plus(time);
    }

    @Test
    void aClockThatIsSetBackKeepsNoAnswerForLonger() {
        answers.ask(QUESTION);
        system = system.minus(JUMP);
        pass(KEEP.minusMillis(1));
        answers.ask(QUESTION);
        assertThat(asked).isEqualTo(1);

        pass(Duration.ofMillis(1));
        answers.ask(QUESTION);
        assertThat(asked).isEqualTo(2);
    }

    @Test
    void aClockThatIsSetForwardForgetsNoAnswer() {
        answers.ask(QUESTION);
        system = system.plus(JUMP);

        answers.ask(QUESTION);

        assertThat(asked).isEqualTo(1);
    }

    @Test
    void aTokenThatHasExpiredIsAskedAboutAgain() {
        expires = system.plus(JUMP);
        answers.ask(QUESTION);
        system = system.plus(JUMP);

        answers.ask(QUESTION);

        assertThat(asked).isEqualTo(2);
    }
}
