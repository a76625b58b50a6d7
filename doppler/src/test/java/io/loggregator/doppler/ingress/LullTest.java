package io.loggregator.doppler.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.doppler.ingress.Lull.Verdict;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** When a stream is silent enough to be ended: the longer it is waited for, the less silence is wanted. */
class LullTest {
    private static final long CHECK = Lull.CHECK.toNanos();
    private static final Duration PATIENCE = Lull.CHECK.multipliedBy(100);

    private long now;
    private long messages = 7;
    private final Lull lull = new Lull(PATIENCE, messages, now);

    private Verdict ask() {
        now += CHECK;
        return lull.ask(messages, now);
    }

    /** How many checks it takes when every so many of them there is a message. */
    private int checksUntilTheEnd(int every, Verdict end) {
        int checks = 0;
        Verdict verdict;
        do {
            if (checks % every == 0) {
                messages++;
            }
            checks++;
            verdict = ask();
        } while (verdict == Verdict.WAIT);
        assertThat(verdict).isEqualTo(end);
        return checks;
    }

    @Test
    void silenceOfTenChecksIsALull() {
        for (int i = 0; i < 9; i++) {
            assertThat(ask()).isEqualTo(Verdict.WAIT);
        }
        assertThat(ask()).isEqualTo(Verdict.SILENT);
    }

    @Test
    void aMessageBeginsTheWaitAnew() {
        for (int i = 0; i < 9; i++) {
            ask();
        }
        messages++;
        assertThat(ask()).isEqualTo(Verdict.WAIT);
        for (int i = 0; i < 9; i++) {
            assertThat(ask()).isEqualTo(Verdict.WAIT);
        }
        assertThat(ask()).isEqualTo(Verdict.SILENT);
    }

    @Test
    void whoHardlyPausesIsEndedInAShorterLull() {
        assertThat(checksUntilTheEnd(4, Verdict.SILENT)).isBetween(50, 54);
    }

    @Test
    void whoPausesEvenLessIsEndedInTheShortest() {
        assertThat(checksUntilTheEnd(2, Verdict.SILENT)).isBetween(75, 77);
    }

    @Test
    void whoNeverPausesIsEndedAtLast() {
        assertThat(checksUntilTheEnd(1, Verdict.OVER)).isEqualTo(100);
    }
}
