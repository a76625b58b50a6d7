package io.loggregator.trafficcontroller.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.loggregator.trafficcontroller.gateway.FakeReadings.Fed;
import io.loggregator.trafficcontroller.gateway.GatewayOptions.Rhythm;
import io.loggregator.trafficcontroller.subscription.Form;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The bytes of streams, over sockets. */
@Timeout(120)
class SseStreamTest {
    private static final String ONE = "{\"timestamp\":\"1\"},";
    private static final String TWO = "{\"timestamp\":\"2\"},";
    private static final Duration NEVER = Duration.ZERO;
    private static final Duration SOON = Duration.ofMillis(20);
    private static final Duration LATE = Duration.ofHours(1);

    @Test
    void theStreamIsOpenBeforeThereIsData() throws Exception {
        try (Gateway gateway = new Gateway(Gateway.CALM);
                SseClient client = gateway.read("?log")) {
            assertThat(client.status).isEqualTo(200);
            assertThat(client.head)
                    .contains("content-type: text/event-stream", "cache-control: no-cache", "connection: keep-alive");
            Fed fed = gateway.readings.next();
            assertThat(fed.form).isEqualTo(Form.JSON);
            await().until(() -> gateway.counters.streams() == 1);
            client.raw.leave();
            fed.closed.get(20, TimeUnit.SECONDS);
            await().until(() -> gateway.counters.streams() == 0);
        }
    }

    @Test
    void whatComesInOneTurnIsOneEventAndIsConfirmedWhenWritten() throws Exception {
        try (Gateway gateway = new Gateway(Gateway.CALM);
                SseClient client = gateway.read("?log")) {
            Fed fed = gateway.readings.next();
            fed.turn(now -> {
                now.take(ONE, 1, 0);
                now.take(TWO + ONE, 2, 0);
            });
            assertThat(client.line()).isEqualTo("id: at-2");
            assertThat(client.line())
                    .isEqualTo("data: {\"batch\":[{\"timestamp\":\"1\"},{\"timestamp\":\"2\"},{\"timestamp\":\"1\"}]}");
            assertThat(client.line()).isEmpty();
            assertThat(fed.confirmed.poll(20, TimeUnit.SECONDS)).isEqualTo(2);
            fed.turn(now -> now.take(TWO, 1, 0));
            assertThat(client.line()).isEqualTo("id: at-3");
            assertThat(client.line()).isEqualTo("data: {\"batch\":[{\"timestamp\":\"2\"}]}");
            assertThat(gateway.counters.envelopes()).isEqualTo(4);
        }
    }

    @Test
    void whatAFilterHasEmptiedIsNoEventButConfirmed() throws Exception {
        try (Gateway gateway = new Gateway(new Rhythm(LATE, SOON, NEVER));
                SseClient client = gateway.read("?log&grep=x")) {
            Fed fed = gateway.readings.next();
            fed.turn(now -> now.take("", 0, 3));
            assertThat(fed.confirmed.poll(20, TimeUnit.SECONDS)).isEqualTo(1);
            assertThat(client.line()).isEqualTo(": held back 3 lines");
            fed.turn(now -> now.take(ONE, 1, 0));
            assertThat(client.line()).isEqualTo("id: at-2");
            assertThat(gateway.counters.heldBack()).isEqualTo(3);
        }
    }

    @Test
    @DisplayName(
            "compatibility 9: SSE heartbeats have exactly two extra lines, and comments do not confuse Go's parser")
    void goLoggregatorReadsTheStream() throws Exception {
        try (Gateway gateway = new Gateway(new Rhythm(SOON, SOON, NEVER));
                SseClient client = gateway.read("?log")) {
            Fed fed = gateway.readings.next();
            GoParser parser = new GoParser();
            int heartbeats = 0;
            int comments = 0;
            for (int i = 0; i < 20 || heartbeats == 0 || comments == 0; i++) {
                fed.turn(now -> now.take(ONE, 1, 1));
                String line = client.line();
                while (!line.startsWith("event: heartbeat")) {
                    comments += line.startsWith(":") ? 1 : 0;
                    parser.line(line);
                    line = client.line();
                }
                heartbeats++;
                parser.line(line);
                String seconds = client.line();
                assertThat(seconds).matches("data: [0-9]{10}");
                parser.line(seconds);
                String blank = client.line();
                assertThat(blank).isEmpty();
                parser.line(blank);
            }
            int read = parser.batches.size();
            assertThat(read).isPositive();
            assertThat(parser.batches).containsOnly("{\"batch\":[{\"timestamp\":\"1\"}]}");
            assertThat(parser.unknown).allMatch(line -> line.startsWith("id: at-") || line.startsWith(": held back "));
        }
    }

