package io.loggregator.trafficcontroller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.InvalidProtocolBufferException;
import io.loggregator.link.v1.Query;
import io.loggregator.trafficcontroller.edge.RawClient;
import io.loggregator.trafficcontroller.link.FakeDoppler;
import io.vertx.core.Vertx;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The recent past, put together from what several Dopplers answer. */
class RecentTest {
    private static Vertx vertx;
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    /** Queries under way, and answers that a Doppler owes. */
    private static final int MOST = 20;

    /** Of an answer; four of them are as much as answers may take, together or one. */
    private static final List<org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope> LARGE =
            Collections.nCopies(82, Envelopes.log("app", "x".repeat(50_000), 1));

    private static final List<org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope> SMALL =
            List.of(Envelopes.log("app", "small"));

    private static final String UNANSWERED = "edge_refused_total{reason=\"unanswered\"}";

    private FakeDoppler first;
    private FakeDoppler second;
    private Controller controller;

    @BeforeEach
    void start() throws Exception {
        first = FakeDoppler.start(vertx, "first");
        second = FakeDoppler.start(vertx, "second");
        start(Duration.ofMinutes(1));
    }

    private void start(Duration queryLimit) throws Exception {
        start(queryLimit, Map.of());
    }

    private void start(Duration queryLimit, Map<String, String> settings) throws Exception {
        Map<String, String> more = new HashMap<>(settings);
        more.put("MAX_QUERIES", Integer.toString(MOST));
        more.put("QUERY_BYTES", "16MiB");
        more.put("QUERY_TIMEOUT", queryLimit.toMillis() + "ms");
        controller = Controller.start(vertx, Controller.TIMING, more, first, second);
    }

    private void restart(Map<String, String> settings) throws Exception {
        controller.close();
        start(Duration.ofMinutes(1), settings);
    }

    @AfterEach
    void stop() {
        controller.close();
        first.close();
        second.close();
    }

