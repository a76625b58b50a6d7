package io.loggregator.endtoend;

import static io.loggregator.endtoend.Cluster.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EgressBatchRequest;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.LogSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.Selector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code demo} as a process. */
@Timeout(120)
class DemoProcessTest {
    private static final Pattern GRPCURL = Pattern.compile("^  grpcurl .* (\\S+) loggregator\\.v2\\.Egress/\\S+$");

    @Test
    void onWhicheverPortsItRunsItsExamplesNameThem() throws IOException {
        try (ServerProcess demo = ServerProcess.start(
                "demo",
                Map.of(),
                "--no-traffic",
                "--quiet",
                "--loggregator-port=0",
                "--gateway-port=0",
                "--rlp-port=0",
                "--ingress-port=0")) {
            await().atMost(LIMIT).until(() -> demo.said().contains("./loggregator emit "));
            assertThat(demo.lines(line -> line.startsWith("  ./loggregator ")))
                    .allMatch(line -> line.contains("127.0.0.1:"));
            assertThat(demo.lines(line -> line.startsWith("  curl ")))
                    .singleElement()
                    .asString()
                    .contains("http://127.0.0.1:" + demo.boundPort("http") + "/v2/read");

            List<String> rlp = demo.lines(line -> true).stream()
                    .flatMap(line -> GRPCURL.matcher(line).results())
                    .map((MatchResult example) -> example.group(1))
                    .toList();
            assertThat(rlp).as(demo.said()).hasSize(1);
            assertThat(demo.said()).contains("readers of gRPC v2 to " + rlp.get(0));
            try (EgressReader reader = EgressReader.batched(
                            NettyChannelBuilder.forTarget(rlp.get(0))
                                    .usePlaintext()
                                    .build(),
                            EgressBatchRequest.newBuilder()
                                    .addSelectors(Selector.newBuilder().setLog(LogSelector.getDefaultInstance()))
                                    .build());
                    Agent agent = new Agent(demo.boundPort("grpc"), null)) {
                await().atMost(LIMIT).until(() -> {
                    agent.send(Envelopes.log("my-app", "hello there"));
                    return !reader.of("my-app").isEmpty();
                });
            }
        }
    }
}
