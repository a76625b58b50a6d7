package io.loggregator.nozzle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.loggregator.nozzle.testkit.Answer;
import io.loggregator.nozzle.testkit.ClientConnection;
import io.loggregator.nozzle.testkit.LoggregatorEndpoint;
import io.loggregator.nozzle.testkit.ScriptedStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that cut, refuse and lie, and what a nozzle makes of it. */
class FaultsTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Received received = new Received();
    private LoggregatorEndpoint server = LoggregatorEndpoint.start();
    private ScriptedStream stream = server.firehose("nozzle");

    @TempDir
    private Path directory;

    @AfterEach
    void stop() {
        server.close();
        await().atMost(LIMIT)
                .until(() -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().startsWith("nozzle-")));
    }

    private void serve(LoggregatorEndpoint.Builder builder) {
        server.close();
        server = builder.start();
        stream = server.firehose("nozzle");
    }

    private Nozzle.Builder builder(BatchHandler handler) {
        return Nozzle.builder()
                .endpoint(server.uri())
                .firehose("nozzle")
                .backOff(new BackOff(Duration.ofMillis(1), Duration.ofMillis(50)))
                .handler(handler);
    }

    private Nozzle started() {
        return started(builder(received));
    }

    private static Nozzle started(Nozzle.Builder builder) {
        Nozzle nozzle = builder.build();
        nozzle.start();
        return nozzle;
    }

    private static Throwable end(Nozzle nozzle) throws Exception {
        Throwable problem =
                catchThrowable(() -> nozzle.ended().toCompletableFuture().get(20, TimeUnit.SECONDS));
        assertThat(nozzle.health().state()).isEqualTo(State.FAILED);
        return problem.getCause();
    }

    @Test
    void whatIsHandledIsAcknowledgedAndItsRoomGivenBack() {
        try (Nozzle nozzle = started()) {
            stream.send(Platform.log("app", "one"), Platform.log("app", "two"));
            stream.awaitAcknowledged(2);
            ClientConnection connection = stream.awaitConnection(1);
            connection
                    .creditGiven()
                    .await(bytes -> bytes == (4 << 20) + nozzle.statistics().bytes());
            received.awaitLines("one", "two");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reset", "end", "1000", "1001", "1006", "1011", "4000", "none"})
    void aStreamThatEndsIsFollowedByAnother(String how) {
        try (Nozzle nozzle = started()) {
            ClientConnection first = stream.awaitConnection(1);
            stream.send(Platform.log("app", "one"));
            stream.awaitAcknowledged(1);
            switch (how) {
                case "reset" -> first.reset();
                case "end" -> first.end();
                case "none" -> first.closeWithoutCode();
                default -> first.close(Integer.parseInt(how), "because");
            }
            stream.awaitConnection(2);
            stream.send(Platform.log("app", "two"));
            received.awaitLines("one", "two");
            assertThat(nozzle.health().lastError()).containsInstanceOf(UnavailableException.class);
        }
    }

    @Test
    void whatWasNotFinishedWhenTheConnectionBrokeComesAgain() throws Exception {
        LinkedBlockingQueue<CompletableFuture<Void>> stages = new LinkedBlockingQueue<>();
        BatchHandler slow = batch -> {
            received.handle(batch);
            CompletableFuture<Void> stage = new CompletableFuture<>();
            stages.add(stage);
            return stage;
        };
        try (Nozzle nozzle = started(builder(slow))) {
            stream.send(Platform.log("app", "one"));
            CompletableFuture<Void> stage = stages.poll(20, TimeUnit.SECONDS);
            stream.awaitConnection(1).reset();
            await().atMost(LIMIT)
                    .until(() -> stream.connections().now().get(0).ended().now().isPresent());
            stage.complete(null);
            stages.poll(20, TimeUnit.SECONDS).complete(null);
            stream.awaitAcknowledged(1);
            assertThat(received.lines()).containsExactly("one", "one");
            assertThat(nozzle.statistics().failures()).isEqualTo(1);
        }
    }

    @Test
    void gapsAreToldWhereTheyAre() {
        Instant first = Instant.ofEpochMilli(1000);
        Instant last = Instant.ofEpochMilli(2000);
        try (Nozzle nozzle = started()) {
            stream.send(Platform.log("app", "one"))
                    .gap(7, first, last, "lapped")
                    .send(Platform.log("app", "two"));
            stream.awaitAcknowledged(2);
            assertThat(received.gaps())
                    .containsExactly(new Gap(OptionalLong.of(7), Optional.of(first), Optional.of(last), "lapped"));
            assertThat(nozzle.statistics().lost()).isEqualTo(7);
        }
    }

    @Test
    void aServerThatIsSilentIsLeft() {
        try (Nozzle nozzle = started(builder(received).keepAlive(Duration.ofMillis(300)))) {
            // Pings are answered by a server that reads.
            ClientConnection first = stream.awaitConnection(1);
            first.pings().await(pings -> pings >= 4);
            assertThat(first.ended().now()).isEmpty();
            first.stopReading();
            stream.awaitConnection(2);
            assertThat(nozzle.health().lastError().orElseThrow())
                    .isInstanceOf(UnavailableException.class)
                    .hasMessageStartingWith("nothing came for 300 ms");
        }
    }

    private void violates(Consumer<ClientConnection> lie, String told) throws Exception {
        Nozzle nozzle = started();
        for (int i = 1; i <= 5; i++) {
            ClientConnection connection = stream.awaitConnection(i);
            connection.awaitStart();
            lie.accept(connection);
        }
        assertThat(end(nozzle)).isInstanceOf(ProtocolException.class).hasMessageContaining(told);
        assertThat(stream.connections().now()).hasSize(5);
    }

    @Test
    void aTextMessageIsNoMessage() throws Exception {
        violates(connection -> connection.text("hello"), "a text message");
    }

    @Test
    void invalidProtobufIsNoMessage() throws Exception {
        violates(connection -> connection.message(new byte[] {5, 1, 2}), "none of loggregator.stream.v2");
    }

    @Test
    void garbageIsNoFrame() throws Exception {
        violates(connection -> connection.garbage(new byte[] {(byte) 0xFF, 1, 2, 3}), "reserved bits");
    }

    @Test
    void aMessageBeyondAllLimitsIsNotWaitedFor() throws Exception {
        violates(connection -> connection.announce(Long.MAX_VALUE), "a message of more than 16777216 bytes");
    }

    @Test
    void aContinuationOfNothingIsRefused() throws Exception {
        violates(connection -> connection.frame(true, 0, new byte[] {1}), "out of turn");
    }

    @Test
    void aBatchOfBrokenEnvelopesIsNeverHandedOut() throws Exception {
        Nozzle nozzle = started();
        stream.sendBytes(new byte[] {0x0A, 2, 0x12, 9});
        assertThat(end(nozzle)).isInstanceOf(ProtocolException.class).hasMessageContaining("a batch that is none");
        assertThat(received.envelopes()).isEmpty();
    }

    @Test
    void fragmentsAreJoined() {
        try (Nozzle nozzle = started()) {
            stream.awaitConnection(1).fragment(3);
            stream.send(Platform.log("app", "a line in many pieces"));
            received.awaitLines("a line in many pieces");
            assertThat(nozzle.statistics().failures()).isZero();
        }
    }

    @Test
    void aRefusedTokenIsFollowedByAnother() {
        server.accept("fresh");
        Rotating tokens = new Rotating("stale", "fresh");
        try (Nozzle nozzle = started(builder(received).token(tokens))) {
            stream.send(Platform.log("app", "one"));
            received.awaitLines("one");
            assertThat(server.tokens().now()).containsExactly("stale", "fresh");
            assertThat(nozzle.health().isUp()).isTrue();
        }
    }

    @Test
    void aTokenThatWasRefusedIsNotTriedAgain() throws Exception {
        server.accept("other");
        Nozzle nozzle = started(builder(received).token(() -> CompletableFuture.completedFuture("stale")));
        assertThat(end(nozzle)).isInstanceOf(UnauthorizedException.class).hasMessageContaining("no other");
        assertThat(server.tokens().now()).containsExactly("stale");
    }

    @Test
    void refusalsWithoutEndEndTheNozzle() throws Exception {
        server.answers(stream.path()).always(Answer.status(401, "You are not authorized. no"));
        Nozzle nozzle = started(builder(received).token(new Rotating("a", "b", "c", "d", "e")));
        assertThat(end(nozzle))
                .isInstanceOf(UnauthorizedException.class)
                .hasMessageContaining("You are not authorized. no");
        assertThat(server.requests().now()).hasSize(3);
    }

    @Test
    void redirectsAreNotFollowed() throws Exception {
        server.answers(stream.path()).always(Answer.redirect(stream.path()));
        assertThat(end(started())).isInstanceOf(RefusedException.class).hasMessageContaining("is redirected to");
        assertThat(server.requests().now()).hasSize(1);
    }

    @Test
    void whatIsNotThereIsAskedForOnce() throws Exception {
        server.answers(stream.path()).always(Answer.status(404, "404 page not found"));
        assertThat(end(started())).isInstanceOfSatisfying(RefusedException.class, refused -> {
            assertThat(refused.status()).isEqualTo(404);
            assertThat(refused).hasMessageContaining("404 page not found");
        });
        assertThat(server.requests().now()).hasSize(1);
    }

    @Test
    void aServerThatIsBusyIsAskedAgain() {
        server.answers(stream.path()).next(3, Answer.status(503)).next(1, Answer.reset());
        try (Nozzle nozzle = started()) {
            stream.send(Platform.log("app", "one"));
            received.awaitLines("one");
            assertThat(nozzle.statistics().failures()).isEqualTo(4);
        }
    }

    @Test
    void anAnswerThatIsNoWebSocketIsAnError() throws Exception {
        server.answers(stream.path()).always(Answer.forgedHandshake());
        assertThat(end(started())).isInstanceOf(ProtocolException.class);
    }

    @Test
    void aSubprotocolThatWasNotOfferedIsAnError() throws Exception {
        server.answers(stream.path()).always(Answer.subprotocol("else"));
        assertThat(end(started())).isInstanceOf(ProtocolException.class).hasMessageContaining("not offered: else");
    }

    @Test
    void tlsTrustsTheAuthorityThatIsGiven() throws Exception {
        serve(LoggregatorEndpoint.builder().tls().requireClientCertificate());
        Path authority = Files.writeString(directory.resolve("ca.pem"), server.authorityPem());
        Path certificate = Files.writeString(directory.resolve("client.pem"), server.clientCertificatePem());
        Path key = Files.writeString(directory.resolve("client.key"), server.clientKeyPem());
        TlsOptions tls = TlsOptions.trusting(authority).withClientCertificate(certificate, key);
        try (Nozzle nozzle = started(builder(received).tls(tls))) {
            stream.send(Platform.log("app", "one"));
            received.awaitLines("one");
            assertThat(nozzle.health().isUp()).isTrue();
        }
        assertThat(end(started(builder(received)))).isInstanceOf(TlsException.class);
    }

    @Test
    void aCertificateOfAnotherNameIsNotTrusted() throws Exception {
        serve(LoggregatorEndpoint.builder().tlsFor("elsewhere.example"));
        Path authority = Files.writeString(directory.resolve("ca.pem"), server.authorityPem());
        Nozzle nozzle = started(builder(received).tls(TlsOptions.trusting(authority)));
        assertThat(end(nozzle)).isInstanceOf(TlsException.class).hasMessageContaining("host name");
        try (Nozzle careless = started(builder(received).tls(TlsOptions.insecurelyTrustEverything()))) {
            stream.send(Platform.log("app", "one"));
            received.awaitLines("one");
            assertThat(careless.health().isUp()).isTrue();
        }
    }

    @Test
    void aServerOfTheFirstProtocolIsReadTheSameWay() {
        serve(LoggregatorEndpoint.builder().v1Only());
        try (Nozzle nozzle = started(builder(received).selectors(Selector.logs(), Selector.counter("requests")))) {
            stream.send(Platform.log("app", "one"), Platform.counter("router", "requests", 5));
            stream.gap(7)
                    .gap(0, null, null, "doppler_lost")
                    .send(Platform.counter("router", "other", 1), Platform.log("app", "two"));
            received.awaitLines("one", "two");
            assertThat(received.envelopes()).hasSize(3);
            assertThat(received.envelopes().get(1)).isInstanceOfSatisfying(Counter.class, counter -> {
                assertThat(counter.name()).isEqualTo("requests");
                assertThat(counter.delta()).isEqualTo(5);
            });
            // Told twice by the server, by a line and by a counter.
            assertThat(received.gaps())
                    .containsExactly(
                            new Gap(OptionalLong.of(7), Optional.empty(), Optional.empty(), "slow"),
                            new Gap(OptionalLong.empty(), Optional.empty(), Optional.empty(), "doppler_lost"));
            stream.awaitConnection(1).message(new byte[] {1, 2, 3});
            stream.send(Platform.log("app", "three"));
            received.awaitLines("one", "two", "three");
            assertThat(nozzle.statistics().malformed()).isEqualTo(1);
            assertThat(nozzle.statistics().lost()).isEqualTo(7);
        }
    }

    @Test
    void aSlowHandlerHoldsBackReadingOfTheFirstProtocol() {
        serve(LoggregatorEndpoint.builder().v1Only());
        CompletableFuture<Void> stage = new CompletableFuture<>();
        int buffer = 64 << 10;
        try (Nozzle nozzle = started(builder(batch -> {
                    received.handle(batch);
                    return stage;
                })
                .buffer(buffer))) {
            String line = "x".repeat(10_000);
            for (int i = 0; i < 2_000; i++) {
                stream.send(Platform.log("app", line));
            }
            await().atMost(LIMIT).until(() -> nozzle.statistics().bufferedBytes() >= buffer);
            stream.sent().await(sent -> sent == 2_000);
            // The rest is in the sockets and at the server, whose Pings nobody reads.
            long pongs = stream.awaitConnection(1).pongs().now();
            assertThat(pongs).isLessThan(1_000);
            assertThat(nozzle.statistics().bufferedBytes()).isLessThan(2L * buffer);
            stage.complete(null);
            await().atMost(LIMIT).until(() -> received.envelopes().size() == 2_000);
            assertThat(nozzle.statistics().failures()).isZero();
        }
    }

    private static final class Rotating implements TokenSupplier {
        private final List<String> tokens;
        private int rejected;

        Rotating(String... tokens) {
            this.tokens = List.of(tokens);
        }

        @Override
        public synchronized CompletionStage<String> token() {
            return CompletableFuture.completedFuture(tokens.get(rejected));
        }

        @Override
        public synchronized void rejected(String token) {
            rejected++;
        }
    }
}
