package io.loggregator.nozzle.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.cloudfoundry.dropsonde.events.EventFactory;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Clients that do not offer v2, or whose server does not know it. */
class V1StreamTest {
    @AutoClose
    private final LoggregatorEndpoint endpoint = LoggregatorEndpoint.start();

    private final ScriptedStream firehose = endpoint.firehose("nozzle");

    @Test
    void everyEnvelopeIsAMessageAndPongsAcknowledge() throws Exception {
        RawClient client = RawClient.v1(uri("/firehose/nozzle"));

        firehose.send(Envelopes.out("app", "a"), Envelopes.out("app", "b"));

        assertThat(text(client.nextBytes())).isEqualTo("a");
        assertThat(text(client.nextBytes())).isEqualTo("b");
        firehose.awaitAcknowledged(2);
        assertThat(firehose.awaitConnection(1).acknowledging()).isFalse();
    }

    @Test
    void gapsAreToldByALogLineAndACounter() throws Exception {
        RawClient client = RawClient.v1(uri("/apps/guid/stream"));

        endpoint.app("guid").gap(7);

        var line = EventFactory.Envelope.parseFrom(client.nextBytes());
        assertThat(line.getLogMessage().getSourceType()).isEqualTo("LGR");
        assertThat(line.getLogMessage().getAppId()).isEqualTo("guid");
        assertThat(line.getLogMessage().getMessage().toStringUtf8()).contains("7 messages dropped");
        var counter = EventFactory.Envelope.parseFrom(client.nextBytes()).getCounterEvent();
        assertThat(counter.getName()).isEqualTo("TruncatingBuffer.DroppedMessages");
        assertThat(counter.getDelta()).isEqualTo(7);
    }

    @Test
    void aServerOfV1IgnoresTheSubprotocol() throws Exception {
        try (LoggregatorEndpoint old = LoggregatorEndpoint.builder().v1Only().start()) {
            old.firehose("nozzle").send(Envelopes.out("app", "a"));

            RawClient client = RawClient.v2(old.uri().resolve("/firehose/nozzle"));

            assertThat(client.subprotocol()).isEmpty();
            assertThat(text(client.nextBytes())).isEqualTo("a");
        }
    }

    @Test
    void whatNoPongConfirmedComesAgain() throws Exception {
        RawClient first = RawClient.v1(uri("/firehose/nozzle"));
        ClientConnection connection = firehose.awaitConnection(1);
        connection.stopReading();
        firehose.send(Envelopes.out("app", "a"));
        assertThat(text(first.nextBytes())).isEqualTo("a");

        connection.reset();
        connection.awaitEnd();
        RawClient second = RawClient.v1(uri("/firehose/nozzle"));

        assertThat(text(second.nextBytes())).isEqualTo("a");
        firehose.awaitAcknowledged(1);
        assertThat(firehose.acknowledged().now()).isEqualTo(1);
    }

    private static String text(byte[] message) throws Exception {
        return EventFactory.Envelope.parseFrom(message)
                .getLogMessage()
                .getMessage()
                .toStringUtf8();
    }

    private URI uri(String path) {
        return endpoint.uri().resolve(path);
    }
}
