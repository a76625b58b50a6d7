package io.loggregator.trafficcontroller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.loggregator.link.v1.Delivery;
import io.loggregator.link.v1.Gap;
import io.loggregator.streaming.StreamMessage;
import io.loggregator.streaming.v2.ToClient;
import io.loggregator.trafficcontroller.link.FakeDoppler;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.junit.jupiter.api.Test;

/** Does what the example in {@code docs/stream-v2.md} says, byte by byte. */
class StreamV2DocumentTest {
    private static final Path DOCUMENT = Path.of("..", "docs", "stream-v2.md");

    @Test
    void theExampleIsWhatHappens() throws Exception {
        List<String> steps = Files.readAllLines(DOCUMENT).stream()
                .filter(line -> line.startsWith("    > ") || line.startsWith("    < "))
                .toList();
        assertThat(steps).hasSize(7);
        Vertx vertx = Vertx.vertx();
        try (FakeDoppler doppler = FakeDoppler.start(vertx, "run");
                Controller controller = Controller.start(vertx, doppler)) {
            AcknowledgingClient client = new AcknowledgingClient(vertx, controller.port(), "/firehose/nozzle");
            int sequence = 0;
            for (String step : steps) {
                byte[] message = HexFormat.of().parseHex(step.substring(6).replace(" ", ""));
                if (step.startsWith("    > ")) {
                    client.sendRaw(message);
                } else {
                    ToClient expected = StreamMessage.toClient(message);
                    if (!expected.hasReady()) {
                        cause(message, expected, ++sequence, doppler);
                    }
                    assertThat(client.nextRaw()).asHexString().isEqualTo(hex(message));
                }
            }
            long member = doppler.member("nozzle");
            await().until(() -> doppler.confirmed(member, 0) == 2);
        } finally {
            vertx.close().await();
        }
    }

    private static String hex(byte[] message) {
        return HexFormat.of().withUpperCase().formatHex(message);
    }

    /** Has the Doppler say what makes the Traffic Controller say this. */
    private static void cause(byte[] message, ToClient expected, int sequence, FakeDoppler doppler) throws Exception {
        long member = doppler.member("nozzle");
        if (expected.hasBatch()) {
            byte[] batch = Arrays.copyOfRange(message, StreamMessage.batchStart(message), message.length);
            doppler.deliver(member, sequence, EnvelopeBatch.parseFrom(batch).getBatchList());
        } else {
            doppler.gap(Gap.newBuilder()
                    .setDelivery(Delivery.newBuilder().setMember(member).setSequence(sequence))
                    .setCount(expected.getGap().getCount())
                    .setFirstMillis(expected.getGap().getFirstMillis())
                    .setLastMillis(expected.getGap().getLastMillis())
                    .setReason(expected.getGap().getReason())
                    .build());
        }
    }
}
