package io.loggregator.trafficcontroller.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.loggregator.trafficcontroller.edge.RawClient;
import io.loggregator.trafficcontroller.gateway.FakeReadings.Fed;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that the gateway port has to survive. */
@Timeout(120)
class HostileClientTest {
    private Gateway gateway;

    @BeforeEach
    void serve() throws Exception {
        gateway = new Gateway(Gateway.CALM);
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
    }

    @Test
    void aHeadThatDoesNotComeInTimeEndsTheConnection() throws Exception {
        try (RawClient client = gateway.connect()) {
            client.send("GET /v2/read?log HTTP/1.1\r\nHost: x\r\nX-Slow: ");
            assertThat(client.rest()).startsWith("HTTP/1.1 408 ");
        }
        assertThat(gateway.refused.poll(20, TimeUnit.SECONDS)).isEqualTo("slow_request");
    }

    @Test
    void headersThatAreTooLargeAreRefused() throws Exception {
        try (RawClient client = gateway.connect()) {
            client.send("GET /v2/read?log HTTP/1.1\r\nHost: x\r\nAuthorization: " + "x".repeat(40_000) + "\r\n\r\n");
            assertThat(client.read(false).status()).isEqualTo(431);
        }
    }

    @Test
    void manyThatOpenStreamsAndGoAwayLeaveNothing() throws Exception {
        List<SseClient> clients = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            clients.add(gateway.read("?log&shard_id=" + i));
        }
        await().until(() -> gateway.counters.streams() == 200);
        for (SseClient client : clients) {
            client.raw.leave();
        }
        for (int i = 0; i < 200; i++) {
            Fed fed = gateway.readings.next();
            fed.closed.get(20, TimeUnit.SECONDS);
        }
        assertThat(gateway.counters.streams()).isZero();
    }

    @Test
    void whatAReaderSaysAfterItsRequestChangesNothing() throws Exception {
        try (SseClient client = gateway.read("?log")) {
            Fed fed = gateway.readings.next();
            client.raw.send("GET /v2/read?counter HTTP/1.1\r\nHost: x\r\n\r\n".repeat(50));
            fed.turn(now -> now.take("{\"timestamp\":\"1\"},", 1, 0));
            assertThat(client.line()).isEqualTo("id: at-1");
            assertThat(client.line()).isEqualTo("data: {\"batch\":[{\"timestamp\":\"1\"}]}");
            assertThat(gateway.readings.opened).isEmpty();
        }
    }
}
