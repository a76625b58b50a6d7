package io.loggregator.trafficcontroller.edge;

import io.loggregator.node.accept.PerClient;
import io.loggregator.node.metrics.Metrics;
import io.loggregator.node.tls.RefusedHandshakes;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A Loggregator port with a fake behind it. */
final class Edge implements AutoCloseable {
    final Vertx vertx = Vertx.vertx();
    final FakePipeline pipeline = new FakePipeline();
    final FakeAcknowledgedStreams acknowledged = new FakeAcknowledgedStreams(pipeline);
    final FakeAccessControl access = new FakeAccessControl();
    final BlockingQueue<String> refused = new LinkedBlockingQueue<>();
    final BlockingQueue<String> closedIdle = new LinkedBlockingQueue<>();
    final EdgeVerticle verticle;
    private final String deployment;

    Edge(int maxStreams, Duration stopGrace) throws TimeoutException {
        this(maxStreams, stopGrace, null);
    }

    /** With another pipeline than the fake, unless it is null. */
    Edge(int maxStreams, Duration stopGrace, Pipeline other) throws TimeoutException {
        this(maxStreams, stopGrace, other, new HttpServerOptions());
    }

    /** With TLS, if the options say so. */
    Edge(int maxStreams, Duration stopGrace, Pipeline other, HttpServerOptions http) throws TimeoutException {
        this(maxStreams, stopGrace, other, http, Front.NONE);
    }

    /** With something in front of it. */
    Edge(int maxStreams, Duration stopGrace, Pipeline other, HttpServerOptions http, Front front)
            throws TimeoutException {
        this(maxStreams, stopGrace, Duration.ofMinutes(1), other, http, front, Limits.LOGGREGATOR);
    }

    /** Patient with clients that take nothing of an answer for as long as this, and with all streams that fit. */
    static Edge patientFor(Duration slowConsumer) throws TimeoutException {
        return new Edge(10, Duration.ZERO, slowConsumer, null, new HttpServerOptions(), Front.NONE, Limits.LOGGREGATOR);
    }

    /** With these limits. */
    static Edge limited(int maxStreams, Limits limits) throws TimeoutException {
        Duration patience = Duration.ofMinutes(1);
        return new Edge(maxStreams, Duration.ZERO, patience, null, new HttpServerOptions(), Front.NONE, limits);
    }

    private Edge(
            int maxStreams,
            Duration stopGrace,
            Duration slowConsumer,
            Pipeline other,
            HttpServerOptions http,
            Front front,
            Limits limits)
            throws TimeoutException {
        http.setHost("127.0.0.1").setPort(0);
        EdgeOptions options = new EdgeOptions(
                http,
                limits,
                "sys.example",
                maxStreams,
                new PerClient(0),
                new PerClient(0),
                stopGrace,
                slowConsumer,
                Duration.ZERO,
                refused::add,
                closedIdle::add,
                limit -> {},
                new RefusedHandshakes(new Metrics()),
                front);
        verticle = new EdgeVerticle(options, other == null ? pipeline : other, acknowledged, access);
        deployment = within(vertx.deployVerticle(verticle));
    }

    RawClient connect() throws Exception {
        return new RawClient(verticle.port());
    }

    Future<Void> undeploy() {
        return vertx.undeploy(deployment);
    }

    static <T> T within(Future<T> future) throws TimeoutException {
        return future.await(20, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws TimeoutException {
        within(vertx.close());
    }
}
