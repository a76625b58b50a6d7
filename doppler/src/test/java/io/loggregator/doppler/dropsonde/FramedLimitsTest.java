package io.loggregator.doppler.dropsonde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.loggregator.doppler.Certificates;
import io.loggregator.doppler.RawConnection;
import io.loggregator.doppler.lane.DopplerLane;
import io.loggregator.node.grpc.Loops;
import io.loggregator.node.metrics.Metrics;
import io.loggregator.node.tls.RefusedHandshakes;
import io.loggregator.stream.recent.RecentPast;
import io.netty.handler.ssl.SslContext;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FramedLimitsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Metrics metrics = new Metrics();
    private final ListenerMetrics counted = new ListenerMetrics(metrics);
    private final RefusedHandshakes handshakes = new RefusedHandshakes(metrics);
    private Vertx vertx;
    private Loops loops;
    private DopplerLane lane;
    private FramedListener listener;

    @BeforeEach
    void start() {
        vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
        loops = new Loops(vertx);
        RecentPast recent =
                new RecentPast(1, RecentPast.MIN_BUDGET_BYTES, Duration.ofSeconds(1), Duration.ofSeconds(1));
        lane = new DopplerLane(0, loops.all().get(0), 1 << 20, recent, true);
    }

    @AfterEach
    void stop() throws Exception {
        listener.stop(Duration.ZERO).get(20, TimeUnit.SECONDS);
        vertx.close().await(20, TimeUnit.SECONDS);
    }

    private void listen(Duration idle, int mostConnections) throws Exception {
        listen("tcp", null, idle, Duration.ofSeconds(10), mostConnections);
    }

    private void listen(String protocol, SslContext tls, Duration idle, Duration handshake, int mostConnections)
            throws Exception {
        listener = FramedListener.start(
                new FramedOptions(
                        protocol,
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        tls,
                        idle,
                        handshake,
                        mostConnections,
                        FramedOptions.PARTIAL_BYTES),
                loops,
                List.of(lane),
                counted,
                handshakes);
    }

    @Test
    void aSilentConnectionIsClosed() throws Exception {
        listen(Duration.ofMillis(200), 10);

        try (RawConnection silent = new RawConnection(listener.port());
                RawConnection half = new RawConnection(listener.port()).send(new byte[] {9, 0, 0, 0, 1})) {
            assertThat(silent.readToEnd()).isEmpty();
            assertThat(half.readToEnd()).isEmpty();
        }

        shows("listeners_receive_errors_total{protocol=\"tcp\",reason=\"idle\"} 2.0");
        shows("listeners_connections{protocol=\"tcp\"} 0.0");
    }

    @Test
    void aConnectionTooManyIsClosedAndTheOthersStay() throws Exception {
        listen(Duration.ofMinutes(1), 2);

        try (RawConnection first = new RawConnection(listener.port());
                RawConnection second = new RawConnection(listener.port())) {
            shows("listeners_connections{protocol=\"tcp\"} 2.0");
            try (RawConnection third = new RawConnection(listener.port())) {
                assertThat(third.readToEnd()).isEmpty();
            }
            first.send(new byte[4]);
            second.send(new byte[4]);
            shows("listeners_left_out_total{protocol=\"tcp\",reason=\"undecodable\"} 2.0");
        }
        shows("listeners_receive_errors_total{protocol=\"tcp\",reason=\"too_many\"} 1.0");
        shows("listeners_connections{protocol=\"tcp\"} 0.0");
    }

    @Test
    void aHandshakeThatTakesTooLongIsCut(@TempDir Path directory) throws Exception {
        SslContext tls = new Certificates(directory, "platform")
                .of("doppler")
                .serverContext(true)
                .build();
        listen("tls", tls, Duration.ofMinutes(1), Duration.ofMillis(200), 10);

        try (RawConnection half = new RawConnection(listener.port()).send(new byte[] {0x16, 0x03, 0x01})) {
            assertThat(half.readToEnd()).isEmpty();
        }

        shows("tls_refused_total{port=\"tls\",reason=\"slow\"} 1.0");
        shows("listeners_connections{protocol=\"tls\"} 0.0");
    }

    private void shows(String line) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(metrics.scrape().lines()).contains(line));
    }
}
