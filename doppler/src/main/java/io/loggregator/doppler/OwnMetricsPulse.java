package io.loggregator.doppler;

import io.loggregator.doppler.lane.DopplerLane;
import io.loggregator.node.RateLimitedLog;
import io.loggregator.node.grpc.GrpcPeer;
import io.loggregator.node.grpc.Loops;
import io.loggregator.node.settings.HostPort;
import io.loggregator.node.settings.Settings;
import io.loggregator.node.tls.LiveTls;
import io.loggregator.rpc.AgentSender;
import io.loggregator.stream.own.Component;
import io.loggregator.stream.own.OwnMetrics;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts the Doppler's own metrics into the stream, by way of the machine's agent if there is one. */
final class OwnMetricsPulse {
    private static final Logger LOG = LoggerFactory.getLogger(OwnMetricsPulse.class);
    private static final String ORIGIN = "loggregator.doppler";
    private static final Duration LOG_PERIOD = Duration.ofMinutes(1);
    private static final long LAST_PULSE_MILLIS = 1_000;

    private final DopplerLane lane;
    private final OwnMetrics metrics;
    private final AgentSender agent;
    private final RateLimitedLog log = new RateLimitedLog(LOG, LOG_PERIOD);
    private final ScheduledFuture<?> timer;

    private OwnMetricsPulse(DopplerLane lane, OwnMetrics metrics, AgentSender agent, long millis) {
        this.lane = lane;
        this.metrics = metrics;
        this.agent = agent;
        this.timer = lane.every(millis, () -> metrics.tell(this::send));
    }

    /**
     * Starts, unless the settings say never.
     *
     * @param lane whose loop it runs on, and whose readers get what no agent takes
     */
    static Optional<OwnMetricsPulse> start(
            Vertx vertx, Settings settings, Optional<LiveTls> tls, DopplerLane lane, DopplerMetrics counted) {
        int millis = settings.get(DopplerSettings.ROUTER_METRIC_BATCH_INTERVAL_MILLISECONDS);
        if (millis == 0) {
            return Optional.empty();
        }
        Optional<HostPort> address = settings.find(DopplerSettings.AGENT_GRPC_ADDRESS);
        Component component = new Component(
                ORIGIN,
                settings.get(DopplerSettings.ROUTER_METRIC_SOURCE_ID),
                settings.get(DopplerSettings.INSTANCE_ID));
        OwnMetrics metrics = new OwnMetrics(component, address.isEmpty())
                .counter("ingress", Map.of(), counted::ingress)
                .counter("egress", Map.of(), counted::egress)
                .counter("dropped", Map.of("direction", "ingress"), counted::droppedIngress)
                .counter("dropped", Map.of("direction", "egress"), counted::droppedEgress)
                .gauge("subscriptions", "subscriptions", counted::openStreams);
        AgentSender agent = null;
        if (address.isPresent()) {
            Loops loops = new Loops(vertx);
            agent = new AgentSender(
                    GrpcPeer.agent(address.get(), tls).channel(loops, loops.workers()), Duration.ofMillis(millis));
        }
        return Optional.of(new OwnMetricsPulse(lane, metrics, agent, millis));
    }

    private CompletionStage<Void> send(byte[] batch) {
        if (agent == null) {
            lane.accept(batch, 0, batch.length);
            return CompletableFuture.completedFuture(null);
        }
        return agent.send(batch).whenComplete((sent, failure) -> {
            if (failure != null) {
                log.warn("own metrics did not reach the agent at AGENT_GRPC_ADDRESS: {}", failure.getMessage());
            }
        });
    }

    /**
     * Ends it, with a last pulse. Blocks until that is sent, or could not be in time; not to be called on an event loop,
     * and before the lane is closed.
     */
    void stop() {
        if (!timer.cancel(false)) {
            return;
        }
        CompletableFuture.supplyAsync(this::last, lane::execute)
                .thenCompose(sent -> sent)
                .exceptionally(failure -> null)
                .completeOnTimeout(null, LAST_PULSE_MILLIS, TimeUnit.MILLISECONDS)
                .join();
        if (agent != null) {
            agent.close();
        }
    }

    private CompletionStage<Void> last() {
        metrics.tell(this::send);
        return metrics.underWay();
    }
}
