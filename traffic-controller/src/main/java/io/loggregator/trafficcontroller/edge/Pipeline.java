package io.loggregator.trafficcontroller.edge;

import io.loggregator.stream.selection.Selection;
import io.loggregator.trafficcontroller.subscription.Refinement;
import io.vertx.core.Future;
import io.vertx.core.http.ServerWebSocket;

/** What the client-facing endpoints need of the pipeline behind them. Called on the event loop of the instance. */
public interface Pipeline {
    /** Serves the firehose, from now to the socket's end. */
    default OpenStream firehose(ServerWebSocket webSocket, String subscription, Selection filter) {
        return firehose(webSocket, subscription, filter, Refinement.NONE, false);
    }

    /**
     * Serves what a refinement leaves of the firehose, from now to the socket's end.
     *
     * @param tellsHeldBack whether the stream is told every ten seconds how much that leaves out, if it does
     */
    OpenStream firehose(
            ServerWebSocket webSocket,
            String subscription,
            Selection filter,
            Refinement refinement,
            boolean tellsHeldBack);

    /** Serves the stream of one app, from now to the socket's end. */
    default OpenStream appStream(ServerWebSocket webSocket, String app) {
        return appStream(webSocket, app, Refinement.NONE, false);
    }

    /**
     * Serves what a refinement leaves of the stream of one app, from now to the socket's end.
     *
     * @param tellsHeldBack as with firehoses
     */
    OpenStream appStream(ServerWebSocket webSocket, String app, Refinement refinement, boolean tellsHeldBack);

    /**
     * The newest log lines of an app from all Dopplers.
     *
     * @param limit how many at most; 0 for all that are kept
     * @return them, oldest first
     */
    Future<RecentPast> recentLogs(String app, int limit);

    /** The newest container metric of each instance of an app from all Dopplers. */
    Future<RecentPast> containerMetrics(String app);
}
