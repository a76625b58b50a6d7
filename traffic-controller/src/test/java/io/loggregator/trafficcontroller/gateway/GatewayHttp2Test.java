package io.loggregator.trafficcontroller.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.loggregator.node.http2.Http2Limit;
import io.loggregator.trafficcontroller.gateway.FakeReadings.Fed;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The gateway port with TLS, read over HTTP/2: by the JDK's client, and by one that keeps to no limit. */
@Timeout(120)
class GatewayHttp2Test {
    private static final int LARGEST_HEADERS = 80 << 10;
    private static final int STREAMS = 100;
    private static final int RESETS = 1_000;

    @TempDir
    private Path directory;

    private SSLContext trust;

    private Gateway gateway;
    private HttpClient client;

    @BeforeEach
    void serve() throws Exception {
        GatewayCertificate certificate = new GatewayCertificate(directory);
        HttpServerOptions tls = new HttpServerOptions()
                .setSsl(true)
                .setUseAlpn(true)
                .setKeyCertOptions(new PemKeyCertOptions()
                        .addCertPath(certificate.files().certificate().toString())
                        .addKeyPath(certificate.files().key().toString()));
        gateway = new Gateway(Gateway.CALM, 1_000, Duration.ZERO, tls);
        trust = certificate.trust();
        client = certificate.http2();
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
    }

    @Test
    void aStreamIsReadOverHttp2() throws Exception {
        HttpResponse<InputStream> response = get("?log");
        assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type")).hasValue("text/event-stream");
        assertThat(response.headers().firstValue("connection")).isEmpty();
        Fed fed = gateway.readings.next();
        BufferedReader lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
        fed.turn(now -> now.take("{\"timestamp\":\"1\"},", 1, 0));
        assertThat(lines.readLine()).isEqualTo("id: at-1");
        assertThat(lines.readLine()).isEqualTo("data: {\"batch\":[{\"timestamp\":\"1\"}]}");
        assertThat(lines.readLine()).isEmpty();
        assertThat(fed.confirmed.poll(20, TimeUnit.SECONDS)).isEqualTo(1);
        fed.turn(now -> now.reader.stopping());
        assertThat(lines.readLine()).isNull();
    }

    @Test
    void refusalsAreTheSameOverHttp2() throws Exception {
        HttpResponse<InputStream> response = get("?nothing");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(new String(response.body().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("{\"message\":\"query must provide at least one envelope type\","
                        + "\"error\":\"missing_envelope_type\"}\n\n");
    }

    @Test
    void aStreamThatNobodyReadsIsBoundedAndCutOffAndLeavesTheOthersOfItsConnection() throws Exception {
        HttpResponse<InputStream> unread = get("?log");
        Fed first = gateway.readings.next();
        HttpResponse<InputStream> read = get("?counter");
        Fed second = gateway.readings.next();
        ByteBuf shared = PooledByteBufAllocator.DEFAULT.directBuffer();
        shared.writeBytes(("{\"source_id\":\"" + "x".repeat(50_000) + "\"},").getBytes(StandardCharsets.UTF_8));
        await().until(() -> {
            first.turn(now -> {
                while (now.reader.writable()) {
                    now.take(shared.retainedDuplicate(), 1, 0);
                }
            });
            return first.reader.waitingBytes() >= SseStream.MOST_WAITING;
        });
        first.turn(now -> now.reader.tooSlow(now.pace()));
        await().until(() -> gateway.counters.streams() == 1);
        await().until(() -> shared.refCnt() == 1);
        shared.release();
        second.turn(now -> now.take("{\"timestamp\":\"1\"},", 1, 0));
        BufferedReader lines = new BufferedReader(new InputStreamReader(read.body(), StandardCharsets.UTF_8));
        assertThat(lines.readLine()).isEqualTo("id: at-1");
        unread.body().close();
        read.body().close();
        second.closed.get(20, TimeUnit.SECONDS);
    }

    @Test
    void headersThatAreTooLargeAreRefusedAndNoOtherRequestOfTheConnection() throws Exception {
        try (BareHttp2 bare = bare()) {
            bare.get(1, "/v2/read?nothing", LARGEST_HEADERS)
                    .get(3, "/v2/read?nothing", LARGEST_HEADERS - 1_000)
                    .send();
            assertThat(List.of(bare.answer(), bare.answer(), bare.answer()))
                    .containsExactly("1 431", "1 reset PROTOCOL_ERROR", "3 400");
            assertThat(gateway.http2Limits.poll(20, TimeUnit.SECONDS)).isEqualTo(Http2Limit.HEADERS);
            assertThat(gateway.refused.poll(20, TimeUnit.SECONDS)).isEqualTo("header_too_large");
            assertThat(gateway.refused.poll(20, TimeUnit.SECONDS)).isEqualTo("bad_query");
        }
    }

    @Test
    void aStreamTooManyOnAConnectionIsRefusedAndTheOthersGoOn() throws Exception {
        try (BareHttp2 bare = bare()) {
            for (int i = 0; i < STREAMS; i++) {
                bare.get(2 * i + 1, "/v2/read?log&shard_id=" + i, 0);
            }
            bare.send();
            List<Fed> fed = new ArrayList<>();
            for (int i = 0; i < STREAMS; i++) {
                assertThat(bare.answer()).endsWith(" 200");
                fed.add(gateway.readings.next());
            }
            assertThat(gateway.http2Limits.poll(20, TimeUnit.SECONDS)).isEqualTo(Http2Limit.STREAMS);
            bare.get(2 * STREAMS + 1, "/v2/read?log", 0).send();
            assertThat(bare.answer()).isEqualTo(2 * STREAMS + 1 + " reset REFUSED_STREAM");
            fed.get(0).turn(now -> now.reader.stopping());
            bare.get(2 * STREAMS + 3, "/v2/read?nothing", 0).send();
            assertThat(bare.answer()).isEqualTo(2 * STREAMS + 3 + " 400");
        }
    }

    @Test
    void whoGivesUpStreamsWithoutEndIsCutAndNobodyElse() throws Exception {
        HttpResponse<InputStream> other = get("?log");
        Fed fed = gateway.readings.next();
        try (BareHttp2 bare = bare()) {
            for (int i = 0; i <= RESETS; i++) {
                bare.get(2 * i + 1, "/v2/read?nothing", 0).reset(2 * i + 1);
            }
            bare.send();
            String answer = bare.answer();
            while (!answer.startsWith("goaway")) {
                answer = bare.answer();
            }
            assertThat(answer).startsWith("goaway ENHANCE_YOUR_CALM");
        }
        await().until(() -> gateway.http2Limits.contains(Http2Limit.FLOOD));
        fed.turn(now -> now.take("{\"timestamp\":\"1\"},", 1, 0));
        BufferedReader lines = new BufferedReader(new InputStreamReader(other.body(), StandardCharsets.UTF_8));
        assertThat(lines.readLine()).isEqualTo("id: at-1");
        other.body().close();
    }

    private BareHttp2 bare() throws Exception {
        return new BareHttp2(trust, gateway.verticle.port());
    }

    private HttpResponse<InputStream> get(String query) throws Exception {
        URI uri = URI.create("https://localhost:" + gateway.verticle.port() + "/v2/read" + query);
        return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofInputStream());
    }
}
