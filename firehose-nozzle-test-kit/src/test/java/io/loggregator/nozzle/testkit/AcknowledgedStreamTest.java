package io.loggregator.nozzle.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.streaming.v2.Positions;
import io.loggregator.streaming.v2.Start;
import io.loggregator.streaming.v2.Tags;
import io.loggregator.streaming.v2.ToServer;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.LogSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.Selector;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Value;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Clients of {@code loggregator.stream.v2}. */
class AcknowledgedStreamTest {
    private static final long UNLIMITED = -1;

    @AutoClose
    private final LoggregatorEndpoint endpoint = LoggregatorEndpoint.start();

    private final ScriptedStream firehose = endpoint.firehose("nozzle");

    @Test
    void aClientGetsWhatWasSentBeforeItCameAndAcknowledges() throws Exception {
        firehose.send(Envelopes.out("app", "a"), Envelopes.out("app", "b")).send(Envelopes.out("app", "c"));

        RawClient client = connect().start(UNLIMITED);

        RawClient.Message first = client.next();
        assertThat(first.texts()).containsExactly("a", "b");
        assertThat(first.header().getBatch().getEnvelopes()).isEqualTo(2);
        assertThat(client.next().texts()).containsExactly("c");
        assertThat(firehose.sent().await(sent -> sent == 3)).isEqualTo(3);
        assertThat(firehose.acknowledged().now()).isZero();
        client.ack(1);
        firehose.awaitAcknowledged(2);
        assertThat(firehose.acknowledged().now()).isEqualTo(2);
        client.ack(2);
        firehose.awaitAcknowledged(3);
        assertThat(firehose.awaitConnection(1).acknowledgedMark().now()).isEqualTo(2);
    }

    @Test
    void theClientsStartIsSeen() throws Exception {
        connect()
                .start(Start.newBuilder()
                        .setCredit(1000)
                        .addSelectors(Selector.newBuilder().setLog(LogSelector.getDefaultInstance()))
                        .setDeterministicName("me"));

        ClientConnection connection = firehose.awaitConnection(1);

        assertThat(connection.acknowledging()).isTrue();
        assertThat(connection.awaitStart().getSelectorsList()).hasSize(1);
        assertThat(connection.awaitStart().getDeterministicName()).isEqualTo("me");
        assertThat(connection.creditGiven().now()).isEqualTo(1000);
    }

    @Test
    void whatIsReadyIsTold() throws Exception {
        try (LoggregatorEndpoint told =
                LoggregatorEndpoint.builder().ready(Duration.ofMillis(700), 3).start()) {
            RawClient client = RawClient.v2(told.uri().resolve("/firehose/x"));
            client.send(ToServer.newBuilder().setStart(Start.newBuilder().setCredit(1)));

            assertThat(client.next().header().getReady().getSlowMillis()).isEqualTo(700);
        }
    }

    @Test
    void nothingIsSentBeyondTheCredit() throws Exception {
        int size = batch("a").getSerializedSize();
        RawClient client = connect().start(size + 1);

        firehose.send(Envelopes.out("app", "a"))
                .send(Envelopes.out("app", "b"))
                .gap(7)
                .send(Envelopes.out("app", "c"));

        assertThat(client.next().texts()).containsExactly("a");
        client.ack(1);
        firehose.awaitAcknowledged(1);
        assertThat(client.hasNext()).isFalse();
        client.credit(2L * size - 1);
        assertThat(client.next().texts()).containsExactly("b");
        assertThat(client.next().header().getGap().getCount()).isEqualTo(7);
        assertThat(client.next().texts()).containsExactly("c");
        assertThat(firehose.awaitConnection(1).creditGiven().now()).isEqualTo(3L * size);
    }

    @Test
    void aBatchThatIsLargerThanAllCreditGoesWhenAllOfItIsLeft() throws Exception {
        RawClient client = connect().start(3);

        firehose.send(Envelopes.out("app", "large")).send(Envelopes.out("app", "next"));

        assertThat(client.next().texts()).containsExactly("large");
        client.credit(2);
        firehose.awaitConnection(1).creditGiven().await(given -> given == 5);
        assertThat(client.hasNext()).isFalse();
        client.credit(1);
        assertThat(client.next().texts()).containsExactly("next");
    }

    @Test
    void gapsAreToldAtTheirPlace() throws Exception {
        firehose.send(Envelopes.out("app", "a"))
                .gap(7, Instant.ofEpochMilli(1000), Instant.ofEpochMilli(2000), "lapped")
                .gap(0, null, null, "link_down");

        RawClient client = connect().start(UNLIMITED);

        client.next();
        var lapped = client.next().header().getGap();
        assertThat(lapped.getMark()).isEqualTo(2);
        assertThat(lapped.getTotal()).isEqualTo(7);
        assertThat(lapped.getFirstMillis()).isEqualTo(1000);
        assertThat(lapped.getLastMillis()).isEqualTo(2000);
        var unknown = client.next().header().getGap();
        assertThat(unknown.getCount()).isZero();
        assertThat(unknown.getTotal()).isEqualTo(7);
        assertThat(unknown.getReason()).isEqualTo("link_down");
    }

    @Test
    void whatAFirehoseClientDidNotAcknowledgeComesAgain() throws Exception {
        firehose.send(Envelopes.out("app", "a")).gap(2).send(Envelopes.out("app", "b"));
        RawClient first = connect().start(UNLIMITED);
        first.next();
        first.next();
        first.next();
        first.ack(1);
        firehose.awaitAcknowledged(1);

        first.abort();
        assertThat(firehose.awaitConnection(1).awaitEnd().code()).isEqualTo(Ended.NO_CLOSE);
        firehose.send(Envelopes.out("app", "c"));
        RawClient second = connect().start(UNLIMITED);

        assertThat(second.next().header().getGap().getCount()).isEqualTo(2);
        assertThat(second.next().texts()).containsExactly("b");
        assertThat(second.next().texts()).containsExactly("c");
        assertThat(firehose.awaitConnection(2).request().target()).isEqualTo("/firehose/nozzle");
    }

