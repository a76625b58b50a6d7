package io.loggregator.nozzle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.loggregator.nozzle.testkit.LoggregatorEndpoint;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** A nozzle that lags learns it, whatever it speaks, and takes it for nothing else. */
class LaggingTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Lagging TOLD = new Lagging(Duration.ofMillis(1_500), 1_024, 4_096);

    private final Received received = new Received();

    private void learns(LoggregatorEndpoint server, URI endpoint) {
        try (server;
                Nozzle nozzle = Nozzle.builder()
                        .endpoint(endpoint)
                        .firehose("n")
                        .handler(received)
                        .build()) {
            nozzle.start();
            server.firehose("n")
                    .send(Platform.log("app", "one"))
                    .lagging(TOLD.behind(), TOLD.behindBytes(), TOLD.limitBytes())
                    .send(Platform.log("app", "two"), Platform.counter("router", "requests", 1));
            received.awaitLines("one", "two");
            await().atMost(LIMIT).until(() -> received.envelopes().size() == 3);
            assertThat(received.lags()).containsExactly(TOLD);
            assertThat(received.gaps()).isEmpty();
            assertThat(nozzle.statistics().gaps()).isZero();
        }
    }

    @Test
    void byAMessage() {
        LoggregatorEndpoint server = LoggregatorEndpoint.start();
        learns(server, server.uri());
    }

    @Test
    void byEnvelopesOfTheFirstProtocol() {
        LoggregatorEndpoint server = LoggregatorEndpoint.builder().v1Only().start();
        learns(server, server.uri());
    }

    @Test
    void byEnvelopesAmongEvents() {
        LoggregatorEndpoint server = LoggregatorEndpoint.start();
        learns(server, server.http());
    }

    @Test
    void itComesBeforeWhatWaitsInTheBuffer() {
        CompletableFuture<Void> first = new CompletableFuture<>();
        BatchHandler slow = new BatchHandler() {
            @Override
            public CompletionStage<?> handle(Batch batch) {
                received.handle(batch);
                return first;
            }

            @Override
            public void lagging(Lagging lagging) {
                assertThat(received.lines()).isEqualTo(List.of("one"));
                received.lagging(lagging);
            }
        };
        try (LoggregatorEndpoint server = LoggregatorEndpoint.start();
                Nozzle nozzle = Nozzle.builder()
                        .endpoint(server.uri())
                        .firehose("n")
                        .handler(slow)
                        .build()) {
            nozzle.start();
            var stream = server.firehose("n").send(Platform.log("app", "one"));
            received.awaitLines("one");
            stream.send(Platform.log("app", "two")).lagging(TOLD.behind(), TOLD.behindBytes(), TOLD.limitBytes());
            // It is on its way behind the second line, which the nozzle has taken in.
            stream.send(Platform.log("app", "three"));
            await().atMost(LIMIT).until(() -> stream.sent().now() == 3);
            await().atMost(LIMIT).until(() -> nozzle.statistics().bufferedBytes() > 50);
            first.complete(null);
            await().atMost(LIMIT).until(() -> received.lines().size() == 3);
            assertThat(received.lags()).containsExactly(TOLD);
        }
    }
}
