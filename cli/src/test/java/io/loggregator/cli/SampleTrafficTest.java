package io.loggregator.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.netty.NettyChannelBuilder;
import io.loggregator.cli.client.Backoff;
import io.loggregator.cli.emit.CellAgent;
import io.loggregator.cli.emit.IngressSender;
import io.loggregator.cli.traffic.SampleTraffic;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(90)
class SampleTrafficTest {
    @Test
    void eachInstanceSendsThroughTheAgentOfItsCellAndAllArrives() throws Exception {
        try (IngressServer one = IngressServer.plain();
                IngressServer other = IngressServer.plain()) {
            List<CellAgent> cells = List.of(agent(one), agent(other));
            SampleTraffic traffic = new SampleTraffic(1_000, cells);
            traffic.start();
            await().until(() -> one.received().size() > 100 && other.received().size() > 100);
            traffic.close();
            assertThat(cells.get(0).sent()).isEqualTo(one.received().size());
            assertThat(cells.get(1).sent()).isEqualTo(other.received().size());
            assertThat(cells).allSatisfy(cell -> assertThat(cell.dropped()).isZero());
            assertThat(instances(one)).doesNotContainAnyElementsOf(instances(other));
        }
    }

    @Test
    void whatAnAgentCannotQueueIsDroppedAndCounted() throws Exception {
        try (IngressServer server = IngressServer.plain()) {
            CellAgent agent = agent(server);
            // Of an agent that has not been started nothing leaves the queue.
            SampleTraffic traffic = new SampleTraffic(0, List.of(agent));
            for (int batch = 0; batch < 1_001; batch++) {
                agent.offer(EnvelopeBatch.newBuilder()
                        .addBatch(Envelope.getDefaultInstance())
                        .build());
            }
            assertThat(agent.dropped()).isEqualTo(1);
            traffic.close();
            assertThat(server.received()).isEmpty();
        }
    }

    private static CellAgent agent(IngressServer server) {
        return new CellAgent(
                "agent",
                new IngressSender(
                        NettyChannelBuilder.forTarget(server.address())
                                .usePlaintext()
                                .build(),
                        server.address(),
                        Backoff.ofClient(),
                        true,
                        notice -> {}));
    }

    private static Set<String> instances(IngressServer server) {
        return server.received().stream()
                .map(envelope -> envelope.getSourceId() + "/" + envelope.getInstanceId())
                .collect(Collectors.toSet());
    }
}