    @BeforeAll
    static void open() {
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void close() {
        vertx.close().await();
    }

    @Test
    void linesOfAllDopplersAreMergedByTimeOldestFirst() {
        CompletableFuture<List<Envelope>> answer = get("/apps/app/recentlogs");
        Query query = first.query();
        assertThat(query.getSourceId()).isEqualTo("app");
        assertThat(query.getKind()).isEqualTo(Query.Kind.RECENT_LOGS);
        assertThat(query.getLimit()).isZero();
        second.query();
        first.answer(query, false, List.of(Envelopes.log("app", "c", 30), Envelopes.log("app", "a", 10)));
        second.answer(second.query(), true, List.of(Envelopes.log("app", "b", 20), Envelopes.log("app", "d", 40)));
        first.answer(query, true, List.of(Envelopes.log("app", "e", 50), Envelopes.counter("app", "no line", 1, 1)));
        assertThat(Envelopes.texts(answer.join())).containsExactly("a", "b", "c", "d", "e");
    }

    @Test
    void aLimitKeepsTheNewest() {
        CompletableFuture<List<Envelope>> answer = get("/apps/app/recentlogs?limit=3");
        assertThat(first.query().getLimit()).isEqualTo(3);
        first.answer(
                first.query(),
                true,
                List.of(Envelopes.log("app", "b", 20), Envelopes.log("app", "e", 50), Envelopes.log("app", "a", 10)));
        second.answer(second.query(), true, List.of(Envelopes.log("app", "d", 40), Envelopes.log("app", "c", 30)));
        assertThat(Envelopes.texts(answer.join())).containsExactly("c", "d", "e");
    }

    @Test
    void ofContainerMetricsEachInstancesNewestCounts() {
        CompletableFuture<List<Envelope>> answer = get("/apps/app/containermetrics");
        assertThat(first.query().getKind()).isEqualTo(Query.Kind.CONTAINER_METRICS);
        first.answer(
                first.query(),
                true,
                List.of(
                        Envelopes.containerMetric("app", 0, 1, 10),
                        Envelopes.containerMetric("app", 1, 2, 40),
                        Envelopes.containerMetric("app", 10, 3, 10)));
        second.answer(
                second.query(),
                true,
                List.of(Envelopes.containerMetric("app", 0, 4, 20), Envelopes.containerMetric("app", 1, 5, 30)));
        assertThat(answer.join())
                .extracting(
                        envelope -> envelope.getContainerMetric().getInstanceIndex(),
                        envelope -> envelope.getContainerMetric().getCpuPercentage())
                .containsExactly(tuple(0, 4.0), tuple(1, 2.0), tuple(10, 3.0));
    }

    @Test
    void aDopplerThatDoesNotAnswerInTimeIsLeftOutAndCounted() throws Exception {
        controller.close();
        start(PATIENCE);
        CompletableFuture<List<Envelope>> answer = get("/apps/app/recentlogs");
        Query late = second.query();
        first.answer(first.query(), true, List.of(Envelopes.log("app", "in time", 1)));
        assertThat(Envelopes.texts(answer.join())).containsExactly("in time");
        assertThat(controller.metric("query_timeout_total{query=\"recent_logs\"}"))
                .isEqualTo(1);
        // An answer after all harms nobody, neither does one to a question nobody asked.
        second.answer(late, true, List.of(Envelopes.log("app", "late", 2)));
        second.answer(late.toBuilder().setId(4711).build(), true, List.of());
        CompletableFuture<List<Envelope>> next = get("/apps/other/recentlogs");
        await().until(() -> first.query().getSourceId().equals("other")
                && second.query().getSourceId().equals("other"));
        first.answer(first.query(), true, List.of());
        second.answer(second.query(), true, List.of(Envelopes.log("other", "next", 3)));
        assertThat(Envelopes.texts(next.join())).containsExactly("next");
        assertThat(controller.metric("query_timeout_total{query=\"recent_logs\"}"))
                .isEqualTo(1);
    }

    @Test
    void aDopplerThatDiesDuringTheQueryIsNotWaitedFor() {
        CompletableFuture<List<Envelope>> answer = get("/apps/app/recentlogs");
        second.query();
        first.answer(first.query(), true, List.of(Envelopes.log("app", "alive", 1)));
        second.breakLink();
        assertThat(Envelopes.texts(answer.join())).containsExactly("alive");
        assertThat(controller.metric("query_timeout_total{query=\"recent_logs\"}"))
                .isZero();
    }

    @Test
    void withoutAnyDopplerTheAnswerIsEmpty() throws Exception {
        first.stopListening();
        second.stopListening();
        await().until(() -> controller.metric("doppler_links") == 0);
        assertThat(get("/apps/app/recentlogs").join()).isEmpty();
        assertThat(controller.readiness().reasons())
                .containsExactly(
                        "links: no link to any Doppler in DOPPLER_LINK_ADDRS, no connection to any in ROUTER_ADDRS");
        first.listenAgain();
        second.listenAgain();
        await().until(() -> controller.metric("doppler_links") == 2);
        assertThat(controller.readiness().reasons()).isEmpty();
    }

    @Test
    void oneQueryMoreThanMayBeUnderWayIsRefusedAtOnce() {
        List<CompletableFuture<List<Envelope>>> answers = getMany(MOST);
        await().until(() -> first.queries().size() == MOST && second.queries().size() == MOST);

        assertRefused();

        answerAll(first);
        answerAll(second);
        answers.forEach(answer -> assertThat(answer.join()).isEmpty());
        CompletableFuture<List<Envelope>> next = get("/apps/next/recentlogs");
        await().until(() ->
                first.queries().size() == MOST + 1 && second.queries().size() == MOST + 1);
        first.answer(first.query(), true, List.of());
        second.answer(second.query(), true, List.of(Envelopes.log("next", "served", 1)));
        assertThat(Envelopes.texts(next.join())).containsExactly("served");
    }

    @Test
    void aDopplerThatOwesManyAnswersIsNotAskedAgainUntilItHasGivenSome() throws Exception {
        controller.close();
        start(PATIENCE);
        getMany(MOST).forEach(answer -> assertThat(answer.join()).isEmpty());

        assertRefused();

        answerAll(first);
        CompletableFuture<List<Envelope>> next = get("/apps/next/recentlogs");
        await().until(() -> first.query().getSourceId().equals("next"));
        first.answer(first.query(), true, List.of(Envelopes.log("next", "served", 1)));
        assertThat(Envelopes.texts(next.join())).containsExactly("served");
        assertThat(second.queries()).hasSize(MOST);
        assertThat(controller.metric("query_timeout_total{query=\"recent_logs\"}"))
                .isEqualTo(2 * MOST + 1);

        int links = second.links().size();
        second.breakLink();
        second.linkedAfter(links);
        CompletableFuture<List<Envelope>> last = get("/apps/last/recentlogs");
        await().until(() -> second.query().getSourceId().equals("last"));
        first.answer(first.query(), true, List.of());
        second.answer(second.query(), true, List.of(Envelopes.log("last", "asked again", 1)));
        assertThat(Envelopes.texts(last.join())).containsExactly("asked again");
    }

    @Test
    void whatDoesNotFitBesideAnswersThatWaitForTheirClientsIsRefusedAndSmallOnesAreNot() throws Exception {
        restart(Map.of("SLOW_CONSUMER_TIMEOUT", "1h"));
        try (RawClient unread = askAndReadNothing()) {
            answerWith(List.of(LARGE, LARGE, LARGE, LARGE));

            long before = controller.metric(UNANSWERED);
            CompletableFuture<Integer> refused = status("/apps/other/recentlogs");
            await().until(() -> first.query().getSourceId().equals("other"));
            first.answer(first.query(), false, LARGE);
            assertThat(refused.join())
                    .as("while the other Doppler's part is still awaited")
                    .isEqualTo(500);
            assertThat(controller.metric(UNANSWERED)).isEqualTo(before + 1);
            assertThat(answered(List.of(SMALL))).isEqualTo(200);

            unread.leave();
            await().until(() -> answered(List.of(LARGE)) == 200);
        }
    }

    @Test
    void anAnswerIsGivenUpWithTheClientThatWantedIt() throws Exception {
        try (RawClient gone = askAndReadNothing()) {
            gone.leave();
            answerWith(List.of(LARGE, LARGE, LARGE, LARGE));
            await().until(() -> answered(List.of(LARGE)) == 200);
        }
    }

    @Test
    void whatDoesNotFitIntoAnAnswerIsLeftOutAndCounted() {
        assertThat(answered(List.of(LARGE, LARGE, LARGE, LARGE, LARGE, SMALL))).isEqualTo(200);
        assertThat(controller.metric("query_left_out_total")).isEqualTo(1);
    }

    /** A client whose query has reached both Dopplers. */
    private RawClient askAndReadNothing() throws Exception {
        RawClient client = new RawClient(controller.port());
        client.send("GET /apps/unread/recentlogs HTTP/1.1\r\nHost: x\r\n\r\n");
        await().until(() -> first.query().getSourceId().equals("unread")
                && second.query().getSourceId().equals("unread"));
        return client;
    }

    /** Answers the newest query with these messages. */
    private void answerWith(List<List<org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope>> messages) {
        second.answer(second.query(), true, List.of());
        messages.forEach(message -> first.answer(first.query(), false, message));
        first.answer(first.query(), true, List.of());
    }

    /** The status of what comes of a query that is answered with these messages. */
    private int answered(List<List<org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope>> messages) {
        int before = first.queries().size();
        CompletableFuture<Integer> answer = status("/apps/app/recentlogs");
        await().until(() -> first.queries().size() > before && second.queries().size() > before);
        answerWith(messages);
        return answer.join();
    }

    private List<CompletableFuture<List<Envelope>>> getMany(int count) {
        return Stream.generate(() -> get("/apps/app/recentlogs")).limit(count).toList();
    }

    private static void answerAll(FakeDoppler doppler) {
        doppler.queries().forEach(query -> doppler.answer(query, true, List.of()));
    }

    private void assertRefused() {
        long before = controller.metric(UNANSWERED);
        HttpResponse<byte[]> refused = ask("/apps/app/recentlogs").join();
        assertThat(refused.statusCode()).isEqualTo(500);
        assertThat(refused.body()).asString().isEqualTo("Failed to read recent logs\n");
        assertThat(controller.metric(UNANSWERED)).isEqualTo(before + 1);
    }

    private CompletableFuture<List<Envelope>> get(String path) {
        return ask(path).thenApply(RecentTest::parts);
    }

    private CompletableFuture<HttpResponse<byte[]>> ask(String path) {
        return ask(path, HttpResponse.BodyHandlers.ofByteArray());
    }

    /** Of an answer that is read to its end. */
    private CompletableFuture<Integer> status(String path) {
        return ask(path, HttpResponse.BodyHandlers.discarding()).thenApply(HttpResponse::statusCode);
    }

    private <T> CompletableFuture<HttpResponse<T>> ask(String path, HttpResponse.BodyHandler<T> body) {
        URI uri = URI.create("http://127.0.0.1:" + controller.port() + path);
        return HTTP.sendAsync(HttpRequest.newBuilder(uri).build(), body);
    }

    /** Multipart as old clients read it: cut at the boundary, no headers. */
    private static List<Envelope> parts(HttpResponse<byte[]> response) {
        assertThat(response.statusCode()).isEqualTo(200);
        String type = response.headers().firstValue("Content-Type").orElseThrow();
        String boundary = "--" + type.substring(type.indexOf("boundary=") + 9);
        String body = new String(response.body(), StandardCharsets.ISO_8859_1);
        List<Envelope> envelopes = new ArrayList<>();
        for (String part : body.split(boundary)) {
            if (part.startsWith("\r\n\r\n")) {
                byte[] bytes = part.substring(4, part.length() - 2).getBytes(StandardCharsets.ISO_8859_1);
                try {
                    envelopes.add(Envelope.parseFrom(bytes));
                } catch (InvalidProtocolBufferException e) {
                    throw new AssertionError(e);
                }
            }
        }
        return envelopes;
    }
}
