package io.loggregator.trafficcontroller.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PaceMeterTest {
    private static final long START = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(10);

    private final PaceMeter meter = new PaceMeter(START);

    /** Around here the clock's numbers become negative. */
    private static long at(long seconds) {
        return START + TimeUnit.SECONDS.toNanos(seconds);
    }

    @Test
    void oneThatHangsTookNothingOfWhatCameWhileItKeptUp() {
        for (int second = 1; second <= 100; second++) {
            meter.keepsUp(5_300L * second, 5_300L * second, at(second));
        }
        // Its Dopplers have filled its window, and wait.
        assertThat(meter.pace(530_000, 531_000, at(105)).tooSlow()).isEqualTo("too slow: took 0 of 5300 envelopes/s");
    }

    @Test
    void oneThatLagsNeedsWhatComesMeanwhile() {
        meter.keepsUp(100, 100, at(1));
        assertThat(meter.pace(100 + 1_200, 100 + 53_000, at(11)).tooSlow())
                .isEqualTo("too slow: took 120 of 5300 envelopes/s");
    }

    @Test
    void oneThatNeverKeptUpIsMeasuredFromItsBeginning() {
        assertThat(meter.pace(20, 3_000, at(10)).toString()).isEqualTo("2 of 300 envelopes/s");
        assertThat(meter.pace(0, 0, at(0)).toString()).isEqualTo("0 of 0 envelopes/s");
    }

    @Test
    void onlyTheLastMinuteOfKeepingUpCounts() {
        for (int second = 1; second <= 300; second++) {
            meter.keepsUp(9_000L * second, 9_000L * second, at(second));
        }
        for (int second = 1; second <= 61; second++) {
            meter.keepsUp(2_700_000 + 10L * second, 2_700_000 + 10L * second, at(300 + second));
        }
        assertThat(meter.pace(2_700_610, 2_700_610, at(366)).toString()).isEqualTo("0 of 10 envelopes/s");
    }

    @Test
    void whatWasUnderWayWhenItKeptUpWasNeededToo() {
        meter.keepsUp(100, 600, at(1));
        assertThat(meter.pace(600, 620, at(11)).toString()).isEqualTo("50 of 600 envelopes/s");
        PaceMeter slow = new PaceMeter(START);
        assertThat(slow.pace(3, 2, at(10)).toString()).isEqualTo("0.3 of 0.3 envelopes/s");
    }

    @Test
    void aReasonFitsIntoACloseFrame() {
        String reason = meter.pace(Long.MAX_VALUE, Long.MAX_VALUE, at(1)).tooSlow();
        assertThat(reason.getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(123);
    }
}
