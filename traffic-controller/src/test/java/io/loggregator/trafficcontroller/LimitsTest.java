package io.loggregator.trafficcontroller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.loggregator.trafficcontroller.edge.RawClient;
import io.loggregator.trafficcontroller.link.FakeDoppler;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Limits on connections that say nothing, or too much, and that these are counted at the port they came to. */
class LimitsTest extends ControllerFixture {
    private static final int PATIENCE_MILLIS = 20_000;
    private static final int LARGEST_LINK_MESSAGE = 16 << 20;
    /** The preface of HTTP/2 and empty settings. */
    private static final String HTTP2 = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + "\0\0\0\u0004\0\0\0\0\0";

    private static final String PING = "\0\0\u0008\u0006\0\0\0\0\0" + "payload.";

    @BeforeEach
    void start() throws Exception {
        doppler = FakeDoppler.start(vertx, "first run");
        controller = Controller.start(vertx, doppler);
    }

    @Test
    void aConnectionWithoutAByteIsClosed() throws Exception {
        try (RawClient edge = client(controller.port());
                RawClient gateway = client(controller.gatewayPort())) {
            assertThat(edge.rest()).isEmpty();
            assertThat(gateway.rest()).isEmpty();
            assertThat(controller.metric("edge_idle_closed_total{request=\"first\"}"))
                    .isEqualTo(1);
            assertThat(controller.metric("gateway_idle_closed_total{request=\"first\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void whoPingsTheRlpPortTooOftenIsCut() throws Exception {
        try (RawClient client = client(controller.rlpPort())) {
            client.send(HTTP2 + PING.repeat(4));
            assertThat(client.rest()).contains("too_many_pings");
            await().until(() -> controller.metric("rlp_http2_limits_total{limit=\"pings\"}") == 1);
        }
    }

    @Test
    void aMessageOfADopplerThatIsTooLargeEndsTheLinkWhichIsDialledAgain() {
        doppler.tails(1, List.of(Envelopes.log("app", "x".repeat(LARGEST_LINK_MESSAGE))));
        await().until(() -> controller.metric("log_router_disconnects_total") == 1);
        doppler.linkedAfter(1);
    }

    private static RawClient client(int port) throws Exception {
        RawClient client = new RawClient(port);
        client.patience(PATIENCE_MILLIS);
        return client;
    }
}
