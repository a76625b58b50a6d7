package io.loggregator.stream.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** What every {@link Log} does; a subclass names the implementation. */
abstract class LogContract {
    private static final int EVERYTHING = Integer.MAX_VALUE;

    /** An empty log that may take so many bytes of memory. */
    abstract Log create(long budget);

    /** The smallest budget that the log can be given. */
    abstract long smallestBudget();

    /** Bytes beside its own that keeping one batch takes. */
    abstract long overhead();

    private final Span span = new Span();

    @Test
    void aNewLogIsEmpty() {
        Log log = create(1 << 16);
        assertThat(log.head()).isZero();
        assertThat(log.tail()).isZero();
        assertThat(log.read(0, log.head(), EVERYTHING, span)).isFalse();
        assertThat(log.envelopesBefore(0)).isZero();
        assertThat(log.logsBefore(0)).isZero();
        assertThat(log.positionAt(Long.MIN_VALUE)).isZero();
    }

    @Test
    void aBatchIsTheRangeOfTheArrayItWasGivenIn() {
        Log log = create(1 << 16);
        byte[] array = {9, 9, 1, 2, 3, 9};
        assertThat(log.append(array, 2, 5, 2, 1, 700)).isEqualTo(3);
        Arrays.fill(array, (byte) 0);
        assertThat(log.read(0, log.head(), EVERYTHING, span)).isTrue();
        assertThat(bytes()).containsExactly(1, 2, 3);
        assertThat(span.from()).isZero();
        assertThat(span.to()).isEqualTo(3);
        assertThat(span.length()).isEqualTo(3);
        assertThat(span.envelopes()).isEqualTo(2);
        assertThat(span.logs()).isEqualTo(1);
        assertThat(span.firstMillis()).isEqualTo(700);
        assertThat(span.lastMillis()).isEqualTo(700);
    }

    @Test
    void batchesThatFollowEachOtherAreReadTogether() {
        Log log = create(1 << 16);
        append(log, 10, 100);
        append(log, 20, 200);
        append(log, 30, 300);
        log.read(0, log.head(), EVERYTHING, span);
        assertThat(span.length()).isEqualTo(60);
        assertThat(span.firstMillis()).isEqualTo(100);
        assertThat(span.lastMillis()).isEqualTo(300);
    }

    @Test
    void readingStopsAtTheLimitAndBeforeTheBatchThatWouldBeTooMuch() {
        Log log = create(1 << 16);
        append(log, 10, 1);
        append(log, 20, 1);
        append(log, 30, 1);
        log.read(0, 30, EVERYTHING, span);
        assertThat(span.to()).isEqualTo(30);
        log.read(0, 60, 59, span);
        assertThat(span.to()).isEqualTo(30);
        log.read(0, 60, 30, span);
        assertThat(span.to()).isEqualTo(30);
        log.read(10, 60, 50, span);
        assertThat(span.to()).isEqualTo(60);
    }

    @Test
    void theFirstBatchIsReadWhateverItsSize() {
        Log log = create(1 << 16);
        append(log, 5_000, 1);
        append(log, 10, 1);
        log.read(0, log.head(), 1, span);
        assertThat(span.to()).isEqualTo(5_000);
        log.read(0, log.head(), 0, span);
        assertThat(span.to()).isEqualTo(5_000);
    }

    @Test
    void readingNothingLeavesTheSpanAlone() {
        Log log = create(1 << 16);
        append(log, 10, 1);
        log.read(0, log.head(), EVERYTHING, span);
        assertThat(log.read(10, 10, EVERYTHING, span)).isFalse();
        assertThat(log.read(0, 0, EVERYTHING, span)).isFalse();
        assertThat(span.to()).isEqualTo(10);
    }

