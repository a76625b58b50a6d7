package io.loggregator.stream.recent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;

/** Holds a {@link RecentPast} against a naive one made of maps and queues. */
class RecentPastPropertyTest {
    private static final long IDLE = 6_400;
    private static final long BUCKET = IDLE / 64;
    private static final long TTL = 1_000;

    private static final class NaiveSource {
        final ArrayDeque<String> lines = new ArrayDeque<>();
        final Map<Integer, Envelope> metrics = new HashMap<>();
        long lastSeen;
    }

    @Property(tries = 150)
    void withMemoryToSpareItKeepsExactlyTheNewest(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 12) int keep, @ForAll boolean collide) {
        Random random = new Random(seed);
        Probe probe = new Probe(past(keep, 8 << 20));
        Map<String, NaiveSource> naive = new HashMap<>();
        long now = 1_700_000_000_000L;
        for (int step = 0; step < 600; step++) {
            String source = source(random.nextInt(10));
            int hash = collide ? 7 : source.hashCode();
            now += random.nextInt(60);
            switch (random.nextInt(10)) {
                case 0 -> {
                    probe.past.expire(now);
                    assertExpired(probe, naive, collide, now);
                }
                case 1, 2 -> {
                    Envelope metric = Probe.containerMetric(
                            random.nextInt(4) - 1, (now - random.nextInt(1_500)) * 1_000_000, random.nextInt(200));
                    probe.metric(source, hash, metric.toByteArray(), metric.getTimestamp(), now);
                    NaiveSource known = naive.computeIfAbsent(source, s -> new NaiveSource());
                    known.lastSeen = now;
                    known.metrics.merge(
                            Integer.parseInt(metric.getInstanceId()),
                            metric,
                            (old, fresh) -> fresh.getTimestamp() > old.getTimestamp() ? fresh : old);
                }
                default -> {
                    String line = line(random, step, random.nextInt(20) == 0 ? 40_000 : 300);
                    probe.log(source, hash, Probe.bytes(line), now);
                    NaiveSource known = naive.computeIfAbsent(source, s -> new NaiveSource());
                    known.lastSeen = now;
                    known.lines.add(line);
                    if (known.lines.size() > keep) {
                        known.lines.remove();
                    }
                }
            }
            NaiveSource known = naive.getOrDefault(source, new NaiveSource());
            assertThat(probe.logs(source, hash, 0)).containsExactlyElementsOf(known.lines);
            int limit = 1 + random.nextInt(keep + 2);
            assertThat(probe.logs(source, hash, limit))
                    .containsExactlyElementsOf(known.lines.stream()
                            .skip(Math.max(0, known.lines.size() - limit))
                            .toList());
            long oldest = (now - TTL) * 1_000_000;
            assertThat(probe.metrics(source, hash, now))
                    .containsExactlyInAnyOrderElementsOf(known.metrics.values().stream()
                            .filter(metric -> metric.getTimestamp() >= oldest)
                            .map(Probe::text)
                            .toList());
            assertThat(probe.past.sources()).isEqualTo(naive.size());
        }
        assertThat(probe.past.evictedLogs()).isZero();
        assertThat(probe.past.evictedSources()).isZero();
        assertThat(probe.past.refused()).isZero();
    }

    /** Takes over into the naive model what went in the span in which it may go; the rest has to have stayed or gone. */
    private static void assertExpired(Probe probe, Map<String, NaiveSource> naive, boolean collide, long now) {
        for (String source : List.copyOf(naive.keySet())) {
            int hash = collide ? 7 : source.hashCode();
            NaiveSource known = naive.get(source);
            long idle = now - known.lastSeen;
            boolean gone = known.lines.isEmpty()
                    ? probe.metrics(source, hash, 0).isEmpty()
                    : probe.logs(source, hash, 0).isEmpty();
            if (idle <= IDLE) {
                assertThat(gone).isFalse();
            } else if (idle > IDLE + BUCKET) {
                assertThat(gone).isTrue();
            }
            if (gone) {
                naive.remove(source);
            }
        }
    }

    @Property(tries = 100)
    void whenMemoryIsShortEverySourceKeepsItsNewestLinesAndEveryLineIsAccountedFor(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 60) int keep, @ForAll boolean collide)
            throws IllegalAccessException {
        Random random = new Random(seed);
        long budget = RecentPast.MIN_BUDGET_BYTES + random.nextInt(100_000);
        Probe probe = new Probe(past(keep, budget));
        int names = 1 + random.nextInt(300);
        Map<String, List<String>> accepted = new HashMap<>();
        long overwritten = 0;
        long now = 1_700_000_000_000L;
        for (int step = 0; step < 2_000; step++) {
            String source = source(random.nextInt(names));
            int hash = collide ? source.length() : source.hashCode();
            if (random.nextInt(12) == 0) {
                Envelope metric = Probe.containerMetric(random.nextInt(100), now * 1_000_000, random.nextInt(200));
                probe.metric(source, hash, metric.toByteArray(), metric.getTimestamp(), now);
            } else {
                String line = line(random, step, random.nextInt(30) == 0 ? 12_000 : 400);
                long refused = probe.past.refused();
                long evicted = probe.past.evictedLogs();
                int before = probe.logs(source, hash, 0).size();
                probe.log(source, hash, Probe.bytes(line), now);
                if (probe.past.refused() == refused) {
                    accepted.computeIfAbsent(source, s -> new ArrayList<>()).add(line);
                    if (before == keep) {
                        overwritten++;
                    }
                    assertThat(probe.logs(source, hash, 1)).containsExactly(line);
                } else {
                    assertThat(probe.past.evictedLogs() - evicted).isLessThanOrEqualTo(1);
                }
            }
            assertThat(probe.past.bytes()).isLessThanOrEqualTo(budget);
        }
        assertThat(Probe.heapBytes(probe.past)).isLessThanOrEqualTo(probe.past.bytes());
        long kept = 0;
        long total = 0;
        for (Map.Entry<String, List<String>> entry : accepted.entrySet()) {
            String source = entry.getKey();
            List<String> lines = entry.getValue();
            List<String> read = probe.logs(source, collide ? source.length() : source.hashCode(), 0);
            assertThat(read.size()).isLessThanOrEqualTo(keep);
            assertThat(read).isEqualTo(lines.subList(lines.size() - read.size(), lines.size()));
            kept += read.size();
            total += lines.size();
        }
        assertThat(kept + overwritten + probe.past.evictedLogs()).isEqualTo(total);

        // Everything goes when idle, and leaves nothing behind.
        probe.past.expire(now + 3 * IDLE);
        assertThat(probe.past.sources()).isZero();
        assertThat(probe.past.bytesInUse()).isEqualTo(new Probe(past(keep, budget)).past.bytesInUse());
    }

    private static RecentPast past(int keep, long budget) {
        return new RecentPast(keep, budget, Duration.ofMillis(TTL), Duration.ofMillis(IDLE));
    }

    /** Names that differ in length from empty to several chunks. */
    private static String source(int number) {
        return number == 0 ? "" : number % 37 == 1 ? "long-" + number + "x".repeat(number * 9) : "source-" + number;
    }

    private static String line(Random random, int step, int longest) {
        int length = random.nextInt(longest);
        return length == 0
                ? ""
                : step + ":" + "abcdefghijkl".substring(random.nextInt(12)).repeat(length / 12);
    }
}
