package io.loggregator.nozzle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A nozzle whose receiver is away for longer than a real Traffic Controller waits for its client, and then for the next. */
@SuppressWarnings("try") // nozzles that are only to be there
class PatienceTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final String LARGE = "x".repeat(100_000);
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
                // What the servers say of themselves, such as that a client is slow, is not in the sum then.
                .filter(Filter.LOGS)
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
                            + ledger(id, "thinned")
                            + ledger(id, "unconfirmed")
                            + ledger(id, "stopped")
                            + ledger(id, "abandoned"))
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

    @Test
    void aHandlerThatWaitsAllTheTimeIsClosedAndGoesOnAndTheSumIsTold() throws Exception {
        LinkedBlockingQueue<CompletableFuture<Void>> stages = new LinkedBlockingQueue<>();
        BatchHandler receiver = batch -> {
            received.handle(batch);
            CompletableFuture<Void> stage = new CompletableFuture<>();
            stages.add(stage);
            return stage;
        };
        try (Nozzle nozzle = started("waiting", receiver)) {
            // A client may leave 64 KiB unacknowledged for as long as it likes.
            platform.lines("app", LARGE);
            CompletableFuture<Void> stage = stages.poll(20, TimeUnit.SECONDS);
            // The server closes the stream, waits for another one, and gives up: the line counts as dropped.
            await().atMost(LIMIT).until(() -> ledger("waiting", "abandoned") == 1);
            assertThat(ledger("waiting", "accepted")).isEqualTo(1);
            stage.complete(null);
            await().atMost(LIMIT).until(() -> nozzle.statistics().streams() == 2);
            assertThat(nozzle.health().lastError()).containsInstanceOf(SlowHandlerException.class);
            platform.lines("app", "two");
            stages.poll(20, TimeUnit.SECONDS).complete(null);
            received.awaitLines(LARGE, "two");
            // The subscription was forgotten, so what it had not confirmed does not come again; its ledger goes on.
            awaitSum("waiting", 2);
            assertThat(ledger("waiting", "delivered")).isEqualTo(1);
            assertThat(ledger("waiting", "abandoned")).isEqualTo(1);
        }
    }
}
