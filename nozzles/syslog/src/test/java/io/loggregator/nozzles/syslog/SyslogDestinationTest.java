package io.loggregator.nozzles.syslog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.loggregator.nozzle.BackOff;
import io.loggregator.nozzle.Batch;
import io.loggregator.nozzle.TlsOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A batch that cannot be written fails in time, so that the stream's server still has its place. */
@Timeout(60)
class SyslogDestinationTest {
    private static final Batch BATCH = batch("hello");

    @Test
    void theLimitAndTheLongestPauseAreWithinTheTimeThatAPlaceIsKept() {
        assertThat(SyslogDestination.LIMIT.plus(BackOff.DEFAULT.most())).isLessThan(Duration.ofSeconds(30));
    }

    @Test
    void aBatchFailsWhileTheServerIsAwayAndIsWrittenWhenItIsBack() throws Exception {
        int port;
        try (ServerSocket free = listen(0)) {
            port = free.getLocalPort();
        }
        try (SyslogDestination destination = destination(false, port, Duration.ofMillis(500))) {
            assertThatThrownBy(() -> destination.handle(BATCH))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("cannot be written to");
            try (ServerSocket back = listen(port)) {
                destination.handle(BATCH).toCompletableFuture().join();
                try (Socket socket = back.accept()) {
                    assertThat(new String(socket.getInputStream().readNBytes(10), StandardCharsets.US_ASCII))
                            .contains("<14>1");
                }
            }
        }
    }

    @Test
    void aServerThatNeverAnswersToTlsIsFoundOut() throws Exception {
        try (ServerSocket silent = listen(0);
                SyslogDestination destination = destination(true, silent.getLocalPort(), Duration.ofMillis(500))) {
            assertThatThrownBy(() -> destination.handle(BATCH)).hasMessageContaining("no connection in time");
        }
    }

    @Test
    void aServerThatTakesNothingIsFoundOut() throws Exception {
        try (ServerSocket full = listen(0);
                SyslogDestination destination = destination(false, full.getLocalPort(), Duration.ofSeconds(3))) {
            assertThatThrownBy(() -> destination.handle(batch("x".repeat(16 << 20))))
                    .hasMessageContaining("does not take what is written");
        }
    }

    private static ServerSocket listen(int port) throws IOException {
        return new ServerSocket(port, 10, InetAddress.getLoopbackAddress());
    }

    private static SyslogDestination destination(boolean tls, int port, Duration limit) {
        SyslogServer server = new SyslogServer(tls, "127.0.0.1", port);
        return new SyslogDestination(
                new SyslogConnector(server, TlsOptions.system(), Duration.ofMinutes(1)),
                new SyslogFormat("h", false),
                limit);
    }

    private static Batch batch(String line) {
        return Batch.of(EnvelopeBatch.newBuilder()
                .addBatch(Envelopes.log("guid", "0", Map.of(), line))
                .build()
                .toByteArray());
    }
}
