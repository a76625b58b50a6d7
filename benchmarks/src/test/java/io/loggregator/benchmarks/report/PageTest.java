package io.loggregator.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageTest {
    @TempDir
    private Path directory;

    private final Page page = new Page("growth");
    private Path file;

    @BeforeEach
    void aFile() {
        file = directory.resolve("page.md");
    }

    @Test
    void replacesWhatIsBetweenTheMarksOnly() throws IOException {
        Files.writeString(file, "before\n<!-- growth -->\nold\n<!-- end of growth -->\nafter\n");

        page.write(file, "new\n");
        page.write(file, "newer\n");

        assertThat(file).hasContent("before\n<!-- growth -->\n\nnewer\n\n<!-- end of growth -->\nafter\n");
    }

    @Test
    void anyOtherFileBecomesTheTextAlone() throws IOException {
        page.write(file, "first\n");
        page.write(file, "second\n");

        assertThat(file).hasContent("second\n");
    }

    @Test
    void aPageWithoutAnEndIsLeftAlone() throws IOException {
        Files.writeString(file, "<!-- growth -->\nall else\n");

        assertThatThrownBy(() -> page.write(file, "new")).isInstanceOf(IOException.class);
        assertThat(file).hasContent("<!-- growth -->\nall else\n");
    }

    @Test
    void aPageForOtherResultsIsLeftAlone() throws IOException {
        Files.writeString(file, "<!-- soak -->\n<!-- end of soak -->\n");

        assertThatThrownBy(() -> page.write(file, "new")).isInstanceOf(IOException.class);
        assertThat(file).hasContent("<!-- soak -->\n<!-- end of soak -->\n");
    }
}
