package io.loggregator.trafficcontroller.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.node.settings.HostPort;
import io.loggregator.trafficcontroller.TrafficControllerSettings;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AddressLookupTest {
    private final Vertx vertx = Vertx.vertx(new VertxOptions().setWorkerPoolSize(1));
    private final CountDownLatch silence = new CountDownLatch(1);

    @AfterEach
    void close() {
        silence.countDown();
        vertx.close().await();
    }

    @Test
    void nobodyElseWaitsForAnAnswerThatDoesNotCome() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CompletableFuture<Set<HostPort>> found = new CompletableFuture<>();
        AddressLookup lookup = new AddressLookup(
                vertx,
                TrafficControllerSettings.DOPPLER_LINK_ADDRS,
                List.of(new HostPort("doppler.example", 8083)),
                Duration.ofHours(1),
                host -> {
                    asked.countDown();
                    try {
                        silence.await();
                    } catch (InterruptedException stopped) {
                        Thread.currentThread().interrupt();
                    }
                    return new InetAddress[] {InetAddress.getLoopbackAddress()};
                },
                found::complete);
        vertx.runOnContext(start -> lookup.start());
        asked.await();

        assertThat(vertx.executeBlocking(() -> "metrics")
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get(10, TimeUnit.SECONDS))
                .isEqualTo("metrics");

        silence.countDown();
        assertThat(found.get(10, TimeUnit.SECONDS)).containsExactly(new HostPort("127.0.0.1", 8083));
        vertx.runOnContext(stop -> lookup.stop());
    }
}
