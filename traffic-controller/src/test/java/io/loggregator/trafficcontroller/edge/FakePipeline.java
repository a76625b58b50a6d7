package io.loggregator.trafficcontroller.edge;

import io.loggregator.stream.selection.Selection;
import io.loggregator.trafficcontroller.subscription.Refinement;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** Writes down what it is asked for. A stream gets one frame, {@code served}; a dump what {@link #dump} says. */
final class FakePipeline implements Pipeline {
    final BlockingQueue<String> served = new LinkedBlockingQueue<>();
    final BlockingQueue<ServerWebSocket> sockets = new LinkedBlockingQueue<>();
    /** Grows with each dump of which nothing is sent any more. */
    final BlockingQueue<String> over = new LinkedBlockingQueue<>();

    volatile Future<List<byte[]>> dump = Future.succeededFuture(List.of());

    @Override
    public OpenStream firehose(
            ServerWebSocket webSocket,
            String subscription,
            Selection filter,
            Refinement refinement,
            boolean tellsHeldBack) {
        return serve(webSocket, "firehose " + subscription + " " + filter + shown(refinement, tellsHeldBack));
    }

    @Override
    public OpenStream appStream(ServerWebSocket webSocket, String app, Refinement refinement, boolean tellsHeldBack) {
        return serve(webSocket, "appStream " + app + shown(refinement, tellsHeldBack));
    }

    private static String shown(Refinement refinement, boolean tellsHeldBack) {
        String identity = refinement.identity();
        return (identity.isEmpty() ? "" : " refined by " + identity) + (tellsHeldBack ? ", told" : "");
    }

    @Override
    public Future<RecentPast> recentLogs(String app, int limit) {
        served.add("recentLogs " + app + " " + limit);
        return past();
    }

    @Override
    public Future<RecentPast> containerMetrics(String app) {
        served.add("containerMetrics " + app);
        return past();
    }

    private Future<RecentPast> past() {
        return dump.map(parts -> new RecentPast(parts.iterator(), () -> over.add("dump")));
    }

    OpenStream serve(ServerWebSocket webSocket, String what) {
        served.add(what);
        sockets.add(webSocket);
        webSocket.writeBinaryMessage(Buffer.buffer("served"));
        return webSocket::close;
    }
}
