package io.loggregator.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.rehearsal.account.Account;
import io.loggregator.rehearsal.nodes.Setup;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {
    private static final Rehearsal KILL =
            new Rehearsal("kill", "kill -9", Setup.USUAL, Rehearsal.Need.NOTHING, stage -> {});

    private final Finding sums = new Finding(
            KILL,
            List.of(
                    new Account("alone", 1_000, 900, 100, 0, 0, 3, 0),
                    new Account("app stream", 500, 480, 0, 0, 25, 0, 0)),
            1.5,
            null);
    private final Finding failed = new Finding(KILL, List.of(), 60, "nobody came back");

    @Test
    void hasARowForEachReaderUnderItsFault() {
        String text = new Report(List.of(sums), List.of(), "form").text();

        assertThat(text.lines()).hasSize(3);
        assertThat(text.lines().toList().get(1)).containsPattern("kill -9 +alone +1,000 +900 +100 +0 +0 +3 +0 +yes");
        assertThat(text.lines().toList().get(2)).containsPattern("^ +app stream +500 +480 +0 +20 +0 to 25 +0 +0 +yes");
    }

    @Test
    void saysWhatFailed() {
        assertThat(failed.sums()).isFalse();
        assertThat(new Report(List.of(failed), List.of(), "form").text())
                .contains("failed")
                .contains("kill -9: nobody came back");
    }

    @Test
    void isAPageWithTheSameTable() {
        assertThat(new Report(List.of(sums), List.of(), "How it was run:").markdown())
                .startsWith("How it was run:\n\n| fault | reader |")
                .contains("| kill -9 | alone | 1,000 | 900 | 100 | 0 | 0 | 3 | 0 | yes |");
    }

    @Test
    void saysWhatWasLeftOut() {
        Report report = new Report(List.of(sums), List.of("left out: lossy-link"), "form");

        assertThat(report.text()).endsWith("left out: lossy-link\n");
        assertThat(report.markdown()).endsWith("\n\nleft out: lossy-link\n");
        assertThat(report.json().get("leftOut").get(0).textValue()).isEqualTo("left out: lossy-link");
    }

    @Test
    void tellsProgramsAllNumbers() {
        var json = new Report(List.of(sums, failed), List.of(), "form").json().get("rehearsals");

        assertThat(json).hasSize(2);
        assertThat(json.get(0).get("sums").booleanValue()).isTrue();
        assertThat(json.get(0).get("readers").get(1).get("open").longValue()).isEqualTo(20);
        assertThat(json.get(0).get("readers").get(1).get("mostOpen").longValue())
                .isEqualTo(25);
        assertThat(json.get(1).get("failure").textValue()).isEqualTo("nobody came back");
    }
}
