package io.loggregator.doppler;

import static io.loggregator.doppler.RunningDoppler.await;
import static io.loggregator.doppler.RunningDoppler.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.cloudfoundry.loggregator.v2.LoggregatorIngress.BatchSenderResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Peers that send large messages and do not finish them: they cost no more than one budget, and nobody else anything. */
class PartialMessagesTest {
    private static final int LARGE = 9 << 20;
    private static final int PEERS = 12;
    private static final int BUDGET = 32 << 20;

    private final RunningDoppler doppler = RunningDoppler.plain(2, "INGRESS_PARTIAL_BYTES", "32MiB");
    private final Vertx vertx = Vertx.vertx();
    /** Held, as Vert.x closes the connections of clients that nobody holds. */
    private final List<HttpClientAgent> clients = new ArrayList<>();

    private final AtomicInteger ended = new AtomicInteger();
    private final AtomicInteger written = new AtomicInteger();

    @AfterEach
    void stop() {
        await(vertx.close());
        doppler.close();
    }

    /** Opens a stream on a connection of its own and sends all of a message but its last byte. */
    private void sendInPart(String method, int length) {
        HttpClientAgent client = vertx.createHttpClient(new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false)
                .setDefaultHost("127.0.0.1")
                .setDefaultPort(doppler.ingressPort()));
        clients.add(client);
        HttpClientRequest request = await(client.request(HttpMethod.POST, method));
        request.putHeader("content-type", "application/grpc")
                .putHeader("te", "trailers")
                .setChunked(true);
        request.exceptionHandler(failure -> {});
        request.response().onComplete(answer -> ended.incrementAndGet());
        Buffer frame = Buffer.buffer().appendByte((byte) 0).appendInt(length).appendBytes(new byte[length - 1]);
        request.write(frame).onComplete(done -> written.incrementAndGet());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/loggregator.v2.Ingress/BatchSender",
                "/loggregator.v2.Egress/BatchedReceiver",
                "/plumbing.Doppler/Subscribe",
                "/plumbing.Doppler/RecentLogs"
            })
    void theLargestEndWhenAllTogetherTakeTooMuchAndOtherAgentsGoOn(String method) {
        try (Emitter emitter = Emitter.plain(doppler);
                LinkClient link = LinkClient.open(doppler)) {
            link.join(1, "firehose");
            Upload<EnvelopeBatch, BatchSenderResponse> bystander = emitter.batchSender();
            bystander.send(Envelopes.batch(Envelopes.log("app", 0)));
            for (int i = 0; i < PEERS; i++) {
                sendInPart(method, LARGE);
            }
            int fit = BUDGET / LARGE;
            eventually(() -> assertThat(ended.get()).isEqualTo(PEERS - fit));
            assertThat(doppler.metric("ingress_refused_total", "code=\"RESOURCE_EXHAUSTED\""))
                    .isEqualTo(PEERS - fit);

            List<Integer> numbers = new ArrayList<>(List.of(0));
            for (int i = 1; i < 100; i++) {
                bystander.send(Envelopes.batch(Envelopes.log("app", i)));
                numbers.add(i);
            }
            assertThat(bystander.complete()).returns(Status.Code.OK, Status::getCode);
            eventually(() -> assertThat(Envelopes.numbers(link.delivered(1))).isEqualTo(numbers));
        }
    }

    @Test
    void wholeMessagesTakeNothing() {
        try (Emitter emitter = Emitter.plain(doppler)) {
            Upload<EnvelopeBatch, BatchSenderResponse> upload = emitter.batchSender();
            int messages = 2 * BUDGET / LARGE;
            IntStream.range(0, messages).forEach(i -> upload.send(Envelopes.batch(Envelopes.log("app", i, LARGE))));
            assertThat(upload.complete()).returns(Status.Code.OK, Status::getCode);
            assertThat(doppler.metric("ingress_total")).isEqualTo(messages);
        }
    }
}
