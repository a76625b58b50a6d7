package io.loggregator.trafficcontroller.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SoonTest {
    private final List<String> done = new ArrayList<>();
    private int scheduled;
    private int cancelled;
    private long nanos;
    private final Soon soon = new Soon(() -> nanos, new Soon.Alarm() {
        @Override
        public void set() {
            scheduled++;
        }

        @Override
        public void cancel() {
            cancelled++;
        }
    });
    private final Runnable first = this::first;
    private final Runnable second = this::second;

    private void first() {
        done.add("first");
    }

    private void second() {
        done.add("second");
    }

    @Test
    void doesEachActionOnceForAllThatAskedForIt() {
        soon.add(first);
        soon.add(second);
        soon.add(first);
        assertThat(done).isEmpty();
        soon.run();
        assertThat(done).containsExactly("first", "second");
        assertThat(scheduled).isEqualTo(1);
    }

    @Test
    void isScheduledAgainForWhatComesLaterAlsoFromAnAction() {
        soon.add(() -> soon.add(first));
        soon.run();
        assertThat(done).isEmpty();
        assertThat(scheduled).isEqualTo(2);
        soon.run();
        assertThat(done).containsExactly("first");
    }

    @Test
    void whatIsForgottenIsNotDone() {
        soon.add(first);
        soon.add(second);
        soon.forget(first);
        soon.run();
        assertThat(done).containsExactly("second");
        assertThat(cancelled).isZero();
    }

    @Test
    void thereIsNoAlarmForNothing() {
        soon.add(first);
        soon.forget(first);
        assertThat(cancelled).isEqualTo(1);
        soon.add(second);
        assertThat(scheduled).isEqualTo(2);
    }

    @Test
    void anActionThatFailsDelaysTheOthersByAMoment() {
        soon.add(() -> {
            throw new IllegalStateException("failed");
        });
        soon.add(first);
        assertThatThrownBy(soon::run).hasMessage("failed");
        assertThat(done).isEmpty();
        assertThat(scheduled).isEqualTo(2);
        soon.run();
        assertThat(done).containsExactly("first");
        assertThat(scheduled).isEqualTo(2);
    }

    @Test
    void whatAnEarlierActionForgetsIsNotDone() {
        soon.add(() -> soon.forget(first));
        soon.add(first);
        soon.run();
        assertThat(done).isEmpty();
        assertThat(scheduled).isEqualTo(1);
    }

    private void pass(long millis) {
        nanos += TimeUnit.MILLISECONDS.toNanos(millis);
        soon.passing();
    }

    @Test
    void whoeverIsAwakeWhenItIsNearlyTimeDoesItInPlaceOfTheAlarm() {
        soon.add(first);
        pass(Soon.MILLIS / 2);
        assertThat(done).isEmpty();
        pass(Soon.MILLIS / 4);
        assertThat(done).containsExactly("first");
        assertThat(cancelled).isEqualTo(1);
        pass(Soon.MILLIS);
        assertThat(done).hasSize(1);
        assertThat(cancelled).isEqualTo(1);
    }

    @Test
    void whatIsAddedMeanwhileHasItsOwnTime() {
        soon.add(() -> soon.add(second));
        pass(Soon.MILLIS);
        assertThat(scheduled).isEqualTo(2);
        pass(0);
        assertThat(done).isEmpty();
        pass(Soon.MILLIS);
        assertThat(done).containsExactly("second");
    }
}
