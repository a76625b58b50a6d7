package io.loggregator.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.loggregator.cli.client.TestServer;
import io.loggregator.cli.output.V1;
import io.loggregator.node.process.ExitCodes;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope;
import org.cloudfoundry.dropsonde.events.LogFactory.LogMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(90)
class TailCommandTest {
    @Test
    void printsTheLogsOfAnAppAsTheyCome() {
        try (TestServer server = new TestServer(streaming(V1.log("one"), V1.counter("c", 1, 1), V1.log("two")))) {
            CommandRun tail = CommandRun.of("tail", "app-1", "--addr", server.url(), "--max", "2");
            assertThat(tail.status()).isZero();
            assertThat(tail.out().lines()).hasSize(2).allMatch(line -> line.contains("[APP/PROC/WEB/0] OUT "));
            assertThat(tail.err()).isEmpty();
            assertThat(server.seen()).containsExactly(new TestServer.Seen("/apps/app-1/stream", null));
        }
    }

    @Test
    void printsALineAtOnceEvenIfNoOtherFollows() {
        try (TestServer server = new TestServer(streaming(V1.log("alone")))) {
            CommandRun tail = CommandRun.of("tail", "app-1", "--addr", server.url());
            await().until(() -> tail.out().endsWith("OUT alone\n"));
            assertThat(tail.running()).isTrue();
        }
    }

    @Test
    void metricsComeOnRequest() {
        try (TestServer server = new TestServer(streaming(V1.counter("c", 1, 1)))) {
            CommandRun tail = CommandRun.of("tail", "app-1", "--addr", server.url(), "--metrics", "--max", "1");
            assertThat(tail.status()).isZero();
            assertThat(tail.out()).contains("COUNTER c +1");
        }
    }

    @Test
    void connectsAgainWhenTheConnectionIsLost() {
        try (TestServer server = new TestServer(closing(V1.log("before")), streaming(V1.log("after")))) {
            CommandRun tail = CommandRun.of("tail", "app-1", "--addr", server.url(), "--max", "2");
            assertThat(tail.status()).isZero();
            assertThat(tail.out()).containsSubsequence("before", "after");
            assertThat(tail.err().lines())
                    .hasSize(2)
                    .element(0)
                    .asString()
                    .matches("loggregator: the server closed the connection with 1001: bye; trying again in 0\\.\\d s");
            assertThat(tail.err()).contains("connected again");
        }
    }

    @Test
    void aTokenThatIsNoLongerGoodEndsIt() {
        try (TestServer server = new TestServer(
                closing(V1.log("x")), TestServer.refusing(401, "You are not authorized. Error: expired"))) {
            CommandRun tail = CommandRun.of("tail", "app-1", "--addr", server.url(), "--token", "abc");
            assertThat(tail.status()).isEqualTo(ExitCodes.REFUSED);
            assertThat(tail.err()).contains("answered 401: You are not authorized. Error: expired");
        }
    }

    @Test
    void anAppThatTheTokenMayNotSeeLooksLikeOneThatIsNotThere() {
        try (TestServer server = new TestServer(TestServer.refusing(404, ""))) {
            CommandRun tail = CommandRun.of("tail", "app-1", "--addr", server.url(), "--token", "abc");
            assertThat(tail.status()).isEqualTo(ExitCodes.REFUSED);
            assertThat(tail.err()).contains("answered 404 (there is no such app, or the token may not see it)");
            assertThat(tail.err().lines()).hasSize(1);
        }
    }

    @Test
    void theTokenComesFromAnOptionOrTheEnvironmentWithOrWithoutBearer() {
        try (TestServer server = new TestServer(streaming(V1.log("x")))) {
            String[] args = {"tail", "a", "--addr", server.url(), "--max", "1"};
            String[] withToken = {"tail", "a", "--addr", server.url(), "--max", "1", "--token", "from-option"};
            assertThat(CommandRun.with(Map.of("LOGGREGATOR_TOKEN", "bearer from-env"), args)
                            .status())
                    .isZero();
            assertThat(CommandRun.with(Map.of("LOGGREGATOR_TOKEN", "x"), withToken)
                            .status())
                    .isZero();
            assertThat(server.seen())
                    .extracting(TestServer.Seen::authorization)
                    .containsExactly("bearer from-env", "bearer from-option");
        }
    }

    @Test
    void aServerThatIsNotThereEndsItUnlessToldToWait() throws IOException {
        int port = freePort();
        CommandRun tail = CommandRun.of("tail", "app-1", "--addr", "127.0.0.1:" + port);
        assertThat(tail.status()).isEqualTo(ExitCodes.UNAVAILABLE);
        assertThat(tail.err())
                .isEqualTo("loggregator: cannot connect to ws://127.0.0.1:" + port + ": connection refused\n");

        CommandRun patient = CommandRun.of("tail", "app-1", "--addr", "127.0.0.1:" + port, "--wait", "--max", "1");
        await().until(() -> patient.err().contains("trying again"));
        try (TestServer server =
                new TestServer(new io.vertx.core.http.HttpServerOptions(), port, streaming(V1.log("there")))) {
            assertThat(patient.status()).isZero();
            assertThat(server.seen()).hasSize(1);
        }
    }

