package io.loggregator.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
    private final Table table = new Table("name", "n");

    @Test
    void alignsTextByItsWidestCells() {
        table.row(List.of("a", "1"));
        table.row(List.of("longer", "1000"));

        assertThat(table.text()).isEqualTo("name       n\na          1\nlonger  1000\n");
    }

    @Test
    void isATableInMarkdown() {
        table.row(List.of("a", "1"));

        assertThat(table.markdown()).isEqualTo("| name | n |\n| --- | ---: |\n| a | 1 |\n");
    }

    @Test
    void refusesARowOfAnotherLength() {
        assertThatThrownBy(() -> table.row(List.of("a"))).isInstanceOf(IllegalArgumentException.class);
    }
}