    @Test
    void clientsOfOneIdShareAndOthersDoNot() throws Exception {
        RawClient one = connect().start(UNLIMITED);
        RawClient two = connect().start(UNLIMITED);
        RawClient other = RawClient.v2(uri("/firehose/other")).start(UNLIMITED);

        firehose.send(Envelopes.out("app", "a")).send(Envelopes.out("app", "b"));
        endpoint.firehose("other").send(Envelopes.out("app", "o"));

        assertThat(one.next().texts()).containsExactly("a");
        assertThat(two.next().texts()).containsExactly("b");
        assertThat(other.next().texts()).containsExactly("o");
    }

    @Test
    void anAppsClientsGetEverythingEachAndGoOnWhereTheySay() throws Exception {
        ScriptedStream app = endpoint.app("guid").send(Envelopes.out("app", "before"));
        Start.Builder start = Start.newBuilder().setCredit(UNLIMITED).setPositions(Positions.EVERY_BATCH);
        RawClient one = RawClient.v2(uri("/apps/guid/stream")).start(start);
        RawClient two = RawClient.v2(uri("/apps/guid/stream")).start(start);
        app.send(Envelopes.out("app", "a"));

        String position = one.next().header().getBatch().getPosition();
        assertThat(one.next().texts()).containsExactly("a");
        assertThat(two.next().texts()).containsExactly("a");
        one.abort();
        app.awaitConnection(1).awaitEnd();
        app.send(Envelopes.out("app", "b"));
        RawClient again = RawClient.v2(uri("/apps/guid/stream")).start(start.setResume(position));
        RawClient anew = RawClient.v2(uri("/apps/guid/stream")).start(start.setResume("no position"));
        app.send(Envelopes.out("app", "c"));

        assertThat(again.next().texts()).containsExactly("a");
        assertThat(again.next().texts()).containsExactly("b");
        assertThat(again.next().texts()).containsExactly("c");
        assertThat(anew.next().texts()).containsExactly("c");
        assertThat(app.awaitConnection(3).awaitStart().getResume()).isEqualTo(position);
    }

    @Test
    void positionsAreToldEverySecondIfWanted() throws Exception {
        endpoint.app("guid").send(Envelopes.out("app", "a")).send(Envelopes.out("app", "b"));

        RawClient client = RawClient.v2(uri("/apps/guid/stream")).start(UNLIMITED);

        assertThat(client.next().header().getBatch().getPosition()).isEmpty();
        assertThat(client.next().header().getBatch().getPosition()).isEmpty();
        var told = client.next().header().getPosition();
        assertThat(told.getMark()).isEqualTo(2);
        assertThat(told.getPosition()).isEqualTo(ScriptedStream.position(2));
    }

    @Test
    void tagsComeInTheWantedMap() throws Exception {
        firehose.send(Envelopes.out("app", "a").toBuilder()
                .putDeprecatedTags("key", Value.newBuilder().setText("value").build())
                .build());

        RawClient client =
                connect().start(Start.newBuilder().setCredit(UNLIMITED).setTags(Tags.PREFERRED));

        assertThat(client.next().envelopes().get(0).getTagsMap()).isEqualTo(Map.of("key", "value"));
    }

    @Test
    void whoBreaksTheProtocolIsClosedWithTheReason() throws Exception {
        assertThat(closeAfter(client -> client.sendText("hello"))).isEqualTo(new Ended(1002, "a text message"));
        assertThat(closeAfter(client -> client.sendBytes(new byte[] {50, 1})))
                .isEqualTo(new Ended(1002, "not a message of loggregator.stream.v2"));
        assertThat(closeAfter(client -> client.sendBytes(new byte[] {0})))
                .isEqualTo(new Ended(1002, "an unexpected message"));
        assertThat(closeAfter(client -> client.sendBytes(new byte[70_000])))
                .isEqualTo(new Ended(1002, "what came was no message, or too long"));
        assertThat(closeAfter(client -> client.ack(1))).isEqualTo(new Ended(1002, "the first message must be a start"));
        assertThat(closeAfter(client -> client.start(1).start(1))).isEqualTo(new Ended(1002, "a second start"));
        assertThat(closeAfter(client -> client.start(1).ack(9)))
                .isEqualTo(new Ended(1002, "an ack of mark 9 after mark 0"));
        assertThat(closeAfter(client -> client.start(0))).isEqualTo(new Ended(1008, "a start without credit"));
        assertThat(firehose.connections().now().get(0).violation().now()).contains("a text message");
    }

    private interface Doing {
        void with(RawClient client) throws Exception;
    }

    private Ended closeAfter(Doing doing) throws Exception {
        RawClient client = connect();
        Thread other = new Thread(() -> {
            try {
                doing.with(client);
            } catch (Exception | AssertionError closedMeanwhile) {
                // Told by the close.
            }
        });
        other.start();
        Ended close = client.awaitClose();
        other.interrupt();
        other.join();
        return close;
    }

    private RawClient connect() throws Exception {
        return RawClient.v2(uri("/firehose/nozzle"));
    }

    private URI uri(String path) {
        return endpoint.uri().resolve(path);
    }

    private static EnvelopeBatch batch(String text) {
        return EnvelopeBatch.newBuilder().addBatch(Envelopes.out("app", text)).build();
    }
}
