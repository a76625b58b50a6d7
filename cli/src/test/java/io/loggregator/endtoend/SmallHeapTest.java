package io.loggregator.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.NetClient;
import java.net.http.HttpClient;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.cloudfoundry.loggregator.v2.EgressGrpc;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EgressBatchRequest;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.LogSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.Selector;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A Doppler with 256 MiB of heap, what the launcher gives it, and as much beside it, under the worst that its peers can do at
 * once: it goes on, whoever behaves is served, and memory never runs out.
 */
@Tag("system")
@Timeout(180)
class SmallHeapTest {
    private static final int PEERS = 100;
    private static final int UNFINISHED = 9 << 20;
    /** Streams of agents that vanish amid a message of a usual size. */
    private static final int VANISHED = 900;

    private static final int USUAL = 200 << 10;
    private static final int FRAMES = 1_000;
    private static final int FRAME = 128 << 10;
    private static final int READERS = 100;
    private static final int AGENTS = 4;
    private static final int BATCHES = 400;
    private static final int BATCH = 100;
    private static final String PADDING = "x".repeat(1_500);

    private final Vertx vertx = Vertx.vertx();
    private final NetClient frames = vertx.createNetClient();
    private final HttpClient http = HttpClient.newHttpClient();
    private final List<ManagedChannel> channels = new ArrayList<>();
    /** Held, as Vert.x closes the connections of clients that nobody holds. */
    private final List<HttpClientAgent> clients = new ArrayList<>();

    @AfterEach
    void disconnect() throws Exception {
        channels.forEach(ManagedChannel::shutdownNow);
        vertx.close().await(30, TimeUnit.SECONDS);
    }

    @Test
    void aDopplerIsNotBroughtDownByPeersThatTakeAllTheMemoryTheyCan() throws Exception {
        try (ServerProcess doppler = ServerProcess.start(
                "doppler",
                Map.of(
                        "LOGGREGATOR_INSECURE", "true",
                        "DOPPLER_HOST", "127.0.0.1",
                        "ROUTER_PORT", "0",
                        "DOPPLER_TCP_PORT", "0",
                        "DOPPLER_LINK_PORT", "0",
                        "DOPPLER_HEALTH_PORT", "0",
                        "ROUTER_METRIC_BATCH_INTERVAL_MILLISECONDS", "0"))) {
            attack(doppler);
            assertThat(doppler.get(http, "/health").statusCode()).isEqualTo(200);
            assertThat(doppler.said()).doesNotContain("OutOfMemory", "OutOfDirectMemory");
        }
    }

    /** What goes wrong is told with what the Doppler said. */
    private void attack(ServerProcess doppler) {
        try {
            takeAllTheMemory(doppler);
        } catch (Exception | AssertionError wrong) {
            throw new AssertionError("the Doppler said:\n" + doppler.said(), wrong);
        }
    }

    private void takeAllTheMemory(ServerProcess doppler) throws Exception {
        int port = doppler.boundPort("grpc");
        for (int i = 0; i < READERS; i++) {
            readNothing(port);
        }
        for (int i = 0; i < FRAMES; i++) {
            sendFrameInPart(doppler.boundPort("tcp"));
        }
        AtomicInteger refused = new AtomicInteger();
        for (int i = 0; i < PEERS; i++) {
            sendInPart(client(port), UNFINISHED, refused);
        }
        AtomicInteger vanished = new AtomicInteger();
        HttpClientAgent agents = client(port);
        for (int i = 0; i < VANISHED; i++) {
            sendInPart(agents, USUAL, vanished);
        }
        for (int i = 0; i < AGENTS; i++) {
            flood(port, i);
        }
        await().atMost(60, TimeUnit.SECONDS).until(() -> refused.get() >= PEERS - (64 << 20) / UNFINISHED);
        await().atMost(60, TimeUnit.SECONDS).until(() -> vanished.get() >= VANISHED - (64 << 20) / USUAL);

        try (Agent agent = new Agent(port, null)) {
            agent.send(Envelopes.lines("bystander", 0, BATCH));
            agent.finish();
        }
        Samples samples = new Samples(List.of(doppler.metrics(http)));
        assertThat(samples.sum("ingress_total", Map.of())).isEqualTo((long) AGENTS * BATCHES * BATCH + BATCH);
    }

    private HttpClientAgent client(int port) {
        HttpClientAgent client = vertx.createHttpClient(new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false)
                .setDefaultHost("127.0.0.1")
                .setDefaultPort(port));
        clients.add(client);
        return client;
    }

    /** Sends all of a frame but its last byte. */
    private void sendFrameInPart(int port) throws Exception {
        byte[] frame = new byte[FRAME + 3];
        ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN).putInt(FRAME);
        frames.connect(port, "127.0.0.1").await(30, TimeUnit.SECONDS).write(Buffer.buffer(frame));
    }

    /** Opens a stream and sends all of a message but its last byte. */
    private static void sendInPart(HttpClientAgent client, int message, AtomicInteger refused) throws Exception {
        HttpClientRequest request = client.request(HttpMethod.POST, "/loggregator.v2.Ingress/BatchSender")
                .await(30, TimeUnit.SECONDS);
        request.putHeader("content-type", "application/grpc")
                .putHeader("te", "trailers")
                .setChunked(true);
        request.exceptionHandler(failure -> {});
        request.response().onComplete(answer -> refused.incrementAndGet());
        request.write(Buffer.buffer().appendByte((byte) 0).appendInt(message).appendBytes(new byte[message - 1]));
    }

    private ManagedChannel channel(int port) {
        ManagedChannel channel =
                NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
        channels.add(channel);
        return channel;
    }

    private void readNothing(int port) {
        EgressBatchRequest all = EgressBatchRequest.newBuilder()
                .addSelectors(Selector.newBuilder().setLog(LogSelector.getDefaultInstance()))
                .build();
        EgressGrpc.newStub(channel(port))
                .batchedReceiver(all, new ClientResponseObserver<EgressBatchRequest, EnvelopeBatch>() {
                    @Override
                    public void beforeStart(ClientCallStreamObserver<EgressBatchRequest> stream) {
                        stream.disableAutoRequestWithInitial(0);
                    }

                    @Override
                    public void onNext(EnvelopeBatch none) {}

                    @Override
                    public void onError(Throwable failure) {}

                    @Override
                    public void onCompleted() {}
                });
    }

    /** Long lines of many apps, so that the log and the recent past are full. */
    private static void flood(int port, int number) {
        try (Agent agent = new Agent(port, null)) {
            for (int i = 0; i < BATCHES; i++) {
                List<Envelope> batch = new ArrayList<>();
                for (int line = 0; line < BATCH; line++) {
                    batch.add(Envelopes.log("app-" + number + "-" + (i * BATCH + line), PADDING));
                }
                agent.send(batch);
            }
            agent.finish();
        }
    }
}
