package io.loggregator.doppler.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.doppler.limit.LineLimits.Limited;
import io.loggregator.node.settings.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LineLimitsTest {
    @TempDir
    private Path directory;

    private final List<Problem> problems = new ArrayList<>();

    private LineLimits read(String text) throws IOException {
        return LineLimits.read(Files.writeString(directory.resolve("limits.yml"), text), problems);
    }

    private static Optional<Rate> lines(int most) {
        return Optional.of(new Rate(most, false));
    }

    @Test
    void saysWhatAllMayHaveAndWhatSingleOnesMay() throws IOException {
        LineLimits limits = read("""
                # lines
                organization_id.my.org: 64KiB
                source_id: 2000
                source_id.6f3c: 1
                source_id.gorouter: none
                organization_id.other: 0
                """);
        assertThat(problems).isEmpty();
        assertThat(limits.each()).hasSize(2);
        Limited source = limits.each().get(0);
        assertThat(source.bySource()).isTrue();
        assertThat(source.of("anything")).isEqualTo(lines(2_000));
        assertThat(source.of("6f3c")).isEqualTo(lines(1));
        assertThat(source.of("gorouter")).isEmpty();
        Limited organization = limits.each().get(1);
        assertThat(organization.by()).isEqualTo("organization_id");
        assertThat(organization.named())
                .isEqualTo(Map.of("my.org", Optional.of(new Rate(65_536, true)), "other", lines(0)));
        assertThat(organization.of("a third")).isEmpty();
    }

    @Test
    void anEmptyFileLimitsNothing() throws IOException {
        assertThat(read("# nothing yet\n").each()).isEmpty();
        assertThat(problems).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "source_id: many, 'source_id: \"many\" (expected: lines a second'",
        "source_id: 2000000000, 2000000000",
        "source_id: -1, -1",
        "source_id: 64TiB, 64TiB",
        "source_id:, lines a second",
        "'.x: 1', source_id or a tag"
    })
    void whatCannotBeUsedIsToldByName(String line, String expected) throws IOException {
        read(line + "\nspace_id.s: 5\n");
        assertThat(problems).singleElement().asString().contains(expected);
    }

    @Test
    void thereAreFewTags() throws IOException {
        read(IntStream.range(0, 9).mapToObj(i -> "tag" + i + ": 1\n").collect(Collectors.joining()));
        assertThat(problems).singleElement().asString().contains("9 tags", "at most 8");
    }

    @ParameterizedTest
    @CsvSource({"1, 1 line/s", "2000, 2000 lines/s", "64KiB, 64KiB/s", "1MB, 1000000/s"})
    void aRateIsShownWithItsUnit(String given, String shown) {
        assertThat(Rate.parse(given)).get().asString().isEqualTo(shown);
    }
}
