package io.loggregator.trafficcontroller;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.loggregator.link.v1.Join;
import io.loggregator.trafficcontroller.link.FakeDoppler;
import io.vertx.core.Vertx;
import java.util.Map;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.CounterSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EgressBatchRequest;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.LogSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.Selector;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Counter;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** A Traffic Controller with one Doppler, and a channel to its RLP port. */
@ExtendWith(BufferLeaks.class)
abstract class EgressFixture {
    static final int MIB = 1 << 20;
    static final Selector LOGS =
            Selector.newBuilder().setLog(LogSelector.getDefaultInstance()).build();
    static final Selector COUNTERS = Selector.newBuilder()
            .setCounter(CounterSelector.getDefaultInstance())
            .build();

    FakeDoppler doppler;
    Controller controller;
    ManagedChannel channel;
    private Vertx vertx;

    @BeforeEach
    void start() throws Exception {
        vertx = Vertx.vertx();
        doppler = FakeDoppler.start(vertx, "first run");
        start(Map.of());
    }

    final void start(Map<String, String> settings) throws Exception {
        stopController();
        controller = Controller.start(vertx, Controller.TIMING, settings, doppler);
        channel = NettyChannelBuilder.forAddress("127.0.0.1", controller.rlpPort())
                .usePlaintext()
                .flowControlWindow(64 * 1024)
                .build();
    }

    final void stopController() {
        if (controller != null) {
            channel.shutdownNow();
            controller.close();
        }
    }

    @AfterEach
    void stop() {
        stopController();
        doppler.close();
        vertx.close().await();
    }

    final Join joined(String group) {
        doppler.member(group);
        return FakeDoppler.joins(doppler.linked()).stream()
                .filter(join -> join.getSubscription().equals(group))
                .reduce((first, second) -> second)
                .orElseThrow();
    }

    static EgressBatchRequest logs(String shard) {
        return EgressBatchRequest.newBuilder()
                .setShardId(shard)
                .setUsePreferredTags(true)
                .addSelectors(LOGS)
                .build();
    }

    static Envelope counter(String name) {
        return Envelope.newBuilder()
                .setTimestamp(1)
                .setSourceId("component")
                .setInstanceId("0")
                .putTags("origin", "test")
                .setCounter(Counter.newBuilder().setName(name).setDelta(1).setTotal(2))
                .build();
    }
}
