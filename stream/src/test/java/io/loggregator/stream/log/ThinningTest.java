package io.loggregator.stream.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.sun.management.ThreadMXBean;
import io.loggregator.wire.BatchCursor;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.junit.jupiter.api.Test;

/** What a log that thins keeps for those who are late, and of whom. */
class ThinningTest {
    private static final int BUDGET = 1 << 20;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private MemoryLog log = new MemoryLog(BUDGET, BUDGET / 4);
    private Told told = new Told();
    private final Span span = new Span();
    private int number;

    /** Bytes of batches, and what the log allocated for them. */
    private long appended;

    private long allocated;

    ThinningTest() {
        log.onTrim(told);
    }

    /** Somebody waits before {@link #awaitsFrom}, and is told of everything that goes. */
    private final class Told implements Log.TrimListener {
        private long awaitsFrom;
        private final List<Long> gone = new ArrayList<>();
        private final List<List<Long>> goneBySegment = new ArrayList<>();
        private int goneBefore;
        private long overwritten;

        @Override
        public boolean isAwaitedBefore(long position) {
            return awaitsFrom < position;
        }

        @Override
        public void thinning(long position, long arrivalMillis, BatchCursor envelope) {
            if (position < log.tail() || arrivalMillis != log.arrivalAt(position)) {
                throw new AssertionError("told of " + position + ", " + arrivalMillis);
            }
            gone.add(envelope.timestamp());
        }

        @Override
        public void thinned(long from, long to) {
            goneBySegment.add(List.copyOf(gone.subList(goneBefore, gone.size())));
            goneBefore = gone.size();
        }

        @Override
        public void trimming(long from, long to, long lastMillis) {
            assertThat(from).isEqualTo(log.tail());
            overwritten += log.envelopesBefore(to) - log.envelopesBefore(from);
        }
    }

    /** One batch of so many envelopes of each source. */
    private void append(int payload, Map<String, Integer> envelopes) {
        List<String> all = new ArrayList<>();
        envelopes.forEach((source, count) -> {
            for (int i = 0; i < count; i++) {
                all.add(source);
            }
        });
        EnvelopeBatch.Builder batch = EnvelopeBatch.newBuilder();
        for (String source : all) {
            LoggregatorEnvelope.Log.Builder line =
                    LoggregatorEnvelope.Log.newBuilder().setPayload(ByteString.copyFrom(new byte[payload]));
            batch.addBatch(Envelope.newBuilder()
                    .setTimestamp(number++)
                    .setSourceId(source)
                    .setLog(line));
        }
        byte[] bytes = batch.build().toByteArray();
        long before = THREADS.getCurrentThreadAllocatedBytes();
        log.append(bytes, 0, bytes.length, all.size(), all.size(), number);
        allocated += THREADS.getCurrentThreadAllocatedBytes() - before;
        appended += bytes.length;
    }

    private void flood(int batches) {
        for (int i = 0; i < batches; i++) {
            append(90, Map.of("flood", 99, "quiet", 1));
        }
    }

    /** What can be read from the tail on: numbers by source. */
    private Map<String, List<Long>> held() {
        Map<String, List<Long>> held = new TreeMap<>();
        BatchCursor cursor = new BatchCursor(true);
        long at = log.tail();
        while (log.read(at, log.head(), Integer.MAX_VALUE, span)) {
            assertThat(span.from()).isEqualTo(at);
            cursor.over(span.bytes(), span.start(), span.end());
            int count = 0;
            while (cursor.next()) {
                String source = new String(
                        cursor.bytes(),
                        cursor.sourceIdStart(),
                        cursor.sourceIdEnd() - cursor.sourceIdStart(),
                        StandardCharsets.UTF_8);
                held.computeIfAbsent(source, first -> new ArrayList<>()).add(cursor.timestamp());
                count++;
            }
            assertThat(cursor.sound()).isTrue();
            assertThat(span.envelopes()).isEqualTo(count);
            at = span.to();
        }
        assertThat(at).isEqualTo(log.head());
        return held;
    }

    @Test
    void aQuietSourceKeepsEverythingBesideOneThatFloods() {
        for (int i = 0; i < 600; i++) {
            append(90, Map.of("flood", 99, i % 3 == 0 ? "quiet" : "component", 1));
        }
        Map<String, List<Long>> held = held();
        assertThat(log.tail()).as("nothing is overwritten").isZero();
        assertThat(held.get("quiet")).hasSize(200);
        assertThat(held.get("component")).hasSize(400);
        assertThat(held.get("flood")).hasSizeBetween(7_000, 20_000);
        assertThat(told.gone).hasSize(600 * 99 - held.get("flood").size());
        assertThat(log.memory()).isLessThanOrEqualTo(BUDGET);
    }

    @Test
    void quietSourcesThatMeetInASegmentPayForNobodyWhoFloodsOthers() {
        int meetings = 0;
        for (int i = 0; i < 400; i++) {
            Map<String, Integer> batch = new LinkedHashMap<>(Map.of("flood", 99));
            if (i % 20 == 0) {
                meetings++;
                for (int source = 0; source < 50; source++) {
                    batch.put("quiet-" + source, 1);
                }
            }
            append(90, batch);
        }
        Map<String, List<Long>> held = held();
        assertThat(held).hasSize(51);
        int all = meetings;
        held.forEach((source, numbers) -> assertThat(numbers).as(source).hasSizeGreaterThanOrEqualTo(all));
        assertThat(held.get("flood")).as("what pays for it").hasSizeLessThan(400 * 99 / 3);
        assertThat(log.memory()).isLessThanOrEqualTo(BUDGET);
    }

