package io.loggregator.trafficcontroller.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.trafficcontroller.edge.EdgeTable.Row;
import io.loggregator.trafficcontroller.edge.RawClient.Answer;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Sends every request of the table in {@code docs/protocols.md}, over sockets that normalise nothing. */
class EdgeTableTest {
    private static final Decision NO =
            Decision.refused(401, Map.of("WWW-Authenticate", "Basic"), "You are not authorized. no", "a test");
    private static final String[] HANDSHAKE = {
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    };
    private static Edge roomy;
    private static Edge full;
    private static RawClient occupant;

    @BeforeAll
    static void serve() throws Exception {
        roomy = new Edge(1000, Duration.ZERO);
        full = new Edge(1, Duration.ZERO);
        occupant = full.connect();
        occupant.send("GET /firehose/occupant HTTP/1.1\r\nHost: x\r\n" + String.join("\r\n", HANDSHAKE) + "\r\n\r\n");
        assertThat(occupant.read(false).status()).isEqualTo(101);
        assertThat(occupant.bytes(8)).endsWith("served");
    }

    @AfterAll
    static void stop() throws Exception {
        occupant.close();
        roomy.close();
        full.close();
    }

    @TestFactory
    @DisplayName("compatibility 1, 4, 10 and 11: every answer of the Loggregator port is as clients expect it")
    Stream<DynamicTest> everyRequestOfTheTableIsAnsweredAsItSays() throws IOException {
        List<Row> rows = EdgeTable.rows();
        assertThat(rows).hasSizeGreaterThan(100).doesNotHaveDuplicates();
        return rows.stream().map(row -> DynamicTest.dynamicTest(row.toString(), () -> run(row)));
    }

    @Test
    void everyReasonOfRefusalIsDocumented() throws IOException {
        String document = Files.readString(EdgeTable.DOCUMENT);
        assertThat(EdgeOptions.REASONS)
                .isNotEmpty()
                .allSatisfy(reason -> assertThat(document).contains("\n| `" + reason + "` |"));
    }

    @Test
    void everyReasonThatOneRequestCanHaveIsInTheTable() throws IOException {
        assertThat(EdgeTable.rows().stream().map(Row::counted).distinct())
                .containsAll(EdgeOptions.REASONS.stream()
                        .filter(reason -> !List.of(
                                        "slow_request",
                                        "too_many_connections",
                                        "too_many_connections_of_client",
                                        "too_many_streams_of_client",
                                        "proxy_header",
                                        "slow_reader",
                                        "untrusted_proxy",
                                        "internal",
                                        "revoked")
                                .contains(reason))
                        .toList());
    }

    private static void run(Row row) throws Exception {
        Edge edge = row.situation().contains("all streams taken") ? full : roomy;
        edge.pipeline.served.clear();
        edge.refused.clear();
        edge.access.decision = access(row);
        edge.pipeline.dump = dump(row);
        try (RawClient client = edge.connect()) {
            client.send(bytes(row));
            Answer answer = client.read(row.request().startsWith("HEAD "));
            assertThat(answer.status()).isEqualTo(row.status());
            String boundary = boundary(answer);
            assertThat(answer.body()).isEqualTo(row.body().replace("{B}", boundary));
            row.headers().forEach(expected -> check(answer, expected, boundary));
            if (answer.status() == 101) {
                assertThat(client.bytes(8)).isEqualTo("\u0082\u0006served");
            }
            if (answer.status() >= 400 && answer.body().endsWith("\n")) {
                assertThat(answer.header("Content-Type")).isEqualTo("text/plain; charset=utf-8");
                assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
            }
            if ("close".equals(answer.header("Connection"))) {
                assertThat(client.rest()).isEmpty();
            }
        }
        assertThat(edge.pipeline.served.poll()).isEqualTo(row.served().isEmpty() ? null : utf8(row.served()));
        assertThat(edge.pipeline.served).isEmpty();
        if (!row.counted().isEmpty()) {
            assertThat(edge.refused.poll(5, TimeUnit.SECONDS)).isEqualTo(row.counted());
        }
        assertThat(edge.refused).isEmpty();
    }

    private static String bytes(Row row) {
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.put("Host", "loggregator.test");
        String version = "HTTP/1.1";
        String body = "";
        for (String item : row.situation()) {
            if (item.equals("handshake")) {
                put(headers, HANDSHAKE);
            } else if (item.startsWith("without ")) {
                assertThat(headers.remove(EdgeTable.code(item))).isNotNull();
            } else if (item.startsWith("HTTP/")) {
                version = item;
            } else if (item.startsWith("body ")) {
                body = EdgeTable.code(item);
                if (!headers.containsKey("Transfer-Encoding")) {
                    headers.put("Content-Length", Integer.toString(body.length()));
                }
            } else if (item.startsWith("chunked body ")) {
                String content = EdgeTable.code(item);
                body = Integer.toHexString(content.length()) + "\r\n" + content + "\r\n0\r\n\r\n";
                headers.put("Transfer-Encoding", "chunked");
            } else if (item.startsWith("`")) {
                put(headers, EdgeTable.code(item));
            } else {
                assertThat(item)
                        .matches("any|access (refused|unknown)|all streams taken|[012] envelopes?|the pipeline fails");
            }
        }
        StringBuilder request =
                new StringBuilder(row.request()).append(' ').append(version).append("\r\n");
        headers.forEach(
                (name, value) -> request.append(name).append(": ").append(value).append("\r\n"));
        return request.append("\r\n").append(body).toString();
    }

    private static void put(Map<String, String> headers, String... lines) {
        for (String line : lines) {
            String[] header = line.split(": ", 2);
            headers.put(header[0], header[1]);
        }
    }

    private static void check(Answer answer, String expected, String boundary) {
        String header = EdgeTable.code(expected);
        if (expected.startsWith("no ")) {
            assertThat(answer.header(header)).as(header).isNull();
        } else {
            String[] parts = header.split(":", 2);
            assertThat(answer.header(parts[0]))
                    .as(parts[0])
                    .isEqualTo(parts[1].strip().replace("{B}", boundary));
        }
    }

    /** The boundary of a multipart answer, as clients find it; otherwise empty. */
    private static String boundary(Answer answer) {
        String type = answer.header("Content-Type");
        if (type == null || !type.startsWith("multipart/")) {
            return "";
        }
        String boundary = type.substring(type.indexOf("boundary=") + "boundary=".length());
        assertThat(boundary).matches("[0-9a-f]{60}");
        return boundary;
    }

    private static Future<Decision> access(Row row) {
        if (row.situation().contains("access refused")) {
            return Future.succeededFuture(NO);
        }
        return row.situation().contains("access unknown")
                ? Future.failedFuture("nobody answers")
                : Future.succeededFuture(Decision.ALLOWED);
    }

    private static Future<List<byte[]>> dump(Row row) {
        if (row.situation().contains("the pipeline fails")) {
            return Future.failedFuture("no Doppler");
        }
        List<byte[]> parts = new ArrayList<>();
        if (row.situation().contains("1 envelope") || row.situation().contains("2 envelopes")) {
            parts.add("one".getBytes(StandardCharsets.UTF_8));
        }
        if (row.situation().contains("2 envelopes")) {
            parts.add("two".getBytes(StandardCharsets.UTF_8));
        }
        return Future.succeededFuture(parts);
    }

    private static String utf8(String bytes) {
        return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }
}
