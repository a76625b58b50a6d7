package io.loggregator.endtoend;

import static io.loggregator.endtoend.Cluster.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.cloudfoundry.dropsonde.events.EventFactory;
import org.cloudfoundry.loggregator.v2.IngressGrpc;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.CounterSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EgressBatchRequest;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.GaugeSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.Selector;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.cloudfoundry.loggregator.v2.LoggregatorIngress.SendResponse;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A Traffic Controller's own metrics, read where all metrics are read. Over mutual TLS. */
@Timeout(90)
class OwnMetricsTest {
    private static final Map<String, String> OFTEN = Map.of(
            "TRAFFIC_CONTROLLER_METRIC_EMITTER_INTERVAL", "100ms",
            "RLP_METRIC_EMITTER_INTERVAL", "100ms",
            "INSTANCE_ID", "tc-7");

    @TempDir
    Path directory;

    private Certificates certificates;

    @BeforeEach
    void issue() throws Exception {
        certificates = new Certificates(directory);
    }

    @Test
    void theFirehoseAndAReaderOfV2HaveThem() throws Exception {
        assertEverybodyHasThem(new LocalServers(certificates, Map.of(), OFTEN));
    }

    @Test
    void theyHaveThemWhereTheDopplerIsKnownByItsRouterPortAlone() throws Exception {
        assertEverybodyHasThem(LocalServers.withoutLink(certificates, OFTEN));
    }

    private void assertEverybodyHasThem(LocalServers running) throws Exception {
        HttpClient client =
                HttpClient.newBuilder().sslContext(certificates.ofClient()).build();
        try (LocalServers servers = running;
                Agent agent = servers.agent();
                Nozzle nozzle =
                        Nozzle.open(client, URI.create("wss://127.0.0.1:" + servers.port() + "/firehose/metrics"));
                EgressReader reader = EgressReader.batched(
                        NettyChannelBuilder.forAddress("127.0.0.1", servers.rlpPort())
                                .sslContext(certificates.ofAgent())
                                .overrideAuthority("reverselogproxy")
                                .build(),
                        EgressBatchRequest.newBuilder()
                                .setUsePreferredTags(true)
                                .addSelectors(Selector.newBuilder()
                                        .setSourceId("reverse_log_proxy")
                                        .setCounter(CounterSelector.getDefaultInstance()))
                                .addSelectors(Selector.newBuilder()
                                        .setSourceId("reverse_log_proxy")
                                        .setGauge(GaugeSelector.getDefaultInstance()))
                                .build())) {
            Cluster.probe("app", List.of(agent), List.of(nozzle));
            agent.send(Envelopes.lines("app", 0, 200));
            agent.finish();

            await().atMost(LIMIT).untilAsserted(() -> {
                assertThat(own(nozzle, "egress"))
                        .anyMatch(own -> own.getTagsMap().get("endpoint").equals("firehose")
                                && own.getCounterEvent().getTotal() >= 200);
                assertThat(own(nozzle, "ingress"))
                        .anyMatch(own -> own.getTagsMap().get("protocol").equals("grpc")
                                && own.getCounterEvent().getTotal() >= 200);
                assertThat(nozzle.received())
                        .anyMatch(own -> own.getOrigin().equals("loggregator.trafficcontroller")
                                && own.getValueMetric().getName().equals("doppler_proxy.firehoses")
                                && own.getValueMetric().getUnit().equals("connections")
                                && own.getValueMetric().getValue() == 1);
                assertThat(reader.received())
                        .anyMatch(own -> own.getCounter().getName().equals("egress")
                                && own.getCounter().getTotal() > 0
                                && own.getTagsOrThrow("origin").equals("loggregator.rlp"))
                        .anyMatch(own -> own.getGauge().containsMetrics("subscriptions")
                                && own.getGauge()
                                                .getMetricsOrThrow("subscriptions")
                                                .getValue()
                                        == 1);
            });
            assertThat(reader.received())
                    .allSatisfy(own -> assertThat(own.getInstanceId()).isEqualTo("tc-7"));
            // Told once, whatever the number of event loops and links: what it grew by is what there is.
            List<EventFactory.Envelope> ingress = own(nozzle, "ingress");
            assertThat(growth(ingress)).isEqualTo(lastTotal(ingress));
        }
    }

    @Test
    void anAgentHasThemInsteadWhereOneIsNamed() throws Exception {
        MetronAgent agent = new MetronAgent();
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sslContext(certificates.ofServingAgent())
                .addService(agent)
                .intercept(agent)
                .build()
                .start();
        Map<String, String> settings = new HashMap<>(OFTEN);
        settings.put("AGENT_GRPC_ADDRESS", "127.0.0.1:" + server.getPort());
        try (LocalServers servers = new LocalServers(certificates, Map.of(), settings)) {
            await().atMost(LIMIT).until(servers::linked);
            await().atMost(LIMIT)
                    .until(() -> agent.received.stream()
                                    .filter(own -> own.getGauge().containsMetrics("doppler_proxy.app_streams"))
                                    .count()
                            > 2);

            assertThat(agent.received)
                    .anyMatch(own -> own.getCounter().getName().equals("log_router_connects")
                            && own.getCounter().getDelta() > 0)
                    .as("agents make totals themselves")
                    .allMatch(own -> own.getCounter().getTotal() == 0);
            assertThat(agent.clients).containsOnly("CN=trafficcontroller");
            assertThat(servers.samples().sum("ingress_messages_total"))
                    .as("none of it went past the agent")
                    .isZero();
        } finally {
            server.shutdownNow().awaitTermination();
        }
    }

    private static List<EventFactory.Envelope> own(Nozzle nozzle, String counter) {
        return nozzle.received().stream()
                .filter(own -> own.getOrigin().equals("loggregator.trafficcontroller")
                        && own.getCounterEvent().getName().equals(counter))
                .toList();
    }

    private static long growth(List<EventFactory.Envelope> counters) {
        // Of what was told before the nozzle came, the first total has the rest.
        long first = counters.get(0).getCounterEvent().getTotal()
                - counters.get(0).getCounterEvent().getDelta();
        return first
                + counters.stream()
                        .mapToLong(own -> own.getCounterEvent().getDelta())
                        .sum();
    }

    private static long lastTotal(List<EventFactory.Envelope> counters) {
        return counters.get(counters.size() - 1).getCounterEvent().getTotal();
    }

    private static final class MetronAgent extends IngressGrpc.IngressImplBase implements ServerInterceptor {
        final List<Envelope> received = new CopyOnWriteArrayList<>();
        final List<String> clients = new CopyOnWriteArrayList<>();

        @Override
        public void send(EnvelopeBatch batch, StreamObserver<SendResponse> answer) {
            received.addAll(batch.getBatchList());
            answer.onNext(SendResponse.getDefaultInstance());
            answer.onCompleted();
        }

        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            try {
                X509Certificate certificate = (X509Certificate) call.getAttributes()
                        .get(Grpc.TRANSPORT_ATTR_SSL_SESSION)
                        .getPeerCertificates()[0];
                clients.add(certificate.getSubjectX500Principal().getName());
            } catch (SSLPeerUnverifiedException e) {
                clients.add("nobody");
            }
            return next.startCall(call, headers);
        }
    }
}