    @Test
    void aQuietSourceKeepsEverythingBesideAHundredThatAreAsBusyAsEachOther() {
        log = new MemoryLog(32 << 20, 8 << 20);
        log.onTrim(told);
        Map<String, Integer> busy = new LinkedHashMap<>();
        for (int source = 0; source < 100; source++) {
            busy.put("busy-" + source, 8);
        }
        Map<String, Integer> withQuiet = new LinkedHashMap<>(busy);
        withQuiet.put("quiet", 1);
        for (int i = 0; i < 800; i++) {
            append(90, i % 10 == 0 ? withQuiet : busy);
        }
        assertThat(log.head()).as("much more than fits").isGreaterThan(64 << 20);
        assertThat(log.tail()).as("nothing is overwritten").isZero();
        assertThat(held().get("quiet")).hasSize(80);
    }

    @Test
    void sourcesThatUseAsMuchLoseAsMuch() {
        for (int i = 0; i < 600; i++) {
            append(90, Map.of("a", 20, "b", 20, "c", 20));
        }
        assertThat(told.gone).isNotEmpty();
        List<Integer> sizes = held().values().stream().map(List::size).sorted().toList();
        assertThat(sizes).hasSize(3);
        assertThat(sizes.get(2) - sizes.get(0)).isLessThan(sizes.get(0) / 10);
    }

    @Test
    void ofASegmentTheFirstEnvelopesOfANoisySourceStay() {
        while (log.thinnedTo() == 0) {
            append(90, Map.of("flood", 10));
        }
        assertThat(held().get("flood").get(0)).isZero();
        assertThat(told.goneBySegment)
                .isNotEmpty()
                .allSatisfy(went -> assertThat(went.get(went.size() - 1) - went.get(0))
                        .as("what goes is one piece")
                        .isEqualTo(went.size() - 1));
    }

    @Test
    void nothingIsKeptThatNobodyAwaits() {
        told.awaitsFrom = Long.MAX_VALUE;
        flood(120);
        assertThat(told.gone).isEmpty();
        assertThat(log.tail()).isPositive().isEqualTo(log.thinnedTo());
    }

    @Test
    void whatWasThinnedIsForgottenWhenItHasBeenRead() {
        flood(120);
        assertThat(log.thinnedTo()).isPositive();
        told.awaitsFrom = Long.MAX_VALUE;
        flood(120);
        assertThat(log.tail()).isEqualTo(log.thinnedTo());
    }

    @Test
    void whoeverIsTooLateForWhatWasThinnedLosesTheOldest() {
        flood(10_000);
        assertThat(log.tail()).isPositive();
        assertThat(log.thinnedTo()).isGreaterThan(log.tail());
        assertThat(log.head() - log.tail()).as("how far it goes back").isGreaterThan(4 * BUDGET);
        assertThat(log.memory()).isLessThanOrEqualTo(BUDGET);
    }

    @Test
    void arraysOfWhatIsGoneAreUsedAgain() {
        log = MemoryLog.thinning(16 << 20);
        log.onTrim(new Log.TrimListener() {
            @Override
            public boolean isAwaitedBefore(long position) {
                return true;
            }

            @Override
            public void trimming(long from, long to, long lastMillis) {}
        });
        Map<String, Integer> batch = new LinkedHashMap<>();
        for (int source = 0; source < 100; source++) {
            batch.put("app-" + source, 1);
        }
        for (int i = 0; i < 12_000; i++) {
            if (i == 8_000) {
                appended = 0;
                allocated = 0;
            }
            append(90, batch);
        }
        assertThat(allocated).as("of " + appended).isLessThan(appended / 10);
    }

    @Test
    void envelopesThatAreLargerThanAShareAreNotAllLost() {
        for (int i = 0; i < 300; i++) {
            Map<String, Integer> batch = new LinkedHashMap<>();
            for (int source = 0; source < 50; source++) {
                batch.put("app-" + i + "-" + source, 1);
            }
            append(90, batch);
        }
        long kept = log.envelopesBefore(log.thinnedTo()) - log.envelopesBefore(log.tail());
        assertThat(kept).isPositive();
    }

    @Property(tries = 50, shrinking = ShrinkingMode.OFF)
    void everyEnvelopeIsHeldOrWasToldToGo(@ForAll long seed, @ForAll @IntRange(max = 40) int stalls) {
        int budget = 64 << 10;
        log = new MemoryLog(budget, budget / 4);
        told = new Told();
        log.onTrim(told);
        number = 0;
        Random random = new Random(seed);
        for (int i = 0; i < 400; i++) {
            Map<String, Integer> batch = new LinkedHashMap<>();
            for (int source = 0; source <= random.nextInt(5); source++) {
                batch.put("app-" + random.nextInt(12), 1 + random.nextInt(source == 0 ? 60 : 4));
            }
            append(random.nextInt(200), batch);
            if (random.nextInt(stalls + 1) == 0) {
                told.awaitsFrom = log.borderFrom(log.tail() + (long) (random.nextDouble() * (log.head() - log.tail())));
            }
            assertThat(log.memory()).isLessThanOrEqualTo(budget);
        }
        long held = held().values().stream().mapToLong(List::size).sum();
        assertThat(held).isEqualTo(log.envelopesBefore(log.head()) - log.envelopesBefore(log.tail()));
        assertThat(held + told.gone.size() + told.overwritten).isEqualTo(number);
        assertThat(told.gone).doesNotHaveDuplicates();
    }
}
