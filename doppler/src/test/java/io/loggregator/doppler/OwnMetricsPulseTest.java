package io.loggregator.doppler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.loggregator.link.v1.Tails;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.cloudfoundry.loggregator.plumbing.BatchResponse;
import org.cloudfoundry.loggregator.v2.IngressGrpc;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.cloudfoundry.loggregator.v2.LoggregatorIngress.SendResponse;
import org.junit.jupiter.api.Test;

/** A Doppler's own metrics in the stream. */
class OwnMetricsPulseTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long MEMBER = 1;
    /** As good as: an hour, in milliseconds. */
    private static final int NEVER = 3_600_000;

    @Test
    void readersGetTheDopplersOwnMetricsByTheNamesThatDashboardsHave() {
        try (RunningDoppler doppler = RunningDoppler.plain(
                        "ROUTER_METRIC_BATCH_INTERVAL_MILLISECONDS", "50", "INSTANCE_ID", "doppler-7");
                LinkClient link = LinkClient.open(doppler)) {
            link.join(MEMBER, "firehose");

            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(names(link.delivered(MEMBER)))
                            .contains("ingress", "egress", "dropped ingress", "dropped egress", "subscriptions"));
            assertThat(link.delivered(MEMBER)).allSatisfy(own -> {
                assertThat(own.getSourceId()).isEqualTo("doppler");
                assertThat(own.getInstanceId()).isEqualTo("doppler-7");
                assertThat(own.getTagsMap()).containsEntry("origin", "loggregator.doppler");
            });
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(link.delivered(MEMBER))
                            .anySatisfy(own -> assertThat(
                                            own.getGauge().getMetricsMap().get("subscriptions"))
                                    .isNotNull()
                                    .returns(1.0, gauge -> gauge.getValue())));
        }
    }

    @Test
    void subscriptionsAreOpenStreamsAndWhatStandsForThemBehindLinks() throws Exception {
        Agent agent = new Agent();
        Server server = agent.serve();
        try (RunningDoppler doppler = dopplerBeside(server, 20);
                Subscriber goRelease = Subscriber.plain(doppler)) {
            Download<BatchResponse> one = goRelease.v1("shard", null);
            goRelease.v1("shard", null);
            goRelease.v2("", Subscriber.log(""));
            await().atMost(PATIENCE).until(() -> agent.subscriptions() == 3);
            try (LinkClient link = LinkClient.open(doppler)) {
                link.join(MEMBER, "shard");
                link.follow("app-1", "app-2");
                await().atMost(PATIENCE).until(() -> agent.subscriptions() == 6);
                link.leave(MEMBER);
                link.tails(Tails.newBuilder().addRemove("app-1"));
                await().atMost(PATIENCE).until(() -> agent.subscriptions() == 4);
                one.cancel();
                await().atMost(PATIENCE).until(() -> agent.subscriptions() == 3);
            }
            await().atMost(PATIENCE).until(() -> agent.subscriptions() == 2);
        } finally {
            server.shutdownNow().awaitTermination();
        }
    }

    @Test
    void anAgentGetsThemWhereOneIsNamedAndLosesNothingByAnInterruption() throws Exception {
        Agent agent = new Agent();
        Server server = agent.serve();
        try (RunningDoppler doppler = dopplerBeside(server, 50);
                Emitter emitter = Emitter.plain(doppler)) {
            await().atMost(PATIENCE).until(() -> !agent.received.isEmpty());
            agent.broken = true;
            emitter.batchSender()
                    .sendAll(List.of(Envelopes.batch(Envelopes.logs("app", 0, 300))))
                    .complete();
            await().atMost(PATIENCE).until(() -> agent.refused > 2);
            agent.broken = false;

            await().atMost(PATIENCE).until(() -> agent.delta("ingress") == 300);
            assertThat(doppler.metric("ingress_total"))
                    .as("none of its own went past the agent")
                    .isEqualTo(300);
            assertThat(agent.received)
                    .as("agents make totals themselves")
                    .allMatch(own -> own.getCounter().getTotal() == 0);
        } finally {
            server.shutdownNow().awaitTermination();
        }
    }

    @Test
    void readersGetTheLastValuesOfADopplerThatStops() {
        try (RunningDoppler doppler =
                        RunningDoppler.plain(2, "ROUTER_METRIC_BATCH_INTERVAL_MILLISECONDS", Integer.toString(NEVER));
                LinkClient link = LinkClient.open(doppler);
                Emitter emitter = Emitter.plain(doppler)) {
            link.join(MEMBER, "firehose");
            emitter.batchSender()
                    .sendAll(List.of(Envelopes.batch(Envelopes.logs("app", 0, 300))))
                    .complete();
            await().atMost(PATIENCE).until(() -> doppler.metric("ingress_total") == 300);

            doppler.stopAccepting();

            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(link.delivered(MEMBER))
                            .filteredOn(own -> own.getCounter().getName().equals("ingress"))
                            .singleElement()
                            .returns(300L, own -> own.getCounter().getTotal()));
        }
    }

    @Test
    void anAgentGetsTheLastValuesOfADopplerThatStops() throws Exception {
        Agent agent = new Agent();
        Server server = agent.serve();
        try (RunningDoppler doppler = dopplerBeside(server, NEVER);
                Emitter emitter = Emitter.plain(doppler)) {
            emitter.batchSender()
                    .sendAll(List.of(Envelopes.batch(Envelopes.logs("app", 0, 300))))
                    .complete();
            await().atMost(PATIENCE).until(() -> doppler.metric("ingress_total") == 300);
            assertThat(agent.received).isEmpty();

            doppler.stopAccepting();

            assertThat(agent.delta("ingress")).isEqualTo(300);
        } finally {
            server.shutdownNow().awaitTermination();
        }
    }

    private static RunningDoppler dopplerBeside(Server agent, int millis) {
        return RunningDoppler.plain(
                "ROUTER_METRIC_BATCH_INTERVAL_MILLISECONDS",
                Integer.toString(millis),
                "AGENT_GRPC_ADDRESS",
                "127.0.0.1:" + agent.getPort());
    }

    private static List<String> names(List<Envelope> envelopes) {
        return envelopes.stream()
                .map(own -> own.hasGauge()
                        ? own.getGauge().getMetricsMap().keySet().iterator().next()
                        : (own.getCounter().getName() + " " + own.getTagsOrDefault("direction", "")).strip())
                .toList();
    }

    private static final class Agent extends IngressGrpc.IngressImplBase {
        final List<Envelope> received = new CopyOnWriteArrayList<>();
        volatile boolean broken;
        volatile int refused;

        Server serve() throws IOException {
            return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .addService(this)
                    .build()
                    .start();
        }

        @Override
        @SuppressWarnings("NonAtomicVolatileUpdate") // gRPC calls one after the other
        public void send(EnvelopeBatch batch, StreamObserver<SendResponse> answer) {
            if (broken) {
                refused++;
                answer.onError(Status.UNAVAILABLE.asException());
                return;
            }
            received.addAll(batch.getBatchList());
            answer.onNext(SendResponse.getDefaultInstance());
            answer.onCompleted();
        }

        double subscriptions() {
            return received.stream()
                    .filter(own -> own.getGauge().containsMetrics("subscriptions"))
                    .mapToDouble(own ->
                            own.getGauge().getMetricsOrThrow("subscriptions").getValue())
                    .reduce(-1, (older, newer) -> newer);
        }

        long delta(String counter) {
            return received.stream()
                    .filter(own -> own.getCounter().getName().equals(counter))
                    .mapToLong(own -> own.getCounter().getDelta())
                    .sum();
        }
    }
}