    @Test
    void aStreamLivesAsLongAsConfigured() throws Exception {
        try (Gateway gateway = new Gateway(new Rhythm(LATE, LATE, Duration.ofMillis(200)));
                SseClient client = gateway.read("?log")) {
            Fed fed = gateway.readings.next();
            assertThat(client.line()).isEqualTo("event: closing");
            assertThat(client.line()).isEqualTo("data: closing due to stream timeout");
            assertThat(client.line()).isEmpty();
            assertThat(client.line()).isNull();
            fed.closed.get(20, TimeUnit.SECONDS);
            assertThat(gateway.counters.expired()).isEqualTo(1);
        }
    }

    @Test
    void aStopEndsTheBodyAfterWhatHadCome() throws Exception {
        try (Gateway gateway = new Gateway(Gateway.CALM);
                SseClient client = gateway.read("?log")) {
            Fed fed = gateway.readings.next();
            fed.turn(now -> {
                now.take(ONE, 1, 0);
                now.reader.stopping();
            });
            assertThat(client.line()).isEqualTo("id: at-1");
            assertThat(client.line()).startsWith("data: ");
            assertThat(client.line()).isEmpty();
            assertThat(client.line()).isNull();
            await().until(() -> gateway.counters.streams() == 0);
            assertThat(fed.closed).isNotDone();
            assertThat(fed.confirmed).isEmpty();
        }
    }

    @Test
    void aClientThatReadsNothingIsBoundedAndCutOff() throws Exception {
        try (Gateway gateway = new Gateway(Gateway.CALM);
                SseClient client = gateway.read("?log")) {
            assertThat(client.status).isEqualTo(200);
            Fed fed = gateway.readings.next();
            ByteBuf shared = PooledByteBufAllocator.DEFAULT.directBuffer();
            String object = "{\"source_id\":\"" + "x".repeat(1_000) + "\"},";
            for (int i = 0; i < 60; i++) {
                shared.writeBytes(object.getBytes(StandardCharsets.UTF_8));
            }
            await().until(() -> {
                fed.turn(now -> {
                    while (now.reader.writable()) {
                        now.take(shared.retainedDuplicate(), 60, 0);
                    }
                });
                return fed.reader.waitingBytes() >= SseStream.MOST_WAITING;
            });
            assertThat(fed.reader.waitingBytes()).isLessThan(SseStream.MOST_WAITING + 100_000);
            fed.turn(now -> now.reader.tooSlow(now.pace()));
            await().until(() -> gateway.counters.streams() == 0);
            // Whatever was on its way is given back.
            await().until(() -> shared.refCnt() == 1);
            shared.release();
        }
    }

    @Test
    void aClientThatIsTooSlowFindsTheReasonBehindWhatWaited() throws Exception {
        try (Gateway gateway = new Gateway(Gateway.CALM);
                SseClient client = gateway.read("?log")) {
            Fed fed = gateway.readings.next();
            String object = "{\"source_id\":\"" + "x".repeat(100_000) + "\"},";
            await().until(() -> {
                fed.turn(now -> {
                    while (now.reader.writable()) {
                        now.take(object, 1, 0);
                    }
                });
                return fed.reader.waitingBytes() >= SseStream.MOST_WAITING;
            });
            fed.turn(now -> now.reader.tooSlow(now.pace()));
            String last = null;
            for (String line = client.line(); line != null; line = client.line()) {
                last = line;
            }
            assertThat(last).isEqualTo(": too slow: took 120 of 5300 envelopes/s");
        }
    }

