package io.loggregator.stream.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.stream.dispatch.Envelopes.Seen;
import io.loggregator.stream.log.MemoryLog;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;

/** However often a link breaks, and whatever was under way then: each envelope for the tails arrives once, or is told to be lost. */
class TailsAcrossLinksTest {

    @Property(tries = 60, shrinking = ShrinkingMode.OFF)
    void whatDoesNotArriveIsToldToTheEnvelope(
            @ForAll long seed, @ForAll @IntRange(min = 16, max = 64) int logKibibytes) {
        new Traffic(new Random(seed), logKibibytes << 10, 0).flow();
    }

    @Property(tries = 60, shrinking = ShrinkingMode.OFF)
    void alsoWhereTheLogIsThinned(
            @ForAll long seed,
            @ForAll @IntRange(min = 16, max = 64) int logKibibytes,
            @ForAll @IntRange(min = 1, max = 8) int thinnedKibibytes) {
        new Traffic(new Random(seed), logKibibytes << 10, thinnedKibibytes << 10).flow();
    }

    /** A lane, and a Traffic Controller that loses its link now and then. */
    private static final class Traffic {
        private static final List<String> SOURCES = List.of("a", "b", "c", "router");
        private static final List<String> FOLLOWED = List.of("a", "b");
        private static final String NAME = "tails";
        private static final long GRACE = 1_000_000;

        private final Random random;
        private final boolean platform;
        private final MemoryLog log;
        private final Lane lane;
        private final History history = new History();
        private final Map<String, Long> arrived = new HashMap<>();
        private final Map<String, Long> told = new HashMap<>();
        private Link link;
        /** Broken, and the lane does not know it yet; or null. */
        private Link halfOpen;

        private long now = 1_000;
        private long received;
        private long gaps;
        private long last = -1;

        Traffic(Random random, int logBytes, int thinnedBytes) {
            this.random = random;
            this.platform = random.nextBoolean();
            this.log = new MemoryLog(logBytes, thinnedBytes);
            this.lane = new Lane(log);
        }

        /** What is under way arrives late, or never. */
        private final class Link implements Outlet {
            final Deque<Runnable> underWay = new ArrayDeque<>();
            final Port port = lane.open(this, NAME, GRACE, 0);
            int room = Integer.MAX_VALUE;

            Link() {
                FOLLOWED.forEach(source -> lane.follow(port, source));
                lane.followPlatform(port, platform);
                lane.resumeTails(port, received, gaps, lane.head());
            }

            @Override
            public boolean writable() {
                return room > 0;
            }

            @Override
            public void batch(long end, byte[] bytes, int from, int to, Deliveries deliveries, boolean tails) {
                assertThat(tails).isTrue();
                room -= room == Integer.MAX_VALUE ? 0 : 1;
                List<Seen> batch = Envelopes.read(bytes, from, to);
                underWay.add(() -> arrive(end, batch));
            }

            @Override
            public void gap(long member, long sequence, Gap gap, long end) {
                throw new AssertionError("nobody joined");
            }

            @Override
            public void gap(String source, Gap gap) {
                room -= room == Integer.MAX_VALUE ? 0 : 1;
                underWay.add(() -> arrive(source, gap));
            }

            void deliver(int messages) {
                for (int i = 0; i < messages && !underWay.isEmpty(); i++) {
                    underWay.poll().run();
                }
            }
        }

        private void arrive(long end, List<Seen> batch) {
            received = end;
            for (Seen envelope : batch) {
                String owner = owner(envelope);
                if (owner != null) {
                    assertThat(envelope.number()).as("once and in order").isGreaterThan(last);
                    last = envelope.number();
                    arrived.merge(owner, 1L, Long::sum);
                }
            }
        }

        private void arrive(String source, Gap gap) {
            gaps++;
            assertThat(source).as("whose loss it is").isNotNull();
            assertThat(gap.count()).as("how much is lost").isPositive();
            told.merge(source, gap.count(), Long::sum);
        }

        private String owner(Seen envelope) {
            if (FOLLOWED.contains(envelope.source())) {
                return envelope.source();
            }
            return platform && !envelope.log() ? Tails.PLATFORM : null;
        }

        void flow() {
            link = new Link();
            for (int step = 1; step <= 2_000; step++) {
                step();
                if (step % 400 == 0) {
                    settle();
                }
            }
            settle();
        }

        private void step() {
            now += random.nextInt(20);
            switch (random.nextInt(16)) {
                case 0 -> breaks();
                case 1 -> link();
                case 2 -> notice();
                case 3 -> room();
                case 4 -> tell();
                case 5, 6, 7, 8 -> deliver();
                case 9, 10, 11 -> pump();
                default -> history.accept(lane, random, 1 + random.nextInt(20), 40 << random.nextInt(6), SOURCES, now);
            }
        }

        private void breaks() {
            if (link != null && random.nextInt(3) == 0) {
                link.deliver(random.nextInt(4));
                notice();
                halfOpen = link;
                link = null;
            }
        }

        /** The lane hears that a link has broken. */
        private void notice() {
            if (halfOpen != null) {
                lane.lost(halfOpen.port, now);
                halfOpen = null;
            }
        }

        private void link() {
            if (link == null) {
                link = new Link();
            }
        }

        private void room() {
            if (link != null) {
                link.room = random.nextBoolean() ? random.nextInt(4) : Integer.MAX_VALUE;
            }
        }

        private void tell() {
            if (link != null) {
                lane.tailsReceived(link.port, received, gaps);
            }
        }

        private void deliver() {
            if (link != null) {
                link.deliver(random.nextInt(8));
            }
        }

        private void pump() {
            for (int turns = 0; lane.pump(); turns++) {
                assertThat(turns).as("pumping ends").isLessThan(10_000);
            }
        }

        private void settle() {
            link();
            link.room = Integer.MAX_VALUE;
            notice();
            do {
                pump();
                link.deliver(Integer.MAX_VALUE);
            } while (!lane.isDrained());
            Map<String, Long> sent = new HashMap<>();
            for (int number = 0; number < history.size(); number++) {
                String owner = owner(history.envelope(number));
                if (owner != null) {
                    sent.merge(owner, 1L, Long::sum);
                }
            }
            Map<String, Long> accounted = new HashMap<>(arrived);
            told.forEach((source, count) -> accounted.merge(source, count, Long::sum));
            assertThat(accounted).isEqualTo(sent);
            assertThat(lane.counters().lappedTails() + lane.counters().thinnedTails())
                    .as("what is told is counted")
                    .isEqualTo(told.values().stream().mapToLong(Long::longValue).sum());
        }
    }
}
