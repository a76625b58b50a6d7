package io.loggregator.trafficcontroller;

import io.loggregator.node.RateLimitedLog;
import io.loggregator.node.grpc.GrpcPeer;
import io.loggregator.node.grpc.Loops;
import io.loggregator.rpc.AgentSender;
import io.loggregator.stream.own.OwnMetrics;
import io.loggregator.trafficcontroller.subscription.SlowConsumer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts a Traffic Controller's own metrics into the stream: by way of the machine's agent if there is one, otherwise
 * straight to one of the Dopplers. Belongs to the event loop that it is started on.
 */
final class OwnMetricsPulse {
    private static final Logger LOG = LoggerFactory.getLogger(OwnMetricsPulse.class);
    private static final Duration LOG_PERIOD = Duration.ofMinutes(1);
    private static final Duration LONGEST_CALL = Duration.ofSeconds(10);
    /** Events do not wait for the next pulse, but for others that happen with them. */
    private static final long EVENT_MILLIS = 500;

    private static final long LAST_PULSE_MILLIS = 1_000;
    /** What a client may have written into an event: some hundred events are to fit into one message. */
    private static final int LONGEST_TEXT = 1_024;

    private final List<Part> parts;
    private final Optional<GrpcPeer> agent;
    private final RateLimitedLog log = new RateLimitedLog(LOG, LOG_PERIOD);
    private final List<Long> timers = new ArrayList<>();
    private volatile Context context;
    private AgentSender sender;
    private Function<byte[], CompletionStage<Void>> way;
    private boolean tellingSoon;

    /**
     * A component that is told of.
     *
     * @param name as events call it
     * @param interval from pulse to pulse
     */
    record Part(String name, OwnMetrics metrics, Duration interval) {}

    /**
     * @param parts the first is told of slow consumers; may be empty
     * @param agent where to send; empty: to a Doppler
     */
    OwnMetricsPulse(List<Part> parts, Optional<GrpcPeer> agent) {
        this.parts = List.copyOf(parts);
        this.agent = agent;
    }

    /**
     * Starts, on an event loop context.
     *
     * @param doppler sends batch bytes to a Doppler; completes when they are sent, fails if they certainly did not arrive
     */
    void start(Vertx vertx, Function<byte[], Future<Void>> doppler) {
        if (parts.isEmpty()) {
            return;
        }
        if (agent.isPresent()) {
            Loops loops = new Loops(vertx);
            sender = new AgentSender(agent.get().channel(loops, loops.workers()), LONGEST_CALL);
            way = this::toAgent;
        } else {
            way = batch -> doppler.apply(batch).toCompletionStage();
        }
        for (Part part : parts) {
            long millis = Math.max(1, part.interval().toMillis());
            timers.add(vertx.setPeriodic(millis, tick -> part.metrics().tell(way)));
        }
        context = vertx.getOrCreateContext();
    }

    private CompletionStage<Void> toAgent(byte[] batch) {
        return sender.send(batch).whenComplete((sent, failure) -> {
            if (failure != null) {
                log.warn(
                        "own metrics did not reach the agent at {}: {}",
                        agent.get().address(),
                        failure.getMessage());
            }
        });
    }

    /** Tells of a client that was closed for being slow; from any thread. */
    void slowConsumer(SlowConsumer client) {
        if (parts.isEmpty()) {
            return;
        }
        Part teller = parts.get(0);
        teller.metrics()
                .event(
                        teller.name() + " has disconnected slow consumer",
                        "Remote Address: " + client.remote()
                                + "\nX-Forwarded-For: " + shortened(client.forwardedFor())
                                + "\nPath: " + shortened(client.request())
                                + "\n\nThis client did not take what it had asked for, so it was disconnected: what waits for"
                                + " it must not hold up others. Its connection may be slow, or a nozzle may need more"
                                + " instances.");
        Context own = context;
        if (own != null) {
            own.runOnContext(turn -> tellSoon(own, teller.metrics()));
        }
    }

    private void tellSoon(Context own, OwnMetrics metrics) {
        if (!tellingSoon) {
            tellingSoon = true;
            own.owner().setTimer(EVENT_MILLIS, now -> {
                tellingSoon = false;
                metrics.tell(way);
            });
        }
    }

    private static String shortened(String text) {
        return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + "…";
    }

    /** Ends it, with a last pulse; completes when that is sent, or could not be in time. */
    Future<Void> stop() {
        Context own = context;
        if (own == null) {
            return Future.succeededFuture();
        }
        context = null;
        Vertx vertx = own.owner();
        timers.forEach(vertx::cancelTimer);
        List<Future<Void>> last = new ArrayList<>();
        for (Part part : parts) {
            part.metrics().tell(way);
            last.add(Future.fromCompletionStage(part.metrics().underWay(), own));
        }
        Future<Void> late =
                vertx.timer(LAST_PULSE_MILLIS, TimeUnit.MILLISECONDS).mapEmpty();
        return Future.any(Future.join(last).otherwiseEmpty(), late)
                .<Void>mapEmpty()
                .onComplete(done -> {
                    if (sender != null) {
                        sender.close();
                    }
                });
    }
}
