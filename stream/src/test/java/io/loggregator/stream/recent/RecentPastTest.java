package io.loggregator.stream.recent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RecentPastTest {
    private static final Duration TTL = Duration.ofMinutes(2);
    private static final Duration IDLE = Duration.ofHours(1);
    private static final long BUDGET = 64 << 20;
    private static final long NOW = 1_700_000_000_000L;

    private final Probe probe = new Probe(new RecentPast(100, BUDGET, TTL, IDLE));

    @Test
    void handsOverTheNewestOldestFirst() {
        for (int i = 0; i < 250; i++) {
            probe.log("app", Probe.bytes("line " + i), NOW);
        }
        assertThat(probe.logs("app"))
                .containsExactlyElementsOf(
                        IntStream.range(150, 250).mapToObj(i -> "line " + i).toList());
        assertThat(probe.logs("app", "app".hashCode(), 2)).containsExactly("line 248", "line 249");
        assertThat(probe.logs("other")).isEmpty();
    }

    @Test
    void linesMayBeginAndEndAtEveryOffset() {
        for (int length = 0; length <= 3 * 128; length++) {
            Probe small = new Probe(new RecentPast(5, 1 << 20, TTL, IDLE));
            for (int i = 0; i < 300; i++) {
                small.log("app", Probe.bytes(Character.toString('a' + i % 26).repeat(length)), NOW);
            }
            for (int i = 0; i < 5; i++) {
                assertThat(small.logs("app").get(i))
                        .isEqualTo(Character.toString('a' + (295 + i) % 26).repeat(length));
            }
        }
    }

    @Test
    void sourcesWithTheSameHashAreKeptApart() {
        for (int i = 0; i < 50; i++) {
            probe.log("app-" + i, 42, Probe.bytes("of " + i), NOW);
        }
        for (int i = 0; i < 50; i++) {
            assertThat(probe.logs("app-" + i, 42, 0)).containsExactly("of " + i);
        }
        assertThat(probe.past.sources()).isEqualTo(50);
    }

    @Test
    void aFloodOfBigLinesDoesNotPushOutQuietSources() {
        byte[] quiet = new byte[300];
        for (int i = 0; i < 60_000; i++) {
            probe.log("quiet-" + i, quiet, NOW);
        }
        for (int size : List.of(1_000, 15_000, 100_000, 1_000_000)) {
            byte[] big = new byte[size];
            for (int i = 0; i < 1_000; i++) {
                probe.log("flood", big, NOW);
                assertThat(probe.past.bytes()).isLessThanOrEqualTo(BUDGET);
            }
        }
        assertThat(probe.past.evictedSources()).isZero();
        assertThat(probe.past.sources()).isEqualTo(60_001);
        assertThat(IntStream.range(0, 60_000)
                        .filter(i -> probe.logs("quiet-" + i).size() == 1))
                .hasSize(60_000);
    }

    @Test
    void aFloodInAFullMemoryTakesAlmostNothingFromQuietSources() {
        byte[] quiet = new byte[300];
        for (int i = 0; i < 200_000; i++) {
            probe.log("quiet-" + i, quiet, NOW);
        }
        int full = probe.past.sources();
        for (int size : List.of(1_000, 15_000, 100_000, 1_000_000)) {
            byte[] big = new byte[size];
            for (int i = 0; i < 1_000; i++) {
                probe.log("flood", big, NOW);
            }
        }
        assertThat(probe.past.refused()).isEqualTo(2_000);
        assertThat(probe.past.sources()).isGreaterThan(full - 100);
        assertThat(probe.logs("flood")).isNotEmpty();
    }

    @Test
    void aHundredThousandSourcesStayInsideTheBudget() throws IllegalAccessException {
        byte[] line = new byte[250];
        for (int round = 0; round < 15; round++) {
            for (int i = 0; i < 100_000; i++) {
                probe.log("7c6b3a8e-0000-4000-8000-" + (100_000_000_000L + i), line, NOW);
            }
            assertThat(probe.past.bytes()).isLessThanOrEqualTo(BUDGET);
        }
        // The memory was full long before: most lines pushed others out.
        assertThat(probe.past.evictedLogs()).isGreaterThan(1_000_000);
        assertThat(Probe.heapBytes(probe.past)).isLessThanOrEqualTo(probe.past.bytes());
        assertThat(probe.past.sources()).isGreaterThan(99_900);
    }

    @Test
    void amongSourcesOfTheSameSizeTheOldestGivesWay() {
        Probe small = new Probe(new RecentPast(100, RecentPast.MIN_BUDGET_BYTES, TTL, IDLE));
        int last = 0;
        while (small.past.evictedSources() < 20) {
            small.log("active", new byte[100], NOW);
            small.log("app-" + last++, new byte[100], NOW);
        }
        assertThat(small.logs("active")).isNotEmpty();
        assertThat(small.logs("app-" + (last - 1))).hasSize(1);
        assertThat(small.logs("app-0")).isEmpty();
    }

    @Test
    void aLineLargerThanASourcesShareIsKeptOutAndCounted() {
        probe.log("app", Probe.bytes("before"), NOW);
        probe.log("app", new byte[10 << 20], NOW);
        assertThat(probe.past.refused()).isEqualTo(1);
        assertThat(probe.logs("app")).containsExactly("before");

        probe.log("app", new byte[7 << 20], NOW);
        assertThat(probe.past.refused()).isEqualTo(1);
        assertThat(probe.logs("app")).hasSize(2);
        probe.log("app", new byte[6 << 20], NOW);
        assertThat(probe.logs("app")).hasSize(1);
        assertThat(probe.past.evictedLogs()).isEqualTo(2);
    }

    @Test
    void idleSourcesAreForgottenAndActiveOnesKept() {
        probe.log("idle", Probe.bytes("a"), NOW);
        probe.log("active", Probe.bytes("b"), NOW);
        probe.log("active", Probe.bytes("c"), NOW + IDLE.toMillis());
        probe.past.expire(NOW + IDLE.toMillis());
        assertThat(probe.past.sources()).isEqualTo(2);
        probe.past.expire(NOW + IDLE.toMillis() * 65 / 64 + 1);
        assertThat(probe.logs("idle")).isEmpty();
        assertThat(probe.logs("active")).containsExactly("b", "c");
        assertThat(probe.past.idleSources()).isEqualTo(1);
    }

    @Test
    void aClockThatIsSetBackForgetsNothing() {
        probe.log("app", Probe.bytes("a"), NOW);
        probe.log("app", Probe.bytes("b"), NOW - IDLE.toMillis() * 2);
        probe.past.expire(NOW);
        assertThat(probe.logs("app")).containsExactly("a", "b");
    }

    @Test
    void containerMetricsAreTheNewestOfEachInstanceWithinTheTtl() {
        long second = 1_000_000_000L;
        long now = NOW * 1_000_000;
        var first = Probe.containerMetric(0, now, 3);
        var stale = Probe.containerMetric(1, now - 121 * second, 3);
        probe.metric("app", first, NOW);
        probe.metric("app", stale, NOW);
        probe.metric("app", Probe.containerMetric(0, now, 4), NOW);
        probe.metric("app", Probe.containerMetric(0, now - second, 5), NOW);
        assertThat(probe.metrics("app", NOW)).containsExactly(Probe.text(first));
        assertThat(probe.metrics("app", NOW - 2_000)).hasSize(2);

        var newer = Probe.containerMetric(0, now + 1, 300);
        probe.metric("app", newer, NOW);
        assertThat(probe.metrics("app", NOW)).containsExactly(Probe.text(newer));
        assertThat(probe.metrics("app", NOW + 120_000)).hasSize(1);
        assertThat(probe.metrics("app", NOW + 120_001)).isEmpty();
    }

    @Test
    void aSystemClockThatWasAheadForAMomentCostsNoContainerMetric() {
        long ahead = Duration.ofHours(2).toMillis();
        var first = Probe.containerMetric(0, NOW * 1_000_000, 3);
        var second = Probe.containerMetric(1, (NOW + 1) * 1_000_000, 3);
        probe.metric("other", Probe.containerMetric(0, NOW * 1_000_000, 3), NOW, NOW + ahead);

        probe.metric("app", first, NOW, NOW);
        probe.metric("app", second, NOW + 1, NOW + 1);

        assertThat(probe.metrics("app", NOW + 1)).containsExactly(Probe.text(first), Probe.text(second));
    }

    @Test
    void aSourceThatInventsInstancesEndsAtItsShare() {
        for (int i = 0; i < 200_000; i++) {
            probe.metric("inventive", Probe.containerMetric(i, NOW * 1_000_000, 0), NOW);
        }
        assertThat(probe.past.bytesInUse()).isLessThan(BUDGET / 4);
        assertThat(probe.past.evictedContainerMetrics()).isPositive();
        assertThat(probe.past.evictedContainerMetrics()
                        + probe.metrics("inventive", NOW).size())
                .isEqualTo(200_000);
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new RecentPast(0, BUDGET, TTL, IDLE));
        assertThatIllegalArgumentException().isThrownBy(() -> new RecentPast(1, 1, TTL, IDLE));
        assertThatIllegalArgumentException().isThrownBy(() -> new RecentPast(1, Long.MAX_VALUE, TTL, IDLE));
        assertThatIllegalArgumentException().isThrownBy(() -> new RecentPast(1, BUDGET, TTL.negated(), IDLE));
        assertThatIllegalArgumentException().isThrownBy(() -> new RecentPast(1, BUDGET, TTL, Duration.ZERO));
    }
}
