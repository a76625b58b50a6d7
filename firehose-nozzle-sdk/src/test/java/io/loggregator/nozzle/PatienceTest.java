package io.loggregator.nozzle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A nozzle whose receiver is away for longer than a real Traffic Controller waits for its client. */
@SuppressWarnings("try") // nozzles that are only to be there
class PatienceTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static Platform platform;

    private final Received received = new Received();

    @BeforeAll
    static void start() throws Exception {
        platform = Platform.start(Map.of(), Map.of("SLOW_CONSUMER_TIMEOUT", "1s", "FIREHOSE_GRACE", "1s"));
    }

    @AfterAll
    static void stop() throws Exception {
        platform.close();
    }

    private static Nozzle started(String id, BatchHandler handler) {
        Nozzle nozzle = Nozzle.builder()
                .endpoint(platform.endpoint())
                .firehose(id)
                .backOff(new BackOff(Duration.ofMillis(10), Duration.ofMillis(200)))
                .handler(handler)
                .build();
        nozzle.start();
        await().atMost(LIMIT).until(() -> nozzle.health().isUp());
        return nozzle;
    }

    private static long ledger(String id, String what) {
        return platform.ledger(id, what);
    }

    private static void awaitSum(String id, long accepted) {
        await().atMost(LIMIT).untilAsserted(() -> {
            assertThat(platform.ledger(id, "accepted")).isEqualTo(accepted);
            assertThat(ledger(id, "delivered")
                            + ledger(id, "lapped")
                            + ledger(id, "unconfirmed")
                            + ledger(id, "stopped"))
                    .isEqualTo(accepted);
        });
    }

    @Test
    void aHandlerThatFailsMeanwhileMissesNothing() {
        AtomicLong downSince = new AtomicLong();
        BatchHandler receiver = batch -> {
            downSince.compareAndSet(0, System.nanoTime());
            return System.nanoTime() - downSince.get()
                            < PATIENCE.multipliedBy(2).toNanos()
                    ? CompletableFuture.failedFuture(new IllegalStateException("away"))
                    : received.handle(batch);
        };
        try (Nozzle nozzle = started("failing", receiver)) {
            platform.lines("app", "one");
            await().atMost(LIMIT).until(() -> nozzle.statistics().failedBatches() >= 2);
            platform.lines("app", "two");
            received.awaitAll("one", "two");
            platform.lines("app", "three");
            received.awaitAll("one", "two", "three");
            awaitSum("failing", 3);
            assertThat(ledger("failing", "delivered")).isEqualTo(3);
            assertThat(nozzle.statistics().lost()).isZero();
        }
    }
}
