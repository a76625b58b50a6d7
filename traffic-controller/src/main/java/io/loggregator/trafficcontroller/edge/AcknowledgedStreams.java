package io.loggregator.trafficcontroller.edge;

import io.loggregator.stream.selection.Selection;
import io.loggregator.trafficcontroller.subscription.Refinement;
import io.vertx.core.http.ServerWebSocket;

/**
 * Serves WebSockets whose clients speak {@code loggregator.stream.v2}. Called on the event loop of the instance.
 */
public interface AcknowledgedStreams {
    /** Serves the firehose, from the client's first message to the socket's end. */
    OpenStream firehose(ServerWebSocket webSocket, String subscription, Selection filter, Refinement refinement);

    /** Serves the stream of one app, from the client's first message to the socket's end. */
    OpenStream appStream(ServerWebSocket webSocket, String app, Refinement refinement);
}
