package io.loggregator.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.loggregator.cli.client.TestServer;
import io.loggregator.cli.output.V1;
import io.loggregator.link.LinkFrame;
import io.loggregator.node.process.ExitCodes;
import io.loggregator.streaming.StreamMessage;
import io.loggregator.streaming.v2.Ack;
import io.loggregator.streaming.v2.Batch;
import io.loggregator.streaming.v2.Gap;
import io.loggregator.streaming.v2.Ready;
import io.loggregator.streaming.v2.Start;
import io.loggregator.streaming.v2.ToClient;
import io.loggregator.streaming.v2.ToServer;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Event;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code --v2} against a server that does what a test says. */
@Timeout(90)
class AcknowledgingTest {
    private final List<ToServer> heard = new CopyOnWriteArrayList<>();

    private static Envelope log(String text) {
        return Envelope.newBuilder()
                .setTimestamp(V1.TIME)
                .setSourceId("app-1")
                .setInstanceId("0")
                .putTags("origin", "rep")
                .putTags("source_type", "APP")
                .setLog(Log.newBuilder().setPayload(ByteString.copyFromUtf8(text)))
                .build();
    }

    private static Envelope event() {
        return Envelope.newBuilder()
                .setTimestamp(V1.TIME)
                .setSourceId("app-1")
                .setEvent(Event.newBuilder().setTitle("deployed").setBody("v7"))
                .build();
    }

