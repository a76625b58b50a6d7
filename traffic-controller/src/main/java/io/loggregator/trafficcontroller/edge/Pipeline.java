package io.loggregator.trafficcontroller.edge;

import io.loggregator.stream.selection.Selection;
import io.vertx.core.Future;
import io.vertx.core.http.ServerWebSocket;
import java.util.List;

/** What the client-facing endpoints need of the pipeline behind them. Called on the event loop of the instance. */
public interface Pipeline {
    /** Serves the firehose, from now to the socket's end. */
    OpenStream firehose(ServerWebSocket webSocket, String subscription, Selection filter);

    /** Serves the stream of one app, from now to the socket's end. */
    OpenStream appStream(ServerWebSocket webSocket, String app);

    /**
     * The newest log lines of an app from all Dopplers.
     *
     * @param limit how many at most; 0 for all that are kept
     * @return marshalled v1 envelopes, oldest first
     */
    Future<List<byte[]>> recentLogs(String app, int limit);

    /** The newest container metric of each instance of an app from all Dopplers, as marshalled v1 envelopes. */
    Future<List<byte[]>> containerMetrics(String app);
}
