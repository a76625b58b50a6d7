package io.loggregator.nozzle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.loggregator.nozzle.testkit.Answer;
import io.loggregator.nozzle.testkit.ClientConnection;
import io.loggregator.nozzle.testkit.LoggregatorEndpoint;
import io.loggregator.nozzle.testkit.ScriptedStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nozzles that read the events of {@code /v2/read}. */
@SuppressWarnings("try") // nozzles that are only to be there
class EventsTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String PATH = "/v2/read";

    private final Received received = new Received();
    private final List<Nozzle> nozzles = new ArrayList<>();
    private LoggregatorEndpoint server = LoggregatorEndpoint.start();

    @AfterEach
    void stop() {
        nozzles.forEach(nozzle -> nozzle.drain(Duration.ZERO));
        server.close();
        await().atMost(LIMIT)
                .until(() -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().startsWith("nozzle-")));
    }

    private Nozzle.Builder builder() {
        return Nozzle.builder()
                .endpoint(server.http())
                // A stream that has lasted longer than the longest pause makes the failures before it forgotten.
                .backOff(new BackOff(Duration.ofMillis(1), Duration.ofSeconds(5)))
                .handler(received);
    }

    private Nozzle started(Nozzle.Builder builder) {
        Nozzle nozzle = builder.build();
        nozzles.add(nozzle);
        nozzle.start();
        return nozzle;
    }

    private static Throwable end(Nozzle nozzle) {
        return catchThrowable(() -> nozzle.ended().toCompletableFuture().get(20, TimeUnit.SECONDS))
                .getCause();
    }

    private static String asked(ClientConnection connection) {
        return connection.request().target();
    }

    @Test
    void aFirehoseIsReadInOrderUnderItsShard() {
        ScriptedStream stream = server.firehose("my nozzle");
        try (Nozzle nozzle = started(builder().firehose("my nozzle"))) {
            stream.send(Platform.log("app", "one"), Platform.counter("router", "requests", 5))
                    .gap(7)
                    .send(Platform.log("app", "two"));
            received.awaitLines("one", "two");
            assertThat(asked(stream.awaitConnection(1)))
                    .isEqualTo("/v2/read?shard_id=my+nozzle&log&counter&gauge&timer&event");
            assertThat(received.envelopes().get(1)).isInstanceOfSatisfying(Counter.class, counter -> {
                assertThat(counter.name()).isEqualTo("requests");
                assertThat(counter.delta()).isEqualTo(5);
            });
            assertThat(received.envelopes().get(0).tag("source_type")).isEqualTo("APP/PROC/WEB");
            assertThat(received.gaps())
                    .containsExactly(new Gap(OptionalLong.of(7), Optional.empty(), Optional.empty(), "slow"));
            assertThat(nozzle.drain(LIMIT)).isTrue();
            assertThat(nozzle.statistics().failures()).isZero();
        }
    }

    @Test
    void filtersAndSelectorsAreAskedForAndWhatTheQueryCannotTellApartIsLeftOut() {
        ScriptedStream stream = server.firehose("n");
        try (Nozzle nozzle = started(builder()
                .firehose("n")
                .selectors(
                        Selector.logs().of("a"),
                        Selector.counter("x").of("b"),
                        Selector.gauges("m", "n").of("a")))) {
            stream.send(
                    Platform.log("b", "not this"),
                    Platform.counter("a", "x", 1),
                    Platform.log("a", "this"),
                    Platform.counter("b", "x", 2));
            await().atMost(LIMIT).until(() -> received.envelopes().size() >= 2);
            assertThat(received.lines()).containsExactly("this");
            assertThat(received.envelopes().get(1).sourceId()).isEqualTo("b");
            assertThat(asked(stream.awaitConnection(1)))
                    .isEqualTo("/v2/read?shard_id=n&log&counter.name=x&gauge.name=m%2Cn&source_id=a&source_id=b");
        }
        try (Nozzle nozzle = started(builder().firehose("m").filter(Filter.METRICS))) {
            assertThat(asked(server.firehose("m").awaitConnection(1)))
                    .isEqualTo("/v2/read?shard_id=m&counter&gauge&timer&event");
        }
    }

    @Test
    void anAppsStreamGoesOnBehindWhatWasHandled() throws Exception {
        ScriptedStream stream = server.app("guid");
        LinkedBlockingQueue<CompletableFuture<Void>> stages = new LinkedBlockingQueue<>();
        BatchHandler slow = batch -> {
            received.handle(batch);
            CompletableFuture<Void> stage = new CompletableFuture<>();
            stages.add(stage);
            return stage;
        };
        try (Nozzle nozzle = started(builder().app("guid").handler(slow))) {
            stream.send(Platform.log("guid", "one"));
            stages.poll(20, TimeUnit.SECONDS).complete(null);
            stream.send(Platform.log("guid", "two")).send(Platform.log("guid", "three"));
            CompletableFuture<Void> second = stages.poll(20, TimeUnit.SECONDS);
            await().atMost(LIMIT).until(() -> nozzle.statistics().bufferedBytes() > 0);
            second.completeExceptionally(new IllegalStateException("not yet"));
            stages.poll(20, TimeUnit.SECONDS).complete(null);
            stages.poll(20, TimeUnit.SECONDS).complete(null);
            assertThat(received.lines()).containsExactly("one", "two", "two", "three");
            assertThat(stream.awaitConnection(1).request().header("last-event-id"))
                    .isEmpty();
            assertThat(stream.awaitConnection(2).request().header("last-event-id"))
                    .isPresent();
        }
    }

    @Test
    void aStreamThatHasLastedLongEnoughIsFollowedByAnotherWithoutAnError() {
        server.close();
        server = LoggregatorEndpoint.builder().v1Only().start();
        ScriptedStream stream = server.app("guid");
        try (Nozzle nozzle = started(builder().app("guid"))) {
            stream.send(Platform.log("guid", "one"));
            received.awaitLines("one");
            stream.awaitConnection(1).closing();
            assertThat(stream.awaitConnection(2).request().header("last-event-id"))
                    .isEmpty();
            stream.send(Platform.log("guid", "two"));
            received.awaitLines("one", "two");
            assertThat(nozzle.statistics().failures()).isZero();
            assertThat(nozzle.statistics().reconnects()).isEqualTo(1);
            assertThat(nozzle.health().lastError()).isEmpty();
        }
    }

    @Test
    void heartbeatsKeepAStreamAndSilenceEndsIt() {
        ScriptedStream stream = server.firehose("n");
        try (Nozzle nozzle = started(builder().firehose("n").keepAlive(Duration.ofMillis(400)))) {
            ClientConnection first = stream.awaitConnection(1);
            first.heartbeat();
            first.events("event: newer\ndata: x\n\n: held back 3 lines\n");
            stream.awaitConnection(2);
            assertThat(nozzle.health().lastError().orElseThrow())
                    .isInstanceOf(UnavailableException.class)
                    .hasMessageStartingWith("nothing came for 400 ms");
        }
    }

    @Test
    void whatTheServerSaysAtTheEndIsTold() {
        ScriptedStream stream = server.firehose("n");
        try (Nozzle nozzle = started(builder().firehose("n"))) {
            stream.awaitConnection(1).close(1000, "too slow: nothing was read for too long");
            stream.awaitConnection(2);
            assertThat(nozzle.health().lastError().orElseThrow()).isInstanceOf(SlowHandlerException.class);
            stream.awaitConnection(2).close(1000, "");
            stream.awaitConnection(3);
            assertThat(nozzle.health().lastError().orElseThrow())
                    .isInstanceOf(UnavailableException.class)
                    .hasMessage("the server ended the stream");
            stream.awaitConnection(3).reset();
            stream.awaitConnection(4);
        }
    }

    private void lies(String lines, String told) {
        ScriptedStream stream = server.firehose("n");
        Nozzle nozzle = started(builder().firehose("n"));
        for (int i = 1; i <= 5; i++) {
            stream.awaitConnection(i).events(lines);
        }
        assertThat(end(nozzle)).isInstanceOf(ProtocolException.class).hasMessageContaining(told);
        assertThat(received.envelopes()).isEmpty();
    }

    @Test
    void whatIsNoJsonIsNoBatch() {
        lies("data: {\"batch\":[{\"log\"\n\n", "an event that is no batch");
    }

    @Test
    void aNumberThatIsNoneIsNoBatch() {
        lies("data: {\"batch\":[{\"timestamp\":\"x\"}]}\n\n", "no number of 64 bits");
    }

    @Test
    void anEndlessLineIsNotWaitedFor() {
        lies("id: " + "x".repeat(5000) + "\n", "a line of more than 4096 bytes");
    }

    @Test
    void anEventBeyondAllLimitsIsNotReadToItsEnd() {
        lies("data: " + "x".repeat(17 << 20), "an event of more than 16777216 bytes");
    }

    @Test
    void aChunkThatIsNoneIsAnError() {
        ScriptedStream stream = server.firehose("n");
        Nozzle nozzle = started(builder().firehose("n"));
        for (int i = 1; i <= 5; i++) {
            stream.awaitConnection(i).garbage(new byte[] {'x', '\r', '\n'});
        }
        assertThat(end(nozzle)).isInstanceOf(ProtocolException.class).hasMessageContaining("a chunk without");
    }

    @Test
    void everyFormOfAnEnvelopeIsRead() {
        ScriptedStream stream = server.firehose("n");
        try (Nozzle nozzle = started(builder().firehose("n"))) {
            stream.awaitConnection(1).events("""
                    data: {"batch":[{"timestamp":"-7","source_id":"s","instance_id":"i","deprecated_tags":{"d":{"integer":"5"}},
                    data: "tags":{"t":"\\u00fc"},"gauge":{"metrics":{"cpu":{"unit":"%","value":1e+21},"n":{"value":"NaN"}}}},
                    data: {"newer":[{}],"timer":{"name":"http","start":"1","stop":"2"}},
                    data: {"event":{"title":"a","body":"b"}},{"counter":{"name":"c","delta":"18446744073709551615","total":3}},
                    data: {"log":{"payload":"aGk=","type":"ERR"}}]}

                    """);
            await().atMost(LIMIT).until(() -> received.envelopes().size() >= 5);
            List<Envelope> all = received.envelopes();
            Gauge gauge = (Gauge) all.get(0);
            assertThat(gauge.timestamp()).isEqualTo(Instant.ofEpochSecond(0, -7));
            assertThat(gauge.sourceId()).isEqualTo("s");
            assertThat(gauge.instanceId()).isEqualTo("i");
            assertThat(gauge.tag("t")).isEqualTo("ü");
            assertThat(gauge.tag("d")).isEqualTo("5");
            assertThat(gauge.metrics().get("cpu").value()).isEqualTo(1e21);
            assertThat(gauge.metrics().get("cpu").unit()).isEqualTo("%");
            assertThat(gauge.metrics().get("n").value()).isNaN();
            assertThat(((Timer) all.get(1)).name()).isEqualTo("http");
            assertThat(((Event) all.get(2)).body()).isEqualTo("b");
            assertThat(((Counter) all.get(3)).delta()).isEqualTo(-1);
            assertThat(((Log) all.get(4)).type()).isEqualTo(Log.Type.ERR);
            assertThat(((Log) all.get(4)).text()).isEqualTo("hi");
        }
    }

    @Test
    void aTokenThatIsAnsweredWithNotFoundIsARefusedToken() {
        server.accept("other");
        Throwable problem = end(started(builder().firehose("n").token(Tokens.of("stale"))));
        assertThat(problem).isInstanceOf(UnauthorizedException.class);
        assertThat(server.tokens().now()).containsExactly("stale");
    }

    @Test
    void refusalsAreToldInTheServersWords() {
        server.answers(PATH)
                .always(Answer.json(400, "{\"message\":\"query cannot be empty\",\"error\":\"empty_query\"}\n\n"));
        assertThat(end(started(builder().firehose("n"))))
                .isInstanceOf(RefusedException.class)
                .hasMessageEndingWith("answered HTTP status 400 (query cannot be empty)");
        server.answers(PATH).always(Answer.status(404, "404 page not found\n"));
        assertThat(end(started(builder().firehose("n"))))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("404 page not found");
        server.answers(PATH).always(Answer.status(200, "hello"));
        assertThat(end(started(builder().firehose("n"))))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("holds no events");
    }

    @Test
    void aServerThatIsBusyIsAskedAgain() {
        server.answers(PATH)
                .next(
                        2,
                        Answer.json(
                                503,
                                "{\"message\":\"streaming is temporarily unavailable\","
                                        + "\"error\":\"streaming_unavailable\"}\n\n"));
        try (Nozzle nozzle = started(builder().firehose("n"))) {
            server.firehose("n").send(Platform.log("app", "one"));
            received.awaitLines("one");
            assertThat(nozzle.statistics().failures()).isEqualTo(2);
        }
    }

    @Test
    void aHandlerThatIsSlowHoldsBackReading() {
        ScriptedStream stream = server.firehose("n");
        CompletableFuture<Void> stage = new CompletableFuture<>();
        int buffer = 64 << 10;
        try (Nozzle nozzle = started(builder().firehose("n").buffer(buffer).handler(batch -> {
            received.handle(batch);
            return stage;
        }))) {
            String line = "x".repeat(10_000);
            for (int i = 0; i < 400; i++) {
                stream.send(Platform.log("app", line + i));
            }
            await().atMost(LIMIT).until(() -> nozzle.statistics().bufferedBytes() >= buffer);
            stream.sent().await(sent -> sent == 400);
            assertThat(nozzle.statistics().bufferedBytes()).isLessThan(buffer + 11_000);
            stage.complete(null);
            await().atMost(LIMIT).until(() -> received.envelopes().size() == 400);
        }
    }
}