    @Test
    void aPositionThatIsGoneOrNoBorderIsRefused() {
        Log log = create(smallestBudget());
        append(log, 1_000, 1);
        assertThatThrownBy(() -> log.read(1, log.head(), EVERYTHING, span))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1");
        while (log.tail() == 0) {
            append(log, 1_000, 1);
        }
        assertThatThrownBy(() -> log.read(0, log.head(), EVERYTHING, span))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> log.arrivalAt(log.head())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anEmptyBatchIsRefused() {
        Log log = create(1 << 16);
        assertThatThrownBy(() -> log.append(new byte[1], 0, 0, 1, 0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> log.append(new byte[1], 0, 1, 0, 0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThat(log.head()).isZero();
    }

    @Test
    void aBatchLargerThanTheBudgetIsKeptAlone() {
        Log log = create(smallestBudget());
        append(log, 100, 1);
        int large = (int) smallestBudget() * 3;
        append(log, large, 2);
        assertThat(log.tail()).isEqualTo(100);
        log.read(100, log.head(), 1, span);
        assertThat(span.length()).isEqualTo(large);
        append(log, 100, 3);
        assertThat(log.tail()).isEqualTo(100 + large);
        assertThat(log.memory()).isLessThanOrEqualTo(smallestBudget());
    }

    @Test
    void theFirstPositionOfATimeIsFound() {
        Log log = create(1 << 16);
        append(log, 10, 100);
        append(log, 10, 100);
        append(log, 10, 200);
        assertThat(log.positionAt(-5)).isZero();
        assertThat(log.positionAt(100)).isZero();
        assertThat(log.positionAt(101)).isEqualTo(20);
        assertThat(log.positionAt(200)).isEqualTo(20);
        assertThat(log.positionAt(201)).isEqualTo(30);
        assertThat(log.positionAt(Long.MAX_VALUE)).isEqualTo(30);
    }

    @Test
    void aClockThatWentBackDoesNotHideWhatCameAfterTheTime() {
        Log log = create(1 << 16);
        append(log, 10, 300);
        append(log, 10, 100);
        append(log, 10, 400);
        assertThat(log.positionAt(250)).isZero();
        assertThat(log.positionAt(350)).isEqualTo(20);
    }

    @Test
    void whoeverIsToldOfATrimCanStillReadWhatGoes() {
        Log log = create(smallestBudget());
        List<Long> told = new ArrayList<>();
        log.onTrim((from, to, lastMillis) -> {
            assertThat(from).isEqualTo(log.tail());
            assertThat(log.read(from, to, EVERYTHING, span)).isTrue();
            assertThat(log.envelopesBefore(to) - log.envelopesBefore(from)).isEqualTo((to - from) / 100);
            told.add(to);
        });
        for (int i = 0; i < 200; i++) {
            append(log, 100, i);
            assertThat(log.tail()).isEqualTo(told.isEmpty() ? 0 : told.get(told.size() - 1));
        }
        assertThat(told).hasSizeGreaterThan(2).isSorted();
    }

    @Property(tries = 200)
    void itIsTheNewestPartOfAListOfBatches(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 16) int budgets,
            @ForAll @IntRange(min = 1, max = 3_000) int usual) {
        Random random = new Random(seed);
        long budget = smallestBudget() * budgets;
        Log log = create(budget);
        NaiveLog naive = new NaiveLog();
        long[] gone = {0};
        log.onTrim((from, to, lastMillis) -> {
            assertThat(from).isEqualTo(gone[0]).isEqualTo(log.tail());
            List<NaiveLog.Batch> going = naive.between(from, to);
            assertThat(going).isNotEmpty();
            assertThat(going.get(going.size() - 1).to()).isEqualTo(to);
            assertThat(lastMillis).isEqualTo(going.get(going.size() - 1).millis());
            assertReads(log, naive, from, to, EVERYTHING);
            assertThat(log.envelopesBefore(to)).isEqualTo(naive.envelopesBefore(to));
            gone[0] = to;
        });
        long now = 1_000;
        for (int step = 0; step < 250; step++) {
            now += random.nextInt(40) - 3;
            int length = random.nextInt(30) == 0 ? random.nextInt((int) budget * 2) + 1 : random.nextInt(usual) + 1;
            byte[] batch = new byte[length + 2];
            random.nextBytes(batch);
            int envelopes = 1 + random.nextInt(5);
            int logs = random.nextInt(envelopes + 1);
            long position = log.append(batch, 1, length + 1, envelopes, logs, now);
            naive.append(Arrays.copyOfRange(batch, 1, length + 1), envelopes, logs, now);
            assertThat(position).isEqualTo(log.head()).isEqualTo(naive.head());
            assertThat(log.tail()).isEqualTo(gone[0]);
            assertBounded(log, naive, budget);
            if (step % 10 == 0) {
                assertSame(log, naive, random);
            }
        }
    }

    private void assertBounded(Log log, NaiveLog naive, long budget) {
        assertThat(log.tail()).isLessThan(log.head());
        if (log.memory() > budget) {
            List<NaiveLog.Batch> held = naive.from(log.tail());
            assertThat(held).hasSize(1);
            assertThat(held.get(0).bytes().length + overhead()).isGreaterThan(budget);
        }
    }

    private void assertSame(Log log, NaiveLog naive, Random random) {
        List<Long> borders = naive.borders(log.tail());
        long from = borders.get(random.nextInt(borders.size()));
        long limit = borders.get(random.nextInt(borders.size()));
        assertReads(log, naive, from, limit, random.nextBoolean() ? EVERYTHING : random.nextInt(4_000));
        assertThat(log.envelopesBefore(from)).isEqualTo(naive.envelopesBefore(from));
        assertThat(log.logsBefore(from)).isEqualTo(naive.logsBefore(from));
        for (NaiveLog.Batch batch : naive.from(log.tail())) {
            assertThat(log.arrivalAt(batch.from())).isEqualTo(batch.millis());
        }
        for (long at = from; at <= Math.min(from + 50, log.head()); at++) {
            long position = at;
            assertThat(log.borderFrom(position))
                    .isEqualTo(borders.stream()
                            .filter(border -> border >= position)
                            .findFirst()
                            .orElseThrow());
        }
        long time = 1_000L + random.nextInt(5_000);
        assertThat(log.positionAt(time))
                .isEqualTo(naive.from(log.tail()).stream()
                        .filter(batch -> batch.millis() >= time)
                        .mapToLong(NaiveLog.Batch::from)
                        .findFirst()
                        .orElse(log.head()));
    }

    /** Reads piece by piece; each piece must be what the list says of the same range, and no larger than asked for. */
    private void assertReads(Log log, NaiveLog naive, long from, long limit, int maxBytes) {
        long at = from;
        while (log.read(at, limit, maxBytes, span)) {
            List<NaiveLog.Batch> expected = naive.between(at, span.to());
            assertThat(span.from()).isEqualTo(at);
            assertThat(expected).isNotEmpty();
            assertThat(span.length() <= maxBytes || expected.size() == 1).isTrue();
            assertThat(bytes()).isEqualTo(NaiveLog.glue(expected));
            assertThat(span.envelopes())
                    .isEqualTo(expected.stream()
                            .mapToInt(NaiveLog.Batch::envelopes)
                            .sum());
            assertThat(span.logs())
                    .isEqualTo(expected.stream().mapToInt(NaiveLog.Batch::logs).sum());
            assertThat(span.firstMillis()).isEqualTo(expected.get(0).millis());
            assertThat(span.lastMillis())
                    .isEqualTo(expected.get(expected.size() - 1).millis());
            at = span.to();
        }
        assertThat(at).isEqualTo(Math.max(from, limit));
    }

    private byte[] bytes() {
        return Arrays.copyOfRange(span.bytes(), span.start(), span.end());
    }

    private static void append(Log log, int length, long millis) {
        log.append(new byte[length], 0, length, 1, 0, millis);
    }
}
