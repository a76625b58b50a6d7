package io.loggregator.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tables for terminals, and how they are shown again. */
class TableTest {
    @Test
    void wordsStandLeftAndNumbersRight() {
        Table table = new Table("WHO", ">COUNT", "WHY");
        table.row("a", "1", "");
        table.row("longer", "1,234,567", "because");
        assertThat(table.toString()).isEqualTo("""
                WHO         COUNT  WHY
                a               1
                longer  1,234,567  because
                """);
    }

    @Test
    void whatCouldChangeTheTerminalIsNotPrinted() {
        Table table = new Table("WHO");
        table.row("a\u001b[2J\u0007\u202e\nb\u00e9");
        assertThat(table.toString()).isEqualTo("WHO\na?[2J???b\u00e9\n");
    }

    @Test
    void whatIsTooLongIsCut() {
        Table table = new Table("WHO");
        table.row("x".repeat(61));
        table.row("x".repeat(60));
        assertThat(table.toString()).isEqualTo("WHO\n" + "x".repeat(57) + "...\n" + "x".repeat(60) + "\n");
    }

    @ParameterizedTest
    @CsvSource({"0, 0 B", "999, 999 B", "1000, 1.0 KiB", "1536, 1.5 KiB", "104857600, 100 MiB", "2147483648, 2.0 GiB"})
    void bytesHaveAUnitOfTheirSize(double bytes, String text) {
        assertThat(Table.bytes(bytes)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"0, 0.0 s", "59.9, 59.9 s", "60, 1 min", "3599, 59 min", "5400, 1.5 h", "129600, 1.5 d"})
    void secondsHaveAUnitOfTheirSize(double seconds, String text) {
        assertThat(Table.seconds(seconds)).isEqualTo(text);
    }

    @Test
    void aPageOnATerminalIsDrawnInThePlaceOfTheLast() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Page page = new Page(out, true);
        page.show("a\nb\n");
        page.show("c\n");
        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualTo("\u001b[H\u001b[2Ja\u001b[K\nb\u001b[K\n\u001b[J" + "\u001b[Hc\u001b[K\n\u001b[J");
    }

    @Test
    void elsewherePagesFollowEachOther() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Page page = new Page(out, false);
        page.show("a\n");
        page.show("b\n");
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("a\n\nb\n");
    }
}
