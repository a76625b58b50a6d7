package io.loggregator.rehearsal.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.loggregator.benchmarks.reader.Outcome;
import org.junit.jupiter.api.Test;

class AccountTest {
    private static Account account(long received, long announced, long least, long most) {
        return Account.of("alone", new Outcome(100, received, 100 - received, 3, 4, announced, 0), least, most);
    }

    @Test
    void sumsWhenWhatIsMissingWasAnnounced() {
        assertThat(account(100, 0, 0, 0).sums()).isTrue();
        assertThat(account(90, 10, 0, 0).sums()).isTrue();
    }

    @Test
    void doesNotSumWhenAnythingIsMissingWithoutAWord() {
        assertThat(account(90, 9, 0, 0).sums()).isFalse();
        assertThat(account(90, 9, 0, 0).open()).isEqualTo(1);
    }

    @Test
    void doesNotSumWhenMoreIsAnnouncedThanIsMissing() {
        assertThat(account(90, 11, 0, 5).sums()).isFalse();
    }

    @Test
    void mayLeaveOpenWhatAKillLeavesOpenAndNoMore() {
        assertThat(account(80, 10, 0, 10).sums()).isTrue();
        assertThat(account(80, 10, 0, 9).sums()).isFalse();
        assertThat(account(80, 10, 0, 10).exact()).isFalse();
    }

    @Test
    void hasToLeaveOpenWhatIngressRefused() {
        assertThat(account(90, 0, 10, 10).sums()).isTrue();
        assertThat(account(100, 0, 10, 10).sums()).isFalse();
    }

    @Test
    void refusesAnIntervalThatIsNone() {
        assertThatThrownBy(() -> account(1, 1, 2, 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
