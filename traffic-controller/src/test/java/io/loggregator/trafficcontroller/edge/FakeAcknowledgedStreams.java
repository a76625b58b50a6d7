package io.loggregator.trafficcontroller.edge;

import io.loggregator.stream.selection.Selection;
import io.loggregator.trafficcontroller.subscription.Refinement;
import io.vertx.core.http.ServerWebSocket;

/** Has a fake pipeline write down what it is asked for, as one of the other protocol. */
record FakeAcknowledgedStreams(FakePipeline pipeline) implements AcknowledgedStreams {
    @Override
    public OpenStream firehose(
            ServerWebSocket webSocket, String subscription, Selection filter, Refinement refinement) {
        return pipeline.serve(webSocket, "stream.v2 firehose " + subscription + " " + filter + refinement.identity());
    }

    @Override
    public OpenStream appStream(ServerWebSocket webSocket, String app, Refinement refinement) {
        return pipeline.serve(webSocket, "stream.v2 appStream " + app + refinement.identity());
    }
}