    @Test
    void aReaderOfItsOutputThatWentAwayEndsItQuietly() {
        OutputStream closed = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        try (TestServer server = new TestServer(streaming(V1.log("x")))) {
            CommandRun tail = CommandRun.writingTo(closed, "tail", "app-1", "--addr", server.url());
            assertThat(tail.status()).isEqualTo(ExitCodes.OUTPUT_CLOSED);
            assertThat(tail.err()).isEmpty();
        }
    }

    @Test
    void whatIsNoEnvelopeIsSkippedAndSaidOnce() {
        try (TestServer server = new TestServer(request -> request.toWebSocket().onSuccess(socket -> {
            socket.writeBinaryMessage(Buffer.buffer(new byte[] {1, 2, 3}));
            socket.writeBinaryMessage(Buffer.buffer(new byte[] {1, 2, 3}));
            socket.writeTextMessage("hello");
            socket.writeBinaryMessage(bytes(V1.log("good")));
        }))) {
            CommandRun tail = CommandRun.of("tail", "app-1", "--addr", server.url(), "--max", "1");
            assertThat(tail.status()).isZero();
            assertThat(tail.out()).endsWith("OUT good\n");
            assertThat(tail.err()).containsOnlyOnce("no v1 envelope");
        }
    }

    @Test
    void recentLogsAreSortedOldestFirst() {
        try (TestServer server = new TestServer(multipart(log("newer", 2), log("older", 1), log("newest", 3)))) {
            CommandRun tail = CommandRun.of("tail", "a b", "--recent", "--addr", server.url());
            assertThat(tail.status()).isZero();
            assertThat(tail.out()).containsSubsequence("OUT older\n", "OUT newer\n", "OUT newest\n");
            assertThat(server.seen().get(0).uri()).isEqualTo("/apps/a%20b/recentlogs");
        }
    }

    @Test
    void ofTheRecentLogsTheNewestAreAskedForAndPrinted() {
        try (TestServer server = new TestServer(multipart(log("newer", 2), log("older", 1), log("newest", 3)))) {
            CommandRun tail = CommandRun.of("tail", "a", "--recent", "--max", "2", "--addr", server.url());
            assertThat(tail.status()).isZero();
            assertThat(tail.out().lines()).hasSize(2);
            assertThat(tail.out()).doesNotContain("older");
            assertThat(server.seen().get(0).uri()).isEqualTo("/apps/a/recentlogs?limit=2");
        }
    }

    @Test
    void noRecentLogsAreNothingAndNoError() {
        try (TestServer server = new TestServer(multipart())) {
            CommandRun tail = CommandRun.of("tail", "a", "--recent", "--addr", server.url());
            assertThat(tail.status()).isZero();
            assertThat(tail.out()).isEmpty();
        }
    }

    @Test
    void anAnswerThatIsNoMultipartIsAnError() {
        try (TestServer server = new TestServer(request -> request.response().end("hello"))) {
            CommandRun tail = CommandRun.of("tail", "a", "--recent", "--addr", server.url());
            assertThat(tail.status()).isEqualTo(ExitCodes.REFUSED);
            assertThat(tail.err()).contains("no multipart");
        }
    }

    private static Handler<HttpServerRequest> streaming(Envelope... envelopes) {
        return request -> request.toWebSocket().onSuccess(socket -> {
            for (Envelope envelope : envelopes) {
                socket.writeBinaryMessage(bytes(envelope));
            }
        });
    }

    private static Handler<HttpServerRequest> closing(Envelope envelope) {
        return request -> request.toWebSocket().onSuccess(socket -> {
            socket.writeBinaryMessage(bytes(envelope));
            socket.close((short) 1001, "bye");
        });
    }

    /** As the reference server writes it: an unquoted boundary, parts without headers. */
    private static Handler<HttpServerRequest> multipart(Envelope... envelopes) {
        String boundary = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789ab";
        Buffer body = Buffer.buffer();
        for (Envelope envelope : List.of(envelopes)) {
            body.appendString((body.length() == 0 ? "" : "\r\n") + "--" + boundary + "\r\n\r\n", "ISO-8859-1");
            body.appendBuffer(bytes(envelope));
        }
        body.appendBytes(("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.ISO_8859_1));
        return request -> request.response()
                .setChunked(true)
                .putHeader("Content-Type", "multipart/x-protobuf; boundary=" + boundary)
                .end(body);
    }

    private static Envelope log(String text, long time) {
        return V1.log(ByteString.copyFromUtf8(text), LogMessage.MessageType.OUT, time);
    }

    private static Buffer bytes(Envelope envelope) {
        return Buffer.buffer(envelope.toByteArray());
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
