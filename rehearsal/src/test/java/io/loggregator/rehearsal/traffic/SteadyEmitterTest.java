package io.loggregator.rehearsal.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.loggregator.benchmarks.reader.Checker;
import io.loggregator.benchmarks.reader.Outcome;
import io.loggregator.rehearsal.nodes.Await;
import io.loggregator.rpc.RawMethods;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Against a server that takes everything, and sees what it is. */
@Timeout(60)
class SteadyEmitterTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int SOURCES = 3;

    private final Checker checker = new Checker(new Histogram(Long.MAX_VALUE / 2, 1)); // guarded by this
    private Server server;
    private SteadyEmitter emitter;
    private ServerCall<byte[], byte[]> call; // guarded by this

    @BeforeEach
    void start() throws IOException {
        server = listen(0);
        int port = server.getPort();
        emitter = new SteadyEmitter(
                () -> NettyChannelBuilder.forAddress("127.0.0.1", port)
                        .usePlaintext()
                        .build(),
                new int[] {0, 2},
                SOURCES,
                2_000);
    }

    private Server listen(int port) throws IOException {
        return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .addService(ServerServiceDefinition.builder("loggregator.v2.Ingress")
                        .addMethod(RawMethods.batchSender(), this::take)
                        .build())
                .build()
                .start();
    }

    @AfterEach
    void stop() {
        emitter.close();
        server.shutdownNow();
    }

    private ServerCall.Listener<byte[]> take(ServerCall<byte[], byte[]> newCall, Metadata headers) {
        synchronized (this) {
            call = newCall;
        }
        newCall.request(1);
        return new ServerCall.Listener<>() {
            @Override
            public void onMessage(byte[] batch) {
                synchronized (SteadyEmitterTest.this) {
                    checker.v2(batch, 0, batch.length, System.nanoTime());
                }
                newCall.request(1);
            }
        };
    }

    private void begin(int phase) {
        synchronized (this) {
            checker.begin(phase, SOURCES);
        }
        emitter.begin(phase);
    }

    private synchronized Outcome outcome() {
        return checker.outcome(emitter.sent(), -1);
    }

    private long sent() {
        return Arrays.stream(emitter.sent()).sum();
    }

    @Test
    void numbersWhatItSendsOfEachOfItsSources() throws Exception {
        begin(1);
        Await.until(LIMIT, "something is sent", () -> sent() >= 400);
        emitter.pause();
        Await.until(LIMIT, "all of it arrives", () -> outcome().lost() == 0);

        long[] sent = emitter.sent();
        assertThat(sent[0]).isEqualTo(sent[2]).isPositive();
        assertThat(sent[1]).as("another emitter's").isZero();
        assertThat(outcome()).isEqualTo(new Outcome(sent(), sent(), 0, 0, 0, 0, 0));
        assertThat(emitter.overPresentStream()).isEqualTo(sent());
    }

    @Test
    void aPhaseBeginsWithNumbersOfItsOwn() throws Exception {
        begin(1);
        Await.until(LIMIT, "something is sent", () -> sent() > 0);
        emitter.pause();
        long before = sent();
        begin(2);
        Await.until(LIMIT, "something is sent", () -> sent() > 0);
        emitter.pause();
        Await.until(LIMIT, "all of it arrives", () -> outcome().lost() == 0);

        assertThat(outcome().duplicates()).isZero();
        assertThat(emitter.overPresentStream()).isEqualTo(before + sent());
    }

    @Test
    void goesOnOverAnotherStreamAndKnowsWhatTheFirstOneWasHanded() throws Exception {
        begin(1);
        Await.until(LIMIT, "something arrives", () -> outcome().received() > 0);
        synchronized (this) {
            call.close(Status.UNAVAILABLE, new Metadata());
        }
        Await.until(
                LIMIT,
                "another stream takes something",
                () -> emitter.streams() == 2 && emitter.overPresentStream() > 0);
        emitter.pause();

        long before = Arrays.stream(emitter.sentBeforePresentStream()).sum();
        assertThat(before).isPositive();
        assertThat(before + emitter.overPresentStream()).isEqualTo(sent());
        Await.until(
                LIMIT,
                "what the second stream was handed arrives",
                () -> outcome().received() >= emitter.overPresentStream());
        assertThat(outcome().outOfOrder()).isZero();
    }

    @Test
    void comesBackToAServerThatWasAway() throws Exception {
        begin(1);
        Await.until(LIMIT, "something is sent", () -> sent() > 0);
        int port = server.getPort();
        server.shutdownNow().awaitTermination();
        server = listen(port);

        Await.until(LIMIT, "the server has a stream again", () -> emitter.streams() == 2);
    }
}