    @Test
    void aClientThatReadsAgainHasRoomAgain() throws Exception {
        try (Gateway gateway = new Gateway(Gateway.CALM);
                SseClient client = gateway.read("?log")) {
            Fed fed = gateway.readings.next();
            String object = "{\"source_id\":\"" + "x".repeat(100_000) + "\"},";
            long[] written = {0};
            await().until(() -> {
                fed.turn(now -> {
                    while (now.reader.writable()) {
                        now.take(object, 1, 0);
                        written[0]++;
                    }
                });
                return fed.reader.waitingBytes() >= SseStream.MOST_WAITING;
            });
            long read = 0;
            while (read < written[0]) {
                String line = client.line();
                if (line.startsWith("data: ")) {
                    read += new JsonObject(line.substring("data: ".length()))
                            .getJsonArray("batch")
                            .size();
                }
            }
            assertThat(fed.rooms.poll(20, TimeUnit.SECONDS)).isEqualTo("room");
            await().until(() -> fed.reader.waitingBytes() == 0);
        }
    }

    @Test
    void aLossIsTold() throws Exception {
        try (Gateway gateway = new Gateway(Gateway.CALM);
                SseClient client = gateway.read("?log&counter&source_id=app")) {
            gateway.readings.next().turn(now -> now.lose(7));
            assertThat(client.line()).isEqualTo("id: at-1");
            JsonObject batch = new JsonObject(client.line().substring("data: ".length()));
            JsonObject line = batch.getJsonArray("batch").getJsonObject(0);
            assertThat(line.getString("source_id")).isEqualTo("app");
            assertThat(line.getJsonObject("log").getString("type")).isEqualTo("ERR");
            assertThat(new String(line.getJsonObject("log").getBinary("payload"), StandardCharsets.UTF_8))
                    .contains("7 messages dropped");
            JsonObject counter = batch.getJsonArray("batch").getJsonObject(1);
            assertThat(counter.getJsonObject("counter").encode())
                    .isEqualTo("{\"name\":\"TruncatingBuffer.DroppedMessages\",\"delta\":\"7\",\"total\":\"7\"}");
            for (JsonObject notice : List.of(line, counter)) {
                assertThat(notice.getJsonObject("tags").getMap())
                        .containsEntry("loss_count", "7")
                        .containsEntry("loss_reason", "lapped")
                        .containsEntry("loss_first", "1970-01-01T00:00:01Z")
                        .containsEntry("loss_last", "1970-01-01T00:00:02Z");
            }
        }
    }

    @Test
    void accessThatIsTakenAwayEndsTheStream() throws Exception {
        try (Gateway gateway = new Gateway(Gateway.CALM, 10, SOON, new HttpServerOptions());
                SseClient client = gateway.read("?log")) {
            Fed fed = gateway.readings.next();
            gateway.access.revoked = Optional.of("a test");
            assertThat(client.line()).isEqualTo(": access was revoked");
            assertThat(client.line()).isNull();
            fed.closed.get(20, TimeUnit.SECONDS);
            assertThat(gateway.refused.poll(20, TimeUnit.SECONDS)).isEqualTo("revoked");
        }
    }

    @Test
    void aReaderComesBackToWhereItStood() throws Exception {
        try (Gateway gateway = new Gateway(Gateway.CALM);
                SseClient client = gateway.read("?log&shard_id=s&deterministic_name=d", "Last-Event-ID: at-17")) {
            assertThat(client.status).isEqualTo(200);
            Fed fed = gateway.readings.next();
            assertThat(fed.subscription.resume()).isEqualTo("at-17");
            assertThat(fed.subscription.id()).isEqualTo("s");
            assertThat(fed.subscription.deterministicName()).isEqualTo("d");
            assertThat(fed.subscription.protocol()).isEqualTo("v2");
        }
    }
}
