package io.loggregator.trafficcontroller.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.stream.selection.Selection;
import io.loggregator.stream.selection.Selector;
import io.loggregator.trafficcontroller.edge.Decision;
import io.loggregator.trafficcontroller.edge.EdgeTable;
import io.loggregator.trafficcontroller.edge.EdgeTable.Row;
import io.loggregator.trafficcontroller.edge.RawClient;
import io.loggregator.trafficcontroller.edge.RawClient.Answer;
import io.loggregator.trafficcontroller.subscription.Subscription;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/** Sends every request of the gateway's table in {@code docs/protocols.md}. */
@Timeout(120)
class GatewayTableTest {
    private static final String HEADING =
            "| request to the gateway | situation | status | headers | body | subscription | counted |";
    private static final String[] KINDS = {"none", "log", "counter", "gauge", "timer", "event"};
    private static Gateway roomy;
    private static Gateway full;
    private static SseClient occupant;

    @BeforeAll
    static void serve() throws Exception {
        roomy = new Gateway(Gateway.CALM);
        full = new Gateway(Gateway.CALM, 1, Duration.ZERO, new HttpServerOptions());
        occupant = full.read("?log");
        full.readings.next();
    }

    @AfterAll
    static void stop() throws Exception {
        occupant.close();
        roomy.close();
        full.close();
    }

    @TestFactory
    @DisplayName("compatibility 5 and 11: 404 whatever is wrong with a token; keys without values count")
    Stream<DynamicTest> everyRequestOfTheTableIsAnsweredAsItSays() throws IOException {
        List<Row> rows = EdgeTable.rows(HEADING);
        assertThat(rows).hasSizeGreaterThan(40).doesNotHaveDuplicates();
        return rows.stream().map(row -> DynamicTest.dynamicTest(row.toString(), () -> run(row)));
    }

    @Test
    @DisplayName("compatibility 10: no Accept is refused, nothing is compressed, any Origin may ask")
    void whatAClientAcceptsIsNotAsked() throws Exception {
        try (SseClient client = roomy.read(
                "?log", "Accept: application/json", "Accept-Encoding: gzip", "Origin: https://elsewhere.example")) {
            assertThat(client.status).isEqualTo(200);
            assertThat(String.join("\n", client.head).toLowerCase(Locale.ROOT))
                    .contains("content-type: text/event-stream")
                    .doesNotContain("content-encoding", "access-control");
        }
        roomy.readings.next();
    }

    private static void run(Row row) throws Exception {
        Gateway gateway = row.situation().contains("all streams taken") ? full : roomy;
        gateway.refused.clear();
        gateway.access.asked.clear();
        gateway.access.decision = access(row);
        try (RawClient client = gateway.connect()) {
            StringBuilder request = new StringBuilder(row.request()).append(" HTTP/1.1\r\nHost: gateway.test\r\n");
            for (String item : row.situation()) {
                if (item.startsWith("`")) {
                    request.append(EdgeTable.code(item)).append("\r\n");
                } else {
                    assertThat(item).matches("any|access (refused|unknown)|all streams taken");
                }
            }
            client.send(request.append("\r\n").toString());
            if (row.status() == 200) {
                assertThat(client.line()).isEqualTo("HTTP/1.1 200 OK");
                assertThat(text(gateway.readings.next().subscription)).isEqualTo(utf8(row.served()));
            } else {
                Answer answer = client.read(row.request().startsWith("HEAD "));
                assertThat(answer.status()).isEqualTo(row.status());
                assertThat(answer.body()).isEqualTo(row.body());
                assertThat(answer.header("Content-Type")).isEqualTo("text/plain; charset=utf-8");
                assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
                assertThat(gateway.refused.poll(20, TimeUnit.SECONDS)).isEqualTo(row.counted());
            }
        }
        assertThat(gateway.readings.opened).isEmpty();
        assertThat(gateway.refused).isEmpty();
    }

    private static String utf8(String bytes) {
        return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    private static Future<Decision> access(Row row) {
        if (row.situation().contains("access refused")) {
            return Future.succeededFuture(
                    Decision.refused(401, Map.of("WWW-Authenticate", "Basic"), "nothing of this", "a test"));
        }
        return row.situation().contains("access unknown")
                ? Future.failedFuture("nobody answers")
                : Future.succeededFuture(Decision.ALLOWED);
    }

    /** Selectors as {@code kind[names]@source}, then what else is asked for. */
    private static String text(Subscription subscription) {
        Selection selection = subscription.selection();
        String text = selection.selectors().size() > 20
                ? selection.selectors().size() + " selectors"
                : selection.selectors().stream().map(GatewayTableTest::text).collect(Collectors.joining(" "));
        return text
                + shown(" shard=", subscription.id())
                + shown(" name=", subscription.deterministicName())
                + shown(" resume=", subscription.resume())
                + shown(" filter=", subscription.refinement().identity());
    }

    private static String text(Selector selector) {
        return KINDS[selector.kind()]
                + (selector.names().isEmpty() ? "" : selector.names().toString())
                + shown("@", selector.sourceId());
    }

    private static String shown(String name, String value) {
        return value.isEmpty() ? "" : (name + value).stripTrailing();
    }
}
