package io.loggregator.doppler.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.doppler.ingress.Lull.Verdict;
import java.time.Duration;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

/** When a stream is ended: early in one of the pauses that its agent makes. */
class LullTest {
    private static final long CHECK = Lull.CHECK.toNanos();
    private static final int PATIENCE = 400;

    /** Checks since the last message when the stream is ended, and how many there were in all. */
    private record End(Verdict verdict, int sinceMessage, int checks) {}

    /** @param message whether one came since the check before, by the number of the check */
    private static End end(IntPredicate message) {
        Lull lull = new Lull(Duration.ofNanos(PATIENCE * CHECK), 7, 0);
        long messages = 7;
        int last = 0;
        for (int check = 1; ; check++) {
            if (message.test(check)) {
                messages++;
                last = check;
            }
            Verdict verdict = lull.ask(messages, check * CHECK);
            if (verdict != Verdict.WAIT) {
                return new End(verdict, check - last, check);
            }
        }
    }

    @Test
    void aSilentStreamIsEndedSoon() {
        assertThat(end(check -> false)).isEqualTo(new End(Verdict.SILENT, 100, 100));
    }

    @Test
    void anAgentThatSendsEveryHundredMillisecondsIsEndedInTheFirstQuarterOfAPause() {
        assertThat(end(check -> check % 20 == 0)).returns(5, End::sinceMessage).returns(Verdict.SILENT, End::verdict);
    }

    @Test
    void anAgentThatSendsOftenIsEndedAtTheBeginningOfAPause() {
        assertThat(end(check -> check % 4 == 0)).isEqualTo(new End(Verdict.SILENT, 1, 101));
    }

    @Test
    void theShortPausesWithinABurstDoNotCount() {
        End end = end(check -> check % 40 < 10 && check % 2 == 0);
        assertThat(end.verdict()).isEqualTo(Verdict.SILENT);
        assertThat(end.sinceMessage()).isGreaterThan(4);
        assertThat(end.checks() % 40).isBetween(10, 39);
    }

    @Test
    void anAgentThatHasBecomeFasterIsEndedAllTheSame() {
        assertThat(end(check -> check > 95 && check % 3 == 0))
                .returns(Verdict.SILENT, End::verdict)
                .satisfies(end -> assertThat(end.checks()).isGreaterThanOrEqualTo(PATIENCE / 2));
    }

    @Test
    void whoNeverPausesIsEndedAtLast() {
        assertThat(end(check -> true)).isEqualTo(new End(Verdict.OVER, 0, PATIENCE));
    }
}
