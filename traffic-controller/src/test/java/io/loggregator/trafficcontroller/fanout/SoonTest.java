package io.loggregator.trafficcontroller.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SoonTest {
    private final List<String> done = new ArrayList<>();
    private int scheduled;
    private final Soon soon = new Soon(() -> scheduled++);
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
}
