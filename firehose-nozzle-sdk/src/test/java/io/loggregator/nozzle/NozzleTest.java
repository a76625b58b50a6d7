package io.loggregator.nozzle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Nozzles that read from a real Traffic Controller with a real Doppler behind it. */
@SuppressWarnings("try") // nozzles that are only to be there
class NozzleTest {
    private static final AtomicInteger NAMES = new AtomicInteger();
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static Platform platform;

    private final String id = "nozzle-" + NAMES.incrementAndGet();
    private final Received received = new Received();

    @BeforeAll
    static void start() throws Exception {
        platform = Platform.start(Map.of());
    }

    @AfterAll
    static void stop() throws Exception {
        platform.close();
    }

    @AfterEach
    void noThreadIsLeftBehind() {
        await().atMost(LIMIT)
                .until(() -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().startsWith("nozzle-")));
    }

    private Nozzle.Builder firehose(BatchHandler handler) {
        return Nozzle.builder()
                .endpoint(platform.endpoint())
                .firehose(id)
                .backOff(new BackOff(Duration.ofMillis(10), Duration.ofMillis(200)))
                .handler(handler);
    }

    /** Starts the nozzle and waits until the Doppler knows of it. */
    private Nozzle started(Nozzle.Builder builder) {
        Nozzle nozzle = builder.build();
        nozzle.start();
        await().atMost(LIMIT).until(() -> nozzle.health().isUp());
        return nozzle;
    }

    @Test
    void aFirehoseIsHandedOnInOrderAndAcknowledged() {
        try (Nozzle nozzle = started(firehose(received))) {
            platform.lines("app-1", "one", "two");
            platform.send(Platform.counter("router", "requests", 5));
            platform.lines("app-2", "three");
            received.awaitLines("one", "two", "three");
            assertThat(received.envelopes())
                    .extracting(Envelope::sourceId)
                    .containsExactly("app-1", "app-1", "router", "app-2");
            assertThat(((Counter) received.envelopes().get(2)).delta()).isEqualTo(5);
            assertThat(received.envelopes().get(0).tag("source_type")).isEqualTo("APP/PROC/WEB");
            assertThat(nozzle.drain(LIMIT)).isTrue();
            Statistics statistics = nozzle.statistics();
            assertThat(statistics.envelopes()).isEqualTo(4);
            assertThat(statistics.handled()).isEqualTo(statistics.batches());
            assertThat(statistics.bufferedBytes()).isZero();
            assertThat(nozzle.health().state()).isEqualTo(State.ENDED);
        }
        // The group was told that all is delivered, so whoever comes next begins behind it.
        try (Nozzle next = started(firehose(received))) {
            platform.lines("app-1", "four");
            received.awaitLines("one", "two", "three", "four");
        }
    }

    @Test
    void aFilterAndSelectorsLeaveWhatIsWanted() {
        Received logs = new Received();
        Received counters = new Received();
        try (Nozzle ofLogs = started(firehose(logs).filter(Filter.LOGS));
                Nozzle ofCounters = started(firehose(counters)
                        .selectors(Selector.counter("requests").of("router")))) {
            platform.send(Platform.counter("router", "other", 1), Platform.counter("router", "requests", 2));
            platform.send(Platform.counter("elsewhere", "requests", 3), Platform.log("app-1", "line"));
            platform.send(Platform.counter("router", "requests", 4));
            logs.awaitLines("line");
            await().atMost(LIMIT).until(() -> counters.envelopes().size() >= 2);
            assertThat(counters.envelopes())
                    .extracting(envelope -> ((Counter) envelope).delta())
                    .containsExactly(2L, 4L);
            assertThat(logs.envelopes()).hasSize(1);
        }
    }

    @Test
    void anAppStreamIsOfThatAppAndGoesOnWhereItWasAfterARestart() throws Exception {
        Nozzle.Builder builder = Nozzle.builder()
                .endpoint(platform.endpoint())
                .app(id)
                .backOff(new BackOff(Duration.ofMillis(10), Duration.ofMillis(200)))
                .handler(received);
        try (Nozzle nozzle = started(builder)) {
            platform.lines("somebody-else", "not this");
            platform.lines(id, "one");
            received.awaitLines("one");
            platform.restartTrafficController();
            platform.lines(id, "two");
            received.awaitLines("one", "two");
            assertThat(nozzle.statistics().streams()).isEqualTo(2);
            assertThat(nozzle.health().lastError()).containsInstanceOf(UnavailableException.class);
        }
    }

    @Test
    void aFirehoseIsReadFromTheLogStream() {
        try (Nozzle nozzle =
                started(firehose(received).endpoint(platform.gateway()).selectors(Selector.logs()))) {
            platform.send(Platform.counter("router", "requests", 5), Platform.log("app-1", "one"));
            platform.lines("app-2", "two", "three");
            received.awaitLines("one", "two", "three");
            assertThat(received.envelopes().get(0).tag("source_type")).isEqualTo("APP/PROC/WEB");
            assertThat(received.envelopes()).hasSize(3);
            assertThat(nozzle.drain(LIMIT)).isTrue();
            assertThat(nozzle.statistics().failures()).isZero();
        }
    }

    @Test
    void anAppStreamFromTheLogStreamGoesOnWhereItWasAfterARestart() throws Exception {
        Nozzle.Builder builder = Nozzle.builder()
                .endpoint(platform.gateway())
                .app(id)
                .backOff(new BackOff(Duration.ofMillis(10), Duration.ofMillis(200)))
                .handler(received);
        try (Nozzle nozzle = started(builder)) {
            platform.lines(id, "one");
            received.awaitLines("one");
            platform.restartTrafficController();
            platform.lines("somebody-else", "not this");
            platform.lines(id, "two");
            received.awaitLines("one", "two");
            assertThat(nozzle.statistics().streams()).isEqualTo(2);
            assertThat(nozzle.health().lastError()).containsInstanceOf(UnavailableException.class);
        }
    }

    @Test
    void theNextBatchWaitsForTheStageAndNothingIsAcknowledgedBefore() throws Exception {
        LinkedBlockingQueue<List<String>> handed = new LinkedBlockingQueue<>();
        LinkedBlockingQueue<CompletableFuture<Void>> stages = new LinkedBlockingQueue<>();
        BatchHandler slow = batch -> {
            List<String> lines = new ArrayList<>();
            batch.forEach(envelope -> lines.add(((Log) envelope).text()));
            CompletableFuture<Void> stage = new CompletableFuture<>();
            stages.add(stage);
            handed.add(lines);
            return stage;
        };
        try (Nozzle nozzle = started(firehose(slow).filter(Filter.LOGS))) {
            platform.lines("app", "one");
            assertThat(handed.poll(20, TimeUnit.SECONDS)).containsExactly("one");
            platform.lines("app", "two");
            await().atMost(LIMIT).until(() -> nozzle.statistics().bufferedBytes() > 0);
            assertThat(handed).isEmpty();
            stages.take().complete(null);
            assertThat(handed.poll(20, TimeUnit.SECONDS)).containsExactly("two");
            nozzle.drain(Duration.ZERO);
        }
        // Not finished, so not acknowledged.
        try (Nozzle next = started(firehose(received).filter(Filter.LOGS))) {
            received.awaitLines("two");
        }
    }

    @Test
    void aBatchWhoseHandlerFailedComesAgain() {
        AtomicInteger calls = new AtomicInteger();
        BatchHandler failing = batch -> switch (calls.incrementAndGet()) {
            case 1 -> throw new IllegalStateException("not yet");
            case 2 -> CompletableFuture.failedFuture(new IllegalStateException("nor now"));
            default -> received.handle(batch);
        };
        try (Nozzle nozzle = started(firehose(failing))) {
            platform.lines("app", "one");
            received.awaitLines("one");
            assertThat(nozzle.statistics().failedBatches()).isEqualTo(2);
            assertThat(nozzle.health().lastError()).containsInstanceOf(HandlerFailedException.class);
        }
    }

    @Test
    void aHandlerThatCanNeverSucceedEndsTheNozzleAndItsBatchComesToTheNext() {
        NozzleException hopeless = new NozzleException("no such place", true, null);
        Nozzle nozzle = started(firehose(batch -> CompletableFuture.failedFuture(hopeless)));
        platform.lines("app-1", "one");
        assertThatThrownBy(nozzle::awaitEnd)
                .isInstanceOf(HandlerFailedException.class)
                .hasMessage("the handler failed: no such place")
                .hasCause(hopeless);
        assertThat(nozzle.health().state()).isEqualTo(State.FAILED);
        try (Nozzle next = started(firehose(received))) {
            received.awaitLines("one");
        }
    }

    @Test
    void whatWasNotHandedOutComesToTheNext() throws Exception {
        CompletableFuture<Void> first = new CompletableFuture<>();
        LinkedBlockingQueue<Batch> handed = new LinkedBlockingQueue<>();
        Nozzle nozzle = started(firehose(batch -> {
            handed.add(batch);
            return first;
        }));
        platform.lines("app", "one");
        assertThat(handed.poll(20, TimeUnit.SECONDS)).isNotNull();
        platform.lines("app", "two");
        await().atMost(LIMIT).until(() -> nozzle.statistics().bufferedBytes() > 0);
        CompletableFuture<Boolean> drained = CompletableFuture.supplyAsync(() -> nozzle.drain(LIMIT));
        await().atMost(LIMIT).until(() -> nozzle.health().state() == State.DRAINING);
        first.complete(null);
        assertThat(drained.get(20, TimeUnit.SECONDS)).isTrue();
        assertThat(handed).isEmpty();
        try (Nozzle next = started(firehose(received))) {
            received.awaitLines("two");
        }
    }

    @Test
    void connectionsOfOneNozzleShareItsSubscription() {
        try (Nozzle nozzle = started(firehose(received).connections(3))) {
            String[] lines = new String[60];
            for (int i = 0; i < lines.length; i++) {
                lines[i] = "line " + i;
                platform.lines("app", lines[i]);
            }
            received.awaitAll(lines);
            assertThat(received.lines()).containsExactlyInAnyOrder(lines);
            assertThat(nozzle.statistics().streams()).isEqualTo(3);
        }
    }

    @Test
    void aHandlerMayCloseItsNozzle() throws Exception {
        CompletableFuture<Nozzle> itself = new CompletableFuture<>();
        Nozzle nozzle = started(firehose(batch -> {
            itself.join().close();
            return received.handle(batch);
        }));
        itself.complete(nozzle);
        platform.lines("app", "one");
        nozzle.ended().toCompletableFuture().get(20, TimeUnit.SECONDS);
        received.awaitLines("one");
    }

    @Test
    void aNozzleThatWasNeverStartedEndsAtOnce() throws Exception {
        Nozzle nozzle = firehose(received).build();
        nozzle.close();
        nozzle.awaitEnd();
        assertThatThrownBy(nozzle::start).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void whatCannotBeIsSaidWhenTheNozzleIsBuilt() {
        assertThatThrownBy(() -> Nozzle.builder()
                        .endpoint(platform.endpoint())
                        .handler(received)
                        .build())
                .hasMessage("one of firehose and app is needed");
        assertThatThrownBy(() -> firehose(received).firehose("a/b").build())
                .hasMessage("no subscription id or app guid: 'a/b'");
        assertThatThrownBy(() -> firehose(received)
                        .filter(Filter.LOGS)
                        .selectors(Selector.logs())
                        .build())
                .hasMessage("filter and selectors exclude each other");
        assertThatThrownBy(() -> firehose(received).buffer(1).build()).hasMessage("a buffer of 1 bytes");
    }
}
