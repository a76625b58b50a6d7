package io.loggregator.trafficcontroller.gateway;

import io.loggregator.node.accept.PerClient;
import io.loggregator.node.http2.Http2Limit;
import io.loggregator.node.metrics.Metrics;
import io.loggregator.node.tls.RefusedHandshakes;
import io.loggregator.trafficcontroller.edge.EdgeOptions;
import io.loggregator.trafficcontroller.edge.Front;
import io.loggregator.trafficcontroller.edge.Limits;
import io.loggregator.trafficcontroller.edge.RawClient;
import io.loggregator.trafficcontroller.gateway.GatewayOptions.Rhythm;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A gateway port with fakes behind it. */
final class Gateway implements AutoCloseable {
    static final Rhythm CALM = Rhythm.of(Duration.ZERO);

    final Vertx vertx = Vertx.vertx();
    final FakeReadings readings = new FakeReadings();
    final FakeLogAccess access = new FakeLogAccess();
    final BlockingQueue<String> refused = new LinkedBlockingQueue<>();
    final BlockingQueue<Http2Limit> http2Limits = new LinkedBlockingQueue<>();
    final BlockingQueue<String> closedIdle = new LinkedBlockingQueue<>();
    final GatewayCounters counters = new GatewayCounters();
    final GatewayVerticle verticle;
    private final String deployment;

    Gateway(Rhythm rhythm) throws Exception {
        this(rhythm, 1_000, Duration.ZERO, new HttpServerOptions());
    }

    Gateway(Rhythm rhythm, int maxStreams, Duration recheck, HttpServerOptions http) throws Exception {
        http.setHost("127.0.0.1").setPort(0);
        EdgeOptions port = new EdgeOptions(
                http,
                Limits.GATEWAY,
                "",
                maxStreams,
                new PerClient(0),
                new PerClient(0),
                Duration.ZERO,
                Duration.ofMinutes(1),
                recheck,
                refused::add,
                closedIdle::add,
                http2Limits::add,
                new RefusedHandshakes(new Metrics()),
                Front.NONE);
        verticle = new GatewayVerticle(new GatewayOptions(port, rhythm), readings, access, counters);
        deployment = vertx.deployVerticle(verticle).await(20, TimeUnit.SECONDS);
    }

    RawClient connect() throws Exception {
        RawClient client = new RawClient(verticle.port());
        client.patience(20_000);
        return client;
    }

    /** Opens a stream and reads the head of the answer. */
    SseClient read(String query, String... headers) throws Exception {
        return new SseClient(connect(), query, headers);
    }

    Future<Void> undeploy() {
        return vertx.undeploy(deployment);
    }

    @Override
    public void close() throws TimeoutException {
        vertx.close().await(20, TimeUnit.SECONDS);
    }
}
