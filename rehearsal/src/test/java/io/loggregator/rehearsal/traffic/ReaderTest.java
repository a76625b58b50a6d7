package io.loggregator.rehearsal.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.benchmarks.load.Transport;
import io.loggregator.benchmarks.reader.Endpoint;
import io.loggregator.benchmarks.run.Credentials;
import io.loggregator.rehearsal.nodes.Await;
import io.loggregator.streaming.v2.ToServer;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With servers of the test's own. */
@Timeout(60)
class ReaderTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int PHASE = 7;

    private final EventLoopGroup group = Transport.loop();

    private static Credentials credentials;

    private Edge first;
    private Edge second;
    private List<Endpoint> endpoints;

    @BeforeAll
    static void issue(@TempDir Path directory) throws IOException {
        credentials = new Credentials(directory);
    }

    @BeforeEach
    void listen() throws Exception {
        first = new Edge(credentials);
        second = new Edge(credentials);
        endpoints = List.of(first.endpoint(), second.endpoint());
    }

    @AfterEach
    void close() {
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
        first.close();
        second.close();
    }

    private static void awaitSettled(Reader reader, long logs) throws Exception {
        Await.until(LIMIT, logs + " logs have come", () -> reader.settled() >= logs);
    }

    @Test
    void aClientThatIsThrownOutGoesToTheNextServerAndHomeWhenItIsTold() throws Exception {
        Reader reader = Reader.firehose("id", group.next(), List.of(endpoints));
        Await.until(LIMIT, "it is at the first", () -> reader.open() && first.clients() == 1);

        first.throwOut();
        Await.until(LIMIT, "it is at the second", () -> reader.open() && second.clients() == 1);
        assertThat(reader.connections()).isEqualTo(2);

        reader.goHome();
        Await.until(LIMIT, "it is at the first", () -> reader.open() && first.clients() == 1);
        reader.goHome();
        assertThat(reader.connections()).isEqualTo(3);
    }

    @Test
    void anAppStreamKnowsWhatPassedByWhileItWasAway() throws Exception {
        Reader reader = Reader.stream(0, group.next(), endpoints);
        Await.until(LIMIT, "it is at the first", () -> reader.open() && first.clients() == 1);
        reader.begin(PHASE, 1);
        first.send(PHASE, 0);
        first.send(PHASE, 2);
        awaitSettled(reader, 2);

        first.throwOut();
        Await.until(LIMIT, "it is at the second", () -> reader.open() && second.clients() == 1);
        second.send(PHASE, 10);
        second.send(PHASE, 12);
        awaitSettled(reader, 4);

        assertThat(reader.missedAway()).as("3 to 9").isEqualTo(7);
        assertThat(reader.outcome(new long[] {13}).lost()).as("and 1, and 11").isEqualTo(9);
        assertThat(reader.highest(0)).isEqualTo(12);
    }

    @Test
    void clientsOfOneSubscriptionAreOneReader() throws Exception {
        Reader reader =
                Reader.firehose("id", group.next(), List.of(endpoints, List.of(endpoints.get(1), endpoints.get(0))));
        Await.until(LIMIT, "one is at each", () -> first.clients() == 1 && second.clients() == 1);
        Await.until(LIMIT, "both are open", reader::open);
        reader.begin(PHASE, 1);
        second.send(PHASE, 1);
        awaitSettled(reader, 1);
        first.send(PHASE, 0);
        awaitSettled(reader, 2);
        first.send(PHASE, 1);
        awaitSettled(reader, 3);

        assertThat(reader.outcome(new long[] {2}).lost()).isZero();
        assertThat(reader.outcome(new long[] {2}).duplicates()).isEqualTo(1);
        assertThat(reader.outcome(new long[] {2}).outOfOrder()).isZero();
    }

    @Test
    void aClientThatAcknowledgesStartsAStreamOnEachOfItsConnections() throws Exception {
        Reader reader = Reader.acknowledging("id", group.next(), endpoints);
        Await.until(LIMIT, "it has started", () -> first.said().size() == 1);
        reader.begin(PHASE, 1);
        first.sendBatch(PHASE, 0, 8);
        Await.until(LIMIT, "it has acknowledged", () -> marks(first).equals(List.of(8L)));

        first.throwOut();
        Await.until(LIMIT, "it has started again", () -> second.said().size() == 1);
        assertThat(second.said().get(0).hasStart()).isTrue();
        second.sendBatch(PHASE, 0, 1);
        second.sendBatch(PHASE, 1, 2);
        Await.until(LIMIT, "it has acknowledged", () -> marks(second).contains(2L));

        assertThat(reader.outcome(new long[] {2}).lost()).isZero();
        assertThat(reader.outcome(new long[] {2}).duplicates()).isEqualTo(1);
    }

    private static List<Long> marks(Edge edge) {
        return edge.said().stream()
                .filter(ToServer::hasAck)
                .map(message -> message.getAck().getMark())
                .toList();
    }

    @Test
    void aCrowdComesAndComesAgain() throws Exception {
        try (Crowd crowd = new Crowd(20, endpoints)) {
            Await.until(LIMIT, "all are there", () -> crowd.open() == 20);
            crowd.reconnect();
            Await.until(LIMIT, "all are there again", () -> crowd.connections() == 40 && crowd.open() == 20);
        }
        Await.until(LIMIT, "all are gone", () -> first.clients() + second.clients() == 0);
    }

    @Test
    void garbageIsThrownOutAndComesAgain() throws Exception {
        try (Garbage garbage = new Garbage()) {
            for (Endpoint endpoint : endpoints) {
                garbage.to(endpoint.port(), endpoint.tls());
            }
            Await.until(LIMIT, "there was much of it", () -> garbage.connections() >= 20);
        }
        assertThat(first.clients() + second.clients()).isZero();
    }
}
