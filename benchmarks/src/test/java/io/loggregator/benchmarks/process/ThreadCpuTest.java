package io.loggregator.benchmarks.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ThreadCpuTest {
    private static final String REST = " S 1 2 3 0 -1 4194304 5 0 0 0 250 31 7 9 20 0 1 0 12 0 0";

    @Test
    void addsUserAndSystemTime() {
        assertThat(ThreadCpu.parse("42 (java)" + REST)).isEqualTo(new ThreadCpu("java", 281));
    }

    @Test
    void namesMayHoldSpacesAndParentheses() {
        assertThat(ThreadCpu.parse("42 (a) b (c)" + REST + "\n").name()).isEqualTo("a) b (c");
    }

    @Test
    void knowsCompilersAndCollectors() {
        assertThat(ThreadCpu.parse("1 (C2 CompilerThre)" + REST).compiler()).isTrue();
        assertThat(ThreadCpu.parse("1 (C1 CompilerThre)" + REST).compiler()).isTrue();
        assertThat(ThreadCpu.parse("1 (vert.x-eventloo)" + REST).compiler()).isFalse();
        assertThat(ThreadCpu.parse("1 (VM Thread)" + REST).collector()).isTrue();
        assertThat(ThreadCpu.parse("1 (C2 CompilerThre)" + REST).collector()).isFalse();
    }

    @Test
    void refusesOtherLines() {
        assertThatThrownBy(() -> ThreadCpu.parse("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ThreadCpu.parse("42 (java)")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ThreadCpu.parse("42 (java) S 1 2")).isInstanceOf(IllegalArgumentException.class);
    }
}
