package io.loggregator.doppler.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Event loops that find the budget used up at the same moment. */
class PartialMessagesRaceTest {
    private static final int LOOPS = 4;
    private static final int LARGE = 1 << 20;
    private static final int ROUNDS = 3_000;

    @Test
    void noMoreStreamsEndThanIsEnough() throws Exception {
        ExecutorService loops = Executors.newFixedThreadPool(LOOPS);
        try {
            for (int round = 0; round < ROUNDS; round++) {
                PartialMessages messages = new PartialMessages(2L * LARGE);
                AtomicInteger ended = new AtomicInteger();
                CyclicBarrier together = new CyclicBarrier(LOOPS);
                List<Future<?>> done = new ArrayList<>();
                for (int loop = 0; loop < LOOPS; loop++) {
                    ServerStreamTracer stream = stream(messages, ended);
                    done.add(loops.submit(() -> {
                        together.await();
                        stream.inboundWireSize(LARGE);
                        return null;
                    }));
                }
                for (Future<?> each : done) {
                    each.get();
                }
                assertThat(ended).hasValue(LOOPS - 2);
            }
        } finally {
            loops.shutdownNow();
        }
    }

    private static ServerStreamTracer stream(PartialMessages messages, AtomicInteger ended) {
        ServerStreamTracer stream = messages.newServerStreamTracer("a method", new Metadata());
        stream.filterContext(Context.ROOT).run(() -> PartialMessages.endingBy(status -> ended.incrementAndGet()));
        return stream;
    }
}