    /** Serves streams: answers each start, and then does what comes for it. */
    @SafeVarargs
    @SuppressWarnings("varargs")
    private TestServer server(BiConsumer<ServerWebSocket, Start>... streams) {
        HttpServerOptions options =
                new HttpServerOptions().setWebSocketSubProtocols(List.of(StreamMessage.SUBPROTOCOL));
        return new TestServer(options, 0, handlers(streams));
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // an array of a generic type
    private Handler<HttpServerRequest>[] handlers(BiConsumer<ServerWebSocket, Start>[] streams) {
        return Stream.of(streams)
                .map(stream -> (Handler<HttpServerRequest>) request -> request.toWebSocket()
                        .onSuccess(socket -> socket.binaryMessageHandler(message -> {
                            ToServer said = parsed(message);
                            heard.add(said);
                            if (said.hasStart()) {
                                send(socket, ToClient.newBuilder().setReady(Ready.getDefaultInstance()));
                                stream.accept(socket, said.getStart());
                            }
                        })))
                .toArray(Handler[]::new);
    }

    private static ToServer parsed(Buffer message) {
        try {
            return StreamMessage.toServer(message.getBytes());
        } catch (InvalidProtocolBufferException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void send(ServerWebSocket socket, ToClient.Builder header, Envelope... envelopes) {
        byte[] batch = EnvelopeBatch.newBuilder()
                .addAllBatch(List.of(envelopes))
                .build()
                .toByteArray();
        socket.writeBinaryMessage(Buffer.buffer(LinkFrame.encode(header.build(), batch, 0, batch.length)));
    }

    private static ToClient.Builder batch(long mark, String position) {
        return ToClient.newBuilder().setBatch(Batch.newBuilder().setMark(mark).setPosition(position));
    }

    private List<Long> acks() {
        return heard.stream()
                .filter(ToServer::hasAck)
                .map(ToServer::getAck)
                .map(Ack::getMark)
                .toList();
    }

    @Test
    void whatWasPrintedIsAcknowledgedAndItsCreditGivenBack() {
        try (TestServer server = server((socket, start) -> {
            send(socket, batch(5, ""), log("one"), log("two"));
        })) {
            CommandRun firehose = CommandRun.of("firehose", "nozzle", "--v2", "--addr", server.url());
            await().until(() -> acks().equals(List.of(5L)));
            assertThat(firehose.out()).contains("app-1 [APP/0] OUT one\n", "OUT two\n");
            long size = EnvelopeBatch.newBuilder()
                    .addBatch(log("one"))
                    .addBatch(log("two"))
                    .build()
                    .getSerializedSize();
            await().until(() -> heard.stream().anyMatch(ToServer::hasCredit));
            assertThat(heard.stream().filter(ToServer::hasCredit).toList())
                    .singleElement()
                    .satisfies(said -> assertThat(said.getCredit().getBytes()).isEqualTo(size));
        }
    }

    @Test
    void ofABatchThatIsNotPrintedWholeNothingIsAcknowledged() {
        try (TestServer server = server((socket, start) -> {
            send(socket, batch(1, ""), log("one"));
            send(socket, batch(2, ""), log("two"), log("three"));
            socket.closeHandler(closed -> heard.add(ToServer.getDefaultInstance()));
        })) {
            CommandRun firehose = CommandRun.of("firehose", "nozzle", "--v2", "--max", "2", "--addr", server.url());
            assertThat(firehose.status()).isZero();
            await().until(() -> heard.contains(ToServer.getDefaultInstance()));
            assertThat(acks()).isEqualTo(List.of(1L));
            assertThat(firehose.out()).doesNotContain("three");
        }
    }

    @Test
    void aGapIsToldOnStandardError() {
        try (TestServer server = server((socket, start) -> {
            send(
                    socket,
                    ToClient.newBuilder()
                            .setGap(Gap.newBuilder()
                                    .setMark(1)
                                    .setCount(7)
                                    .setFirstMillis(1_000)
                                    .setLastMillis(2_500)
                                    .setReason("lapped")));
            send(socket, batch(2, ""), log("after"));
        })) {
            CommandRun tail = CommandRun.of("tail", "app-1", "--v2", "--max", "1", "--addr", server.url());
            assertThat(tail.status()).isZero();
            assertThat(tail.err())
                    .contains(
                            "7 envelopes were lost here (read too late: the server's log was overwritten first; arrived"
                                    + " from 1970-01-01T00:00:01Z to 1970-01-01T00:00:02.500Z)");
            assertThat(tail.out()).contains("OUT after");
        }
    }

    @Test
    void aStreamThatIsCutGoesOnWhereItWasPrinted() {
        try (TestServer server = server(
                (socket, start) -> {
                    send(socket, batch(1, "here"), log("one"));
                    send(socket, batch(2, ""), log("two"));
                    socket.close((short) 1001, "this Traffic Controller stops");
                },
                (socket, start) -> send(socket, batch(1, "there"), log("from " + start.getResume())))) {
            CommandRun tail = CommandRun.of("tail", "app-1", "--v2", "--max", "3", "--addr", server.url());
            assertThat(tail.status()).isZero();
            assertThat(tail.out()).contains("OUT one\n", "OUT two\n", "OUT from here\n");
            assertThat(tail.err())
                    .contains("1001: this Traffic Controller stops")
                    .contains("connected again");
        }
    }

    @Test
    void whatV1HasNoFormForIsPrintedTooUnlessOnlyLogsAreWanted() {
        try (TestServer server = server((socket, start) -> send(socket, batch(1, ""), event(), log("log")))) {
            CommandRun lines = CommandRun.of("firehose", "x", "--v2", "--max", "2", "--addr", server.url());
            assertThat(lines.status()).isZero();
            assertThat(lines.out()).contains(" app-1 EVENT deployed: v7\n", "OUT log\n");
            CommandRun json = CommandRun.of("firehose", "x", "--v2", "--json", "--max", "2", "--addr", server.url());
            assertThat(json.status()).isZero();
            assertThat(json.out().lines())
                    .satisfiesExactly(
                            event -> assertThat(event)
                                    .contains("\"source_id\":\"app-1\"")
                                    .contains("\"event\":{\"title\":\"deployed\",\"body\":\"v7\"}"),
                            log -> assertThat(log).contains("\"logMessage\":{\"message\":\"log\""));
            CommandRun tail = CommandRun.of("tail", "app-1", "--v2", "--max", "1", "--addr", server.url());
            assertThat(tail.status()).isZero();
            assertThat(tail.out()).contains("OUT log\n").doesNotContain("EVENT");
        }
    }

    @Test
    void aServerThatKnowsOnlyV1IsFollowedInV1() {
        try (TestServer server = new TestServer(request -> request.toWebSocket()
                .onSuccess(socket ->
                        socket.writeBinaryMessage(Buffer.buffer(V1.log("hello").toByteArray()))))) {
            CommandRun firehose = CommandRun.of("firehose", "x", "--v2", "--max", "1", "--addr", server.url());
            assertThat(firehose.status()).as(firehose::err).isZero();
            assertThat(firehose.out()).contains("OUT hello\n");
            assertThat(firehose.err())
                    .contains("--v2: the server does not offer it; going on with v1, which acknowledges nothing");
        }
    }

    @Test
    void theRecentLogsAreNotAcknowledged() {
        CommandRun tail = CommandRun.of("tail", "app-1", "--recent", "--v2");
        assertThat(tail.status()).isEqualTo(ExitCodes.USAGE);
        assertThat(tail.err()).contains("--recent and --v2 exclude each other");
    }
}
