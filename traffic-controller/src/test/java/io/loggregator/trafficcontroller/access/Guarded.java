package io.loggregator.trafficcontroller.access;

import io.loggregator.node.accept.PerClient;
import io.loggregator.node.metrics.Metrics;
import io.loggregator.node.settings.Settings;
import io.loggregator.node.tls.RefusedHandshakes;
import io.loggregator.node.tls.TlsWatch;
import io.loggregator.stream.selection.Selection;
import io.loggregator.trafficcontroller.edge.AcknowledgedStreams;
import io.loggregator.trafficcontroller.edge.EdgeOptions;
import io.loggregator.trafficcontroller.edge.EdgeVerticle;
import io.loggregator.trafficcontroller.edge.Front;
import io.loggregator.trafficcontroller.edge.Limits;
import io.loggregator.trafficcontroller.edge.OpenStream;
import io.loggregator.trafficcontroller.edge.Pipeline;
import io.loggregator.trafficcontroller.edge.RecentPast;
import io.loggregator.trafficcontroller.subscription.Refinement;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope;
import org.cloudfoundry.dropsonde.events.LogFactory.LogMessage;

/** A Loggregator port, guarded by the authorities that the settings name, with a pipeline behind it that serves nothing. */
final class Guarded extends VerticleBase implements AutoCloseable, Pipeline, AcknowledgedStreams {
    /** The space that the newest line of an app tells. */
    final Map<String, String> spaces = new ConcurrentHashMap<>();

    final BlockingQueue<String> refused = new LinkedBlockingQueue<>();
    final Metrics metrics = new Metrics();
    private final Vertx loops = Vertx.vertx();
    private final WebSocketClient client = loops.createWebSocketClient();
    private final AccessOptions access;
    private final Duration recheck;
    private EdgeVerticle edge;
    private Authorities authorities;

    /** What a client saw: 101 if it was let in. */
    record Seen(int status, MultiMap headers, String body, WebSocket webSocket) {}

    Guarded(Map<String, String> environment, Duration limit) throws Exception {
        Map<String, String> limited = new HashMap<>(Map.of("ACCESS_TIMEOUT", limit.toMillis() + "ms"));
        limited.putAll(environment);
        Settings settings =
                Settings.load(AccessSettings.ALL, limited, null, rules -> AccessSettings.rules(rules, false));
        access = AccessOptions.load(settings, new TlsWatch(loops, Duration.ZERO, metrics), new AccessCounters(metrics));
        recheck = settings.get(AccessSettings.ACCESS_RECHECK_INTERVAL);
        loops.deployVerticle(this).await(20, TimeUnit.SECONDS);
    }

    @Override
    public Future<?> start() throws Exception {
        authorities = access.authorities(vertx, this);
        HttpServerOptions http = new HttpServerOptions().setHost("127.0.0.1").setPort(0);
        edge = new EdgeVerticle(
                new EdgeOptions(
                        http,
                        Limits.LOGGREGATOR,
                        "sys.test",
                        100_000,
                        new PerClient(0),
                        new PerClient(0),
                        Duration.ZERO,
                        Duration.ofMinutes(1),
                        recheck,
                        refused::add,
                        idle -> {},
                        limit -> {},
                        new RefusedHandshakes(metrics),
                        Front.NONE),
                this,
                this,
                authorities);
        return edge.deploy(context);
    }

    /** Asks on the event loop. */
    <T> Future<T> onLoop(Supplier<Future<T>> question) {
        Promise<T> answer = Promise.promise();
        context.runOnContext(turn -> question.get().onComplete(answer));
        return answer.future();
    }

    Authorities authorities() {
        return authorities;
    }

    Seen ask(String path, Map<String, String> headers) throws Exception {
        WebSocketConnectOptions options = new WebSocketConnectOptions()
                .setHost("127.0.0.1")
                .setPort(edge.port())
                .setURI(path);
        headers.forEach(options::addHeader);
        return client.connect(options)
                .map(open -> new Seen(101, MultiMap.caseInsensitiveMultiMap(), "", open))
                .recover(failure -> failure instanceof UpgradeRejectedException rejected
                        ? Future.succeededFuture(new Seen(
                                rejected.getStatus(),
                                rejected.getHeaders(),
                                rejected.getBody() == null
                                        ? ""
                                        : rejected.getBody().toString(),
                                null))
                        : Future.failedFuture(failure))
                .await(30, TimeUnit.SECONDS);
    }

    /** The value of a series; 0 if it is not there. */
    long metric(String series) {
        return metrics.scrape()
                .lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(series.length() + 1)))
                .findFirst()
                .orElse(0);
    }

    @Override
    public OpenStream firehose(
            ServerWebSocket webSocket,
            String subscription,
            Selection filter,
            Refinement refinement,
            boolean tellsHeldBack) {
        return webSocket::close;
    }

    @Override
    public OpenStream appStream(ServerWebSocket webSocket, String app, Refinement refinement, boolean tellsHeldBack) {
        return webSocket::close;
    }

    @Override
    public OpenStream firehose(
            ServerWebSocket webSocket, String subscription, Selection filter, Refinement refinement) {
        return webSocket::close;
    }

    @Override
    public OpenStream appStream(ServerWebSocket webSocket, String app, Refinement refinement) {
        return webSocket::close;
    }

    @Override
    public Future<RecentPast> recentLogs(String app, int limit) {
        String space = spaces.get(app);
        return past(space == null ? List.of() : List.of(line(app, space)));
    }

    @Override
    public Future<RecentPast> containerMetrics(String app) {
        return past(List.of());
    }

    private static Future<RecentPast> past(List<byte[]> envelopes) {
        return Future.succeededFuture(new RecentPast(envelopes.iterator(), () -> {}));
    }

    private static byte[] line(String app, String space) {
        return Envelope.newBuilder()
                .setOrigin("rep")
                .setEventType(Envelope.EventType.LogMessage)
                .setLogMessage(LogMessage.newBuilder()
                        .setMessage(com.google.protobuf.ByteString.copyFromUtf8("line"))
                        .setMessageType(LogMessage.MessageType.OUT)
                        .setTimestamp(1)
                        .setAppId(app))
                .putTags("space_id", space)
                .build()
                .toByteArray();
    }

    @Override
    public void close() throws TimeoutException {
        loops.close().await(20, TimeUnit.SECONDS);
    }
}
