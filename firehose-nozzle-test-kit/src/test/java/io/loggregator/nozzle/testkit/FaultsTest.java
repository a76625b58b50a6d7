package io.loggregator.nozzle.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be done to a connection. */
class FaultsTest {
    @AutoClose
    private final LoggregatorEndpoint endpoint = LoggregatorEndpoint.start();

    private final ScriptedStream firehose = endpoint.firehose("nozzle");
    private RawClient client;
    private ClientConnection connection;

    @BeforeEach
    void connect() throws Exception {
        client = RawClient.v2(endpoint.uri().resolve("/firehose/nozzle"));
        client.start(-1);
        connection = firehose.awaitConnection(1);
    }

    @Test
    void aResetArrivesAsOne() {
        connection.reset();

        assertThatThrownBy(client::awaitClose)
                .isInstanceOf(ExecutionException.class)
                .hasRootCauseInstanceOf(IOException.class)
                .rootCause()
                .hasMessageContaining("reset");
        assertThat(connection.awaitEnd()).isEqualTo(new Ended(Ended.NO_CLOSE, ""));
    }

    @Test
    void anEndWithoutACloseArrivesAsOne() throws Exception {
        connection.end();

        // What the JDK makes of it.
        assertThat(client.awaitClose().code()).isEqualTo(Ended.NO_CLOSE);
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, 1001, 1003, 1008, 1011, 1013, 3000, 4999})
    void codesArrive(int code) throws Exception {
        connection.close(code, "because");

        assertThat(client.awaitClose()).isEqualTo(new Ended(code, "because"));
        assertThat(connection.awaitEnd().code()).isEqualTo(code);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 999, 1004, 1005, 1006, 1015})
    void codesArriveThatMustNotBeSent(int code) {
        connection.close(code, "because");

        assertThatThrownBy(client::awaitClose).hasCauseInstanceOf(ProtocolException.class);
    }

    @Test
    void aCloseMayHaveNoCode() throws Exception {
        connection.closeWithoutCode();

        assertThat(client.awaitClose().code()).isEqualTo(Ended.NO_CODE);
    }

    @Test
    void theClientsCloseIsSeen() throws Exception {
        client.sendClose(4000, "enough");

        assertThat(connection.awaitEnd()).isEqualTo(new Ended(4000, "enough"));
    }

    @Test
    void textArrives() throws Exception {
        connection.text("hello");

        assertThat(client.nextText()).isEqualTo("hello");
    }

    @Test
    void messagesArriveThatAreNone() throws Exception {
        connection.message(new byte[] {9, 9});

        assertThat(client.nextBytes()).containsExactly(9, 9);
    }

    @Test
    void messagesArriveInFragments() throws Exception {
        int before = client.parts().now();
        connection.fragment(5);

        firehose.send(Envelopes.out("app", "in pieces"));

        assertThat(client.next().texts()).containsExactly("in pieces");
        assertThat(client.parts().now() - before).isGreaterThan(4);
    }

    @Test
    void garbageArrivesWhereAFrameShouldBegin() {
        connection.garbage(new byte[] {(byte) 0xFF, (byte) 0xFF, 1, 2, 3});

        assertThatThrownBy(client::awaitClose).hasCauseInstanceOf(ProtocolException.class);
    }

    @Test
    void aMessageIsAnnouncedThatNeverEnds() {
        int before = client.parts().now();
        connection.announce(1L << 40);
        connection.garbage(new byte[100_000]);

        client.parts().await(parts -> parts > before + 1);
        assertThat(client.hasNext()).isFalse();
    }

    @Test
    void whatIsNotReadIsNotSeen() throws Exception {
        firehose.send(Envelopes.out("app", "a"));
        client.next();
        connection.stopReading();
        client.ack(1);
        client.sendPing();
        assertThat(firehose.acknowledged().now()).isZero();

        connection.readAgain();

        firehose.awaitAcknowledged(1);
        assertThat(connection.pings().await(pings -> pings > 0)).isEqualTo(1);
    }

    @Test
    void aSlowWireLosesNothing() throws Exception {
        connection.slow(3, Duration.ofMillis(1));

        firehose.send(Envelopes.out("app", "slow")).send(Envelopes.out("app", "slower"));
        assertThat(client.next().texts()).containsExactly("slow");
        assertThat(client.next().texts()).containsExactly("slower");

        connection.end();
        assertThat(client.awaitClose().code()).isEqualTo(Ended.NO_CLOSE);
    }

    @Test
    void pingsAreAnswered() {
        connection.ping();

        assertThat(connection.pongs().await(pongs -> pongs > 0)).isEqualTo(1);
    }

    @Test
    void aProcessDiesAndComesBackOnItsPort() throws Exception {
        firehose.send(Envelopes.out("app", "a"));
        client.next();

        endpoint.down();

        assertThatThrownBy(client::awaitClose).hasRootCauseInstanceOf(IOException.class);
        assertThatThrownBy(() -> RawClient.v2(endpoint.uri().resolve("/firehose/nozzle")))
                .hasCauseInstanceOf(ConnectException.class);
        endpoint.up();
        RawClient again =
                RawClient.v2(endpoint.uri().resolve("/firehose/nozzle")).start(-1);
        assertThat(again.next().texts()).containsExactly("a");
    }
}
