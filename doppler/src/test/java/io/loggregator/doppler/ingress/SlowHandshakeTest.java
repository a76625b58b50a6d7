package io.loggregator.doppler.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.loggregator.doppler.Certificates;
import io.loggregator.doppler.RawConnection;
import io.loggregator.doppler.RouterServer;
import io.loggregator.doppler.egress.EgressService;
import io.loggregator.doppler.egress.Readers;
import io.loggregator.doppler.egress.RequestLimits;
import io.loggregator.doppler.lane.DopplerLane;
import io.loggregator.doppler.lane.V1Intake;
import io.loggregator.node.grpc.GrpcLimits;
import io.loggregator.node.grpc.GrpcPort;
import io.loggregator.node.grpc.Loops;
import io.loggregator.node.grpc.Refusals;
import io.loggregator.node.http2.Http2Limit;
import io.loggregator.node.metrics.Metrics;
import io.loggregator.node.tls.RefusedHandshakes;
import io.loggregator.stream.recent.RecentPast;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SlowHandshakeTest {
    @Test
    void aConnectionThatDoesNotFinishItsHandshakeIsCut(@TempDir Path directory) throws Exception {
        Vertx vertx = Vertx.vertx();
        Loops loops = new Loops(vertx);
        RecentPast recent =
                new RecentPast(1, RecentPast.MIN_BUDGET_BYTES, Duration.ofSeconds(1), Duration.ofSeconds(1));
        DopplerLane lane = new DopplerLane(0, loops.all().get(0), 1 << 20, recent, true);
        List<String> refused = new CopyOnWriteArrayList<>();
        Refusals refusals = new Refusals() {
            @Override
            public void stream(String code) {
                refused.add("stream " + code);
            }

            @Override
            public void connection(String reason) {
                refused.add("connection " + reason);
            }

            @Override
            public void http2(Http2Limit limit) {
                refused.add("http2 " + limit);
            }
        };
        Metrics metrics = new Metrics();
        RouterServer server = RouterServer.start(
                new GrpcPort(
                        "ingress",
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        new Certificates(directory, "platform")
                                .of("doppler")
                                .serverContext(true, "h2")
                                .build(),
                        new GrpcLimits(
                                1 << 20,
                                new GrpcLimits.Connections(10, 0),
                                Duration.ofMillis(200),
                                1 << 14,
                                10,
                                100,
                                Duration.ofSeconds(30))),
                new RouterServer.Limits(Duration.ZERO, 1 << 24),
                loops,
                List.of(lane),
                List.of(new V1Intake(lane)),
                new EgressService.Options(
                        1, 1 << 20, Duration.ofSeconds(10), RequestLimits.USUAL, 1, new Readers("", List.of())),
                refusals,
                new RefusedHandshakes(metrics));

        try (RawConnection silent = new RawConnection(server.port());
                RawConnection halfARecord = new RawConnection(server.port()).send(new byte[] {0x16, 0x03, 0x01})) {
            assertThat(silent.readToEnd()).isEmpty();
            halfARecord.readToEnd();
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(
                            () -> assertThat(refused).containsExactly("connection handshake", "connection handshake"));
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(metrics.scrape())
                            .contains("tls_refused_total{port=\"ingress\",reason=\"slow\"} 2.0"));
        } finally {
            server.stopIngress(Duration.ofSeconds(2));
            server.stop(Duration.ofSeconds(2));
            vertx.close().await(30, TimeUnit.SECONDS);
        }
    }
}
