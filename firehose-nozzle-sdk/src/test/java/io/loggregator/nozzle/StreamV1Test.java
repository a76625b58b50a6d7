package io.loggregator.nozzle;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope.EventType;
import org.cloudfoundry.dropsonde.events.LogFactory.LogMessage;
import org.cloudfoundry.dropsonde.events.LogFactory.LogMessage.MessageType;
import org.junit.jupiter.api.Test;

/** How the messages of the first protocol are gathered. */
class StreamV1Test {
    private static final int SMALLEST_ARRAY = 256;

    private final ArrayPool pool = new ArrayPool(1 << 20);
    private final Inbox inbox = new Inbox();
    private final StreamV1 stream = new StreamV1(
            new Options(
                    URI.create("ws://127.0.0.1:1"),
                    Optional.of("id"),
                    Optional.empty(),
                    Optional.empty(),
                    List.of(),
                    null,
                    null,
                    null,
                    null,
                    null,
                    1 << 20,
                    1,
                    null,
                    null,
                    null,
                    null),
            inbox,
            pool,
            new Tally());

    private void receive(String text) throws InterruptedException {
        byte[] message = Envelope.newBuilder()
                .setOrigin("origin")
                .setEventType(EventType.LogMessage)
                .setTimestamp(1)
                .setLogMessage(LogMessage.newBuilder()
                        .setMessage(ByteString.copyFromUtf8(text))
                        .setMessageType(MessageType.OUT)
                        .setTimestamp(1)
                        .setAppId("app"))
                .build()
                .toByteArray();
        byte[] array = pool.take(message.length);
        System.arraycopy(message, 0, array, 0, message.length);
        stream.received(array, message.length);
    }

    private List<Batch> batches() {
        List<Batch> batches = new ArrayList<>();
        for (Arrival arrival = inbox.poll(); arrival != null; arrival = inbox.poll()) {
            batches.add(arrival.batch());
        }
        return batches;
    }

    private static List<String> texts(List<Batch> batches) {
        List<String> texts = new ArrayList<>();
        for (Batch batch : batches) {
            batch.forEach(envelope -> texts.add(((Log) envelope).text()));
        }
        return texts;
    }

    @Test
    void whatComesAtOnceIsABatch() throws Exception {
        receive("one");
        receive("two");
        stream.idle();
        List<Batch> batches = batches();
        assertThat(batches).hasSize(1);
        assertThat(texts(batches)).containsExactly("one", "two");
    }

    @Test
    void whatComesOneByOneTakesNoMoreThanTwiceItsBytes() throws Exception {
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            String text = Integer.toString(i).repeat(20 * i);
            expected.add(text);
            receive(text);
            stream.idle();
        }
        List<Batch> batches = batches();
        assertThat(batches)
                .hasSize(50)
                .allSatisfy(batch ->
                        assertThat(batch.held()).isLessThanOrEqualTo(Math.max(SMALLEST_ARRAY, 2 * batch.byteSize())));
        assertThat(texts(batches)).isEqualTo(expected);
    }

    @Test
    void aLineThatIsLargerThanUsualStandsAmongOthers() throws Exception {
        String large = "x".repeat(200_000);
        receive("before");
        receive(large);
        receive("after");
        stream.idle();
        assertThat(texts(batches())).containsExactly("before", large, "after");
    }
}
