package io.loggregator.trafficcontroller.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.loggregator.stream.selection.Selection;
import io.loggregator.trafficcontroller.edge.RawClient.Answer;
import io.loggregator.trafficcontroller.subscription.Refinement;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClientOptions;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EdgeVerticleTest {
    private static final String FIREHOSE = String.join(
            "\r\n",
            "GET /firehose/nozzle HTTP/1.1",
            "Host: x",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "",
            "");
    private static final String NOTHING = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    private static final String RECENT = "GET /apps/app/recentlogs HTTP/1.1\r\nHost: x\r\n\r\n";

    @Test
    void aHandshakeThatDoesNotComeToAnEndIsCut() throws Exception {
        try (Edge edge = new Edge(10, Duration.ZERO);
                RawClient client = edge.connect()) {
            client.send(FIREHOSE.substring(0, FIREHOSE.length() - 2));
            assertThat(client.read(false).status()).isEqualTo(408);
            assertThat(client.rest()).isEmpty();
            assertThat(edge.refused).containsExactly("slow_request");
        }
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrderAndGarbageEndsThem() throws Exception {
        try (Edge edge = new Edge(10, Duration.ZERO);
                RawClient client = edge.connect()) {
            Promise<List<byte[]>> logs = Promise.promise();
            edge.pipeline.dump = logs.future();
            client.send(RECENT + NOTHING + "\u0003\u0000garbage\r\n\r\n");
            assertThat(edge.pipeline.served.poll(5, TimeUnit.SECONDS)).isEqualTo("recentLogs app 0");
            logs.complete(List.of());
            assertThat(client.read(false).status()).isEqualTo(200);
            assertThat(client.read(false).status()).isEqualTo(404);
            assertThat(client.read(false).status()).isEqualTo(400);
            assertThat(client.rest()).isEmpty();
            assertThat(edge.refused).containsExactly("not_found", "malformed_request");
        }
    }

    @Test
    void garbageHarmsNobodyElse() throws Exception {
        try (Edge edge = new Edge(10, Duration.ZERO);
                RawClient client = edge.connect();
                RawClient vandal = edge.connect()) {
            client.send(FIREHOSE);
            assertThat(client.read(false).status()).isEqualTo(101);
            vandal.send("\u0016\u0003\u0001\u0002\u0000\r\n\r\n");
            assertThat(vandal.read(false).status()).isEqualTo(400);
            assertThat(client.bytes(8)).endsWith("served");
            socket(edge).writeTextMessage("more");
            assertThat(client.bytes(6)).endsWith("more");
        }
    }

    @Test
    void aClientThatOffersCompressionIsSentPlainFrames() throws Exception {
        WebSocketClientOptions offers = new WebSocketClientOptions()
                .setTryUsePerMessageCompression(true)
                .setTryUsePerFrameCompression(true);
        try (Edge edge = new Edge(10, Duration.ZERO)) {
            BlockingQueue<String> received = new LinkedBlockingQueue<>();
            Future<WebSocket> connected = edge.vertx
                    .createWebSocketClient(offers)
                    .connect(edge.verticle.port(), "127.0.0.1", "/apps/app/stream")
                    .onSuccess(socket -> socket.binaryMessageHandler(message -> received.add(message.toString())));
            WebSocket socket = Edge.within(connected);
            assertThat(received.poll(5, TimeUnit.SECONDS)).isEqualTo("served");
            assertThat(socket.headers().contains("Sec-WebSocket-Extensions")).isFalse();
        }
    }

    @Test
    void accessControlIsAskedWithTheTokenOfHeaderOrCookie() throws Exception {
        try (Edge edge = new Edge(10, Duration.ZERO);
                RawClient client = edge.connect()) {
            client.send(RECENT.replace("Host", "Authorization: bearer abc\r\nHost"));
            assertThat(client.read(false).status()).isEqualTo(200);
            client.send(RECENT.replace("Host", "Cookie: authorization=bearer%20def\r\nHost"));
            assertThat(client.read(false).status()).isEqualTo(200);
            client.send(FIREHOSE);
            assertThat(client.read(false).status()).isEqualTo(101);
            assertThat(edge.access.asked)
                    .containsExactly("app app as <bearer abc>", "app app as <bearer def>", "firehose as <>");
        }
    }

    @Test
    void anUpgradeWaitsForAccessControl() throws Exception {
        try (Edge edge = new Edge(10, Duration.ZERO);
                RawClient client = edge.connect()) {
            Promise<Decision> decision = Promise.promise();
            edge.access.decision = decision.future();
            client.send(FIREHOSE);
            assertThat(edge.access.asked.poll(5, TimeUnit.SECONDS)).isNotNull();
            assertThat(edge.pipeline.served).isEmpty();
            edge.vertx.runOnContext(later -> decision.complete(Decision.ALLOWED));
            assertThat(client.read(false).status()).isEqualTo(101);
            assertThat(client.bytes(8)).endsWith("served");
        }
    }

    @Test
    void aStreamThatEndsMakesRoomForAnother() throws Exception {
        try (Edge edge = new Edge(1, Duration.ZERO);
                RawClient first = edge.connect()) {
            first.send(FIREHOSE);
            assertThat(first.read(false).status()).isEqualTo(101);
            assertThat(statusOf(edge, FIREHOSE)).isEqualTo(503);
            first.leave();
            await().until(() -> statusOf(edge, FIREHOSE) == 101);
        }
    }

    @Test
    void connectionsThatAreNoStreamsAreBounded() throws Exception {
        List<RawClient> clients = new ArrayList<>();
        Limits usual = Limits.LOGGREGATOR;
        Limits.Counts few = new Limits.Counts(
                3, usual.counts().connectionStreams(), usual.counts().connectionResets());
        try (Edge edge = Edge.limited(1, new Limits(usual.times(), usual.sizes(), few, usual.filters()))) {
            for (int i = 0; i < few.plainConnections() + 1; i++) {
                clients.add(edge.connect());
            }
            RawClient last = edge.connect();
            clients.add(last);
            assertThat(last.rest()).isEmpty();
            assertThat(edge.refused.poll(5, TimeUnit.SECONDS)).isEqualTo("too_many_connections");
            clients.get(0).close();
            await().until(() -> statusOf(edge, NOTHING) == 404);
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    @Test
    void aLongAnswerReachesASlowReaderWhole() throws Exception {
        byte[] part = new byte[60_000];
        Arrays.fill(part, (byte) 'x');
        List<byte[]> parts = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            parts.add(part);
        }
        try (Edge edge = new Edge(10, Duration.ZERO);
                RawClient client = edge.connect();
                RawClient other = edge.connect()) {
            edge.pipeline.dump = Future.succeededFuture(parts);
            client.send(RECENT);
            assertThat(edge.pipeline.served.poll(5, TimeUnit.SECONDS)).isNotNull();
            // Answered while the long answer waits for its reader.
            other.send(NOTHING);
            assertThat(other.read(false).status()).isEqualTo(404);
            Answer answer = client.read(false);
            int delimiters = 2 + 60 + 4;
            assertThat(answer.body()).hasSize(400 * (60_000 + delimiters) + 399 * 2 + 2 + 2 + 60 + 2 + 2);
        }
    }

    @Test
    void aClientThatTakesNothingOfItsAnswerIsCutOff() throws Exception {
        try (Edge edge = Edge.patientFor(Duration.ofSeconds(1));
                RawClient client = edge.connect()) {
            edge.pipeline.dump = Future.succeededFuture(Collections.nCopies(400, new byte[60_000]));
            client.send(RECENT);
            assertThat(edge.refused.poll(20, TimeUnit.SECONDS)).isEqualTo("slow_reader");
            assertThat(edge.pipeline.over.poll(20, TimeUnit.SECONDS)).isNotNull();
            assertThat(client.rest()).hasSizeLessThan(400 * 60_000);
            assertThat(edge.refused).isEmpty();
        }
    }

    @Test
    void aClientThatTakesALittleNowAndThenIsNotCutOff() throws Exception {
        try (Edge edge = Edge.patientFor(Duration.ofSeconds(2));
                RawClient client = edge.connect()) {
            edge.pipeline.dump = Future.succeededFuture(Collections.nCopies(400, new byte[60_000]));
            client.send(RECENT);
            int piece = 240_000;
            AtomicInteger read = new AtomicInteger();
            await().pollInterval(Duration.ofMillis(60))
                    .atMost(Duration.ofSeconds(40))
                    .until(() -> {
                        client.bytes(piece);
                        return read.addAndGet(piece) >= 400 * 60_000;
                    });
            assertThat(edge.pipeline.over.poll(20, TimeUnit.SECONDS)).isNotNull();
            assertThat(edge.refused).isEmpty();
        }
    }

    @Test
    void aPipelineThatThrowsCostsOneRequest() throws Exception {
        Pipeline broken = new Pipeline() {
            @Override
            public OpenStream firehose(
                    ServerWebSocket webSocket,
                    String subscription,
                    Selection filter,
                    Refinement refinement,
                    boolean tellsHeldBack) {
                throw new IllegalStateException("broken");
            }

            @Override
            public OpenStream appStream(
                    ServerWebSocket webSocket, String app, Refinement refinement, boolean tellsHeldBack) {
                throw new IllegalStateException("broken");
            }

            @Override
            public Future<RecentPast> recentLogs(String app, int limit) {
                throw new IllegalStateException("broken");
            }

            @Override
            public Future<RecentPast> containerMetrics(String app) {
                throw new IllegalStateException("broken");
            }
        };
        try (Edge edge = new Edge(10, Duration.ZERO, broken);
                RawClient client = edge.connect()) {
            client.send(RECENT);
            assertThat(client.read(false).status()).isEqualTo(500);
            client.send(FIREHOSE);
            assertThat(client.read(false).status()).isEqualTo(101);
            // A close frame, two bytes long: 1011.
            assertThat(client.bytes(4)).isEqualTo("\u0088\u0002\u0003\u00F3");
            assertThat(edge.refused).containsExactly("unanswered", "internal");
        }
    }

    @Test
    void whenItStopsNobodyNewGetsInAndStreamsAreLeftToTheirOwner() throws Exception {
        try (Edge edge = new Edge(10, Duration.ofSeconds(30));
                RawClient client = edge.connect()) {
            client.send(FIREHOSE);
            assertThat(client.read(false).status()).isEqualTo(101);
            assertThat(client.bytes(8)).endsWith("served");
            ServerWebSocket socket = socket(edge);
            int port = edge.verticle.port();
            Future<Void> stopped = edge.undeploy();
            await().until(() -> refusesConnections(port));
            assertThat(stopped.isComplete()).isFalse();
            socket.writeTextMessage("still here");
            assertThat(client.bytes(12)).endsWith("still here");
            socket.close((short) 1001, "bye");
            assertThat(client.bytes(7)).isEqualTo("\u0088\u0005\u0003\u00E9bye");
            client.leave();
            Edge.within(stopped);
        }
    }

    @Test
    void streamsThatNobodyEndsAreClosedAfterTheGrace() throws Exception {
        try (Edge edge = new Edge(10, Duration.ofMillis(300));
                RawClient client = edge.connect()) {
            client.send(FIREHOSE);
            assertThat(client.read(false).status()).isEqualTo(101);
            assertThat(client.bytes(8)).endsWith("served");
            Edge.within(edge.undeploy());
            assertThat(client.rest()).isEqualTo("\u0088\u0002\u0003\u00E8");
        }
    }

    private static ServerWebSocket socket(Edge edge) throws InterruptedException {
        ServerWebSocket socket = edge.pipeline.sockets.poll(5, TimeUnit.SECONDS);
        assertThat(socket).isNotNull();
        return socket;
    }

    /** The status of an answer on a connection of its own; 0 if it ends without one. */
    private static int statusOf(Edge edge, String request) throws Exception {
        try (RawClient client = edge.connect()) {
            client.send(request);
            return client.read(false).status();
        } catch (IOException ended) {
            return 0;
        }
    }

    private static boolean refusesConnections(int port) throws IOException {
        try {
            new RawClient(port).close();
            return false;
        } catch (SocketException refused) {
            return true;
        }
    }
}
