package io.loggregator.doppler.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Which streams end when {@link PartialMessages} find the budget used up. */
class WhoseMessageGoesTest {
    private static final int LOOPS = 4;
    private static final int LARGE = 1 << 20;
    private static final int ROUNDS = 3_000;

    private final List<String> ended = new ArrayList<>();

    @Test
    void theLargestGoesFirst() {
        PartialMessages messages = new PartialMessages(2L * LARGE);
        stream(messages, "first").inboundWireSize(LARGE / 2);
        stream(messages, "largest").inboundWireSize(LARGE);
        stream(messages, "last").inboundWireSize(LARGE / 2 + 1);
        assertThat(ended).containsExactly("largest");
    }

    @Test
    void ofThoseOfUsualSizesTheOneThatIsIncompleteForLongestGoesFirst() {
        PartialMessages messages = new PartialMessages(LARGE);
        ServerStreamTracer agent = stream(messages, "agent");
        agent.inboundWireSize(200_000);
        agent.inboundMessageRead(0, 200_000, 200_000);
        for (String vanished : List.of("1", "2", "3", "4", "5")) {
            stream(messages, "vanished " + vanished).inboundWireSize(200_000);
        }
        agent.inboundWireSize(20_000);
        agent.inboundWireSize(200_000);
        assertThat(ended).containsExactly("vanished 1");
    }

    /** However long its agent takes, on a machine that is busy with the other one. */
    @Test
    void aConnectionWithManyOfThemPaysBeforeOneWithTheMessageOfAnAgent() {
        PartialMessages messages = new PartialMessages(LARGE);
        stream(messages, "agent").inboundWireSize(200_000);
        for (String vanished : List.of("1", "2", "3", "4", "5", "6")) {
            stream(messages, "peer", () -> ended.add("vanished " + vanished)).inboundWireSize(200_000);
        }
        assertThat(ended).containsExactly("vanished 1", "vanished 2");
    }

    @Test
    void theLargestOfTheConnectionWithMostGoesFirst() {
        PartialMessages messages = new PartialMessages(3L * LARGE);
        stream(messages, "one large message").inboundWireSize(LARGE);
        stream(messages, "peer", () -> ended.add("smaller")).inboundWireSize(LARGE / 2);
        stream(messages, "peer", () -> ended.add("larger")).inboundWireSize(LARGE * 3 / 4);
        stream(messages, "another").inboundWireSize(LARGE);
        assertThat(ended).containsExactly("larger");
    }

    @Test
    void smallOnesAreNotLookedAt() {
        PartialMessages messages = new PartialMessages(LARGE);
        for (int i = 0; i < 100; i++) {
            stream(messages, "agent").inboundWireSize(16_384);
        }
        assertThat(ended).isEmpty();
    }

    /** Event loops that find the budget used up at the same moment. */
    @Test
    void noMoreStreamsEndThanIsEnough() throws Exception {
        ExecutorService loops = Executors.newFixedThreadPool(LOOPS);
        try {
            for (int round = 0; round < ROUNDS; round++) {
                PartialMessages messages = new PartialMessages(2L * LARGE);
                AtomicInteger all = new AtomicInteger();
                CyclicBarrier together = new CyclicBarrier(LOOPS);
                List<Future<?>> done = new ArrayList<>();
                for (int loop = 0; loop < LOOPS; loop++) {
                    ServerStreamTracer stream = stream(messages, "loop " + loop, all::incrementAndGet);
                    done.add(loops.submit(() -> {
                        together.await();
                        stream.inboundWireSize(LARGE);
                        return null;
                    }));
                }
                for (Future<?> each : done) {
                    each.get();
                }
                assertThat(all).hasValue(LOOPS - 2);
            }
        } finally {
            loops.shutdownNow();
        }
    }

    /** A stream on a connection of its own. */
    private ServerStreamTracer stream(PartialMessages messages, String name) {
        return stream(messages, name, () -> ended.add(name));
    }

    private static ServerStreamTracer stream(PartialMessages messages, String peer, Runnable onEnd) {
        ServerStreamTracer stream = messages.newServerStreamTracer("a method", new Metadata());
        Attributes connection = Attributes.newBuilder()
                .set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, InetSocketAddress.createUnresolved(peer, 1))
                .build();
        stream.filterContext(Context.ROOT).run(() -> PartialMessages.endingBy(connection, status -> onEnd.run()));
        return stream;
    }
}
