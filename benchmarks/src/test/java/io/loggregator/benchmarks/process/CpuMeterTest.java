package io.loggregator.benchmarks.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CpuMeterTest {
    @TempDir
    private Path process;

    private CpuMeter meter;

    @BeforeEach
    void aProcess() throws IOException {
        Files.createDirectory(process.resolve("task"));
        meter = new CpuMeter(process);
        set("", "java", 0);
    }

    @Test
    void givesCompilersAndCollectorsColumnsOfTheirOwn() throws IOException {
        set("", "java", 1_000);
        set("task/1", "vert.x-eventloo", 600);
        set("task/2", "C1 CompilerThre", 100);
        set("task/3", "C2 CompilerThre", 250);
        set("task/4", "VM Thread", 50);

        assertThat(meter.read()).isEqualTo(new Cpu(10, 3.5, 0.5));
        assertThat(meter.read().work()).isEqualTo(6.5);
    }

    @Test
    void remembersACompilerThreadThatHasEnded() throws IOException {
        set("task/3", "C2 CompilerThre", 250);
        Cpu before = meter.read();
        Files.delete(process.resolve("task/3/stat"));
        Files.delete(process.resolve("task/3"));
        set("task/5", "C2 CompilerThre", 30);

        Cpu used = meter.read().since(before);

        assertThat(used.compiler()).isCloseTo(0.3, within(1e-9));
    }

    @Test
    void aThreadThatEndsWhileItLooksIsNoTrouble() throws IOException {
        Files.createDirectory(process.resolve("task/7"));

        assertThat(meter.read().total()).isZero();
    }

    @Test
    void readsTheResidentSet() throws IOException {
        Files.writeString(
                process.resolve("status"), "Name:\tjava\nVmHWM:\t  204800 kB\nVmRSS:\t  102400 kB\nThreads:\t9\n");

        assertThat(meter.peakMemory()).isEqualTo(200);
        assertThat(meter.memory()).isEqualTo(100);
    }

    @Test
    void saysThatAProcessIsGone() {
        CpuMeter gone = new CpuMeter(process.resolve("gone"));

        assertThatThrownBy(gone::read).isInstanceOf(IOException.class);
    }

    private void set(String path, String name, int ticks) throws IOException {
        Path directory = process.resolve(path);
        Files.createDirectories(directory);
        Files.writeString(
                directory.resolve("stat"),
                "1 (" + name + ") S 1 2 3 0 -1 4194304 5 0 0 0 " + ticks + " 0 0 0 20 0 1 0 12 0 0\n");
    }
}
