package io.loggregator.trafficcontroller.streamv2;

import io.loggregator.node.RateLimitedLog;
import io.loggregator.stream.selection.Selection;
import io.loggregator.trafficcontroller.edge.AcknowledgedStreams;
import io.loggregator.trafficcontroller.edge.OpenStream;
import io.loggregator.trafficcontroller.fanout.Timing;
import io.loggregator.trafficcontroller.fanout.Turn;
import io.loggregator.trafficcontroller.subscription.ClientTimes;
import io.loggregator.trafficcontroller.subscription.Readings;
import io.loggregator.trafficcontroller.subscription.Refinement;
import io.loggregator.trafficcontroller.subscription.SlowConsumer;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.ServerWebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.LoggerFactory;

/** The clients of one event loop that speak {@code loggregator.stream.v2}. Described in {@code docs/stream-v2.md}. */
public final class StreamV2 implements AcknowledgedStreams {
    private final Vertx vertx;
    private final Readings readings;
    private final ClientTimes times;
    private final Consumer<SlowConsumer> slowConsumers;
    private final StreamCounters counters;
    private final Turn turn;
    private final RateLimitedLog log;
    private final Set<StreamClient> clients = new HashSet<>();
    private final long timer;

    /**
     * On an event loop context, which it belongs to from then on.
     *
     * @param readings of the same event loop
     * @param times what clients have; {@code progress} is also that without any acknowledgement, where there is much to
     *     acknowledge
     * @param slowConsumers told of each client that is closed for being slow
     */
    public StreamV2(
            Vertx vertx,
            Readings readings,
            ClientTimes times,
            Consumer<SlowConsumer> slowConsumers,
            Timing timing,
            StreamCounters counters) {
        this.vertx = vertx;
        this.readings = readings;
        this.times = times;
        this.slowConsumers = slowConsumers;
        this.counters = counters;
        Context context = vertx.getOrCreateContext();
        this.turn = new Turn(action -> context.runOnContext(later -> action.run()), timing.nanos());
        this.log = new RateLimitedLog(LoggerFactory.getLogger(StreamV2.class), Duration.ofSeconds(10));
        this.timer = vertx.setPeriodic(timing.tick().toMillis(), tick -> lookAfterClients());
    }

    @Override
    public OpenStream firehose(
            ServerWebSocket webSocket, String subscription, Selection filter, Refinement refinement) {
        return serve(webSocket, new Wish(subscription, "", filter, refinement));
    }

    @Override
    public OpenStream appStream(ServerWebSocket webSocket, String app, Refinement refinement) {
        return serve(webSocket, new Wish("", app, Selection.ALL, refinement));
    }

    private OpenStream serve(ServerWebSocket webSocket, Wish wish) {
        StreamClient client =
                new StreamClient(wish, readings, times, slowConsumers, turn, counters, log, clients::remove);
        clients.add(client);
        client.open(webSocket);
        return client::close;
    }

    private void lookAfterClients() {
        new ArrayList<>(clients).forEach(StreamClient::tick);
    }

    /** Looks after nobody any more; the readings end the clients. */
    public void stop() {
        vertx.cancelTimer(timer);
    }
}
