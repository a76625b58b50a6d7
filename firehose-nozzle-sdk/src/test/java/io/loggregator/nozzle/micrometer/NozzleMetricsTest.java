package io.loggregator.nozzle.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.loggregator.nozzle.BackOff;
import io.loggregator.nozzle.BatchHandler;
import io.loggregator.nozzle.Nozzle;
import io.loggregator.nozzle.testkit.ClientConnection;
import io.loggregator.nozzle.testkit.Envelopes;
import io.loggregator.nozzle.testkit.LoggregatorEndpoint;
import io.loggregator.nozzle.testkit.ScriptedStream;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a registry shows of nozzles that read from a scripted endpoint. */
class NozzleMetricsTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final BatchHandler AT_ONCE = batch -> BatchHandler.done();

    private final MeterRegistry registry = new SimpleMeterRegistry();
    private LoggregatorEndpoint server = LoggregatorEndpoint.start();
    private ScriptedStream stream = server.firehose("meters");

    @AfterEach
    void stop() {
        registry.close();
        server.close();
    }

    private Nozzle.Builder firehose(BatchHandler handler) {
        return Nozzle.builder()
                .endpoint(server.uri())
                .firehose("meters")
                .backOff(new BackOff(Duration.ofMillis(1), Duration.ofMillis(50)))
                .handler(handler);
    }

    private Nozzle started(Nozzle.Builder builder) {
        Nozzle nozzle = builder.build();
        new NozzleMetrics(nozzle).bindTo(registry);
        nozzle.start();
        return nozzle;
    }

    /** The value of the meter of this name that has the tag {@code subscription} with the value {@code meters}. */
    private double value(String name) {
        Meter meter =
                registry.get("nozzle." + name).tag("subscription", "meters").meter();
        return meter.measure().iterator().next().getValue();
    }

    private void awaitValue(String name, double expected) {
        await().atMost(LIMIT).untilAsserted(() -> assertThat(value(name)).isEqualTo(expected));
    }

    @Test
    void envelopesBytesAndBatchesAreCountedAndTheLagIsInSeconds() {
        Envelope old = Envelopes.out("app", "one").toBuilder()
                .setTimestamp(TimeUnit.SECONDS.toNanos(Instant.now().getEpochSecond() - 3600))
                .build();
        EnvelopeBatch first = EnvelopeBatch.newBuilder()
                .addBatch(Envelopes.counter("router", "requests", 1, 1))
                .addBatch(Envelopes.out("app", "zero"))
                .build();
        EnvelopeBatch second = EnvelopeBatch.newBuilder().addBatch(old).build();
        try (Nozzle nozzle = started(firehose(AT_ONCE))) {
            stream.send(first).send(second);
            stream.awaitAcknowledged(3);

            assertThat(value("received.envelopes")).isEqualTo(3);
            assertThat(value("received.batches")).isEqualTo(2);
            assertThat(value("received.bytes")).isEqualTo(first.getSerializedSize() + second.getSerializedSize());
            assertThat(value("handled.batches")).isEqualTo(2);
            TimeGauge lag = registry.get("nozzle.lag").timeGauge();
            assertThat(lag.value(TimeUnit.SECONDS)).isGreaterThanOrEqualTo(3600);
            assertThat(lag.value(TimeUnit.NANOSECONDS))
                    .isEqualTo((double) nozzle.health().lag().toNanos());
        }
    }

    @Test
    void connectionsWithAStreamAreSeenToComeAndGo() {
        try (Nozzle nozzle = started(firehose(AT_ONCE).connections(2))) {
            awaitValue("connections.streaming", 2);
            assertThat(value("reconnects")).isZero();
            assertThat(value("failures")).isZero();

            stream.awaitConnection(1).reset();
            awaitValue("reconnects", 1);
            awaitValue("connections.streaming", 2);
            assertThat(value("failures")).isEqualTo(1);

            server.down();
            awaitValue("connections.streaming", 0);
            await().atMost(LIMIT).until(() -> value("failures") >= 3);

            server.up();
            awaitValue("connections.streaming", 2);
            awaitValue("reconnects", 3);
            assertThat(nozzle.drain(LIMIT)).isTrue();
            assertThat(value("connections.streaming")).isZero();
        }
    }

    @Test
    void gapsAreCountedAndWhatIsMissingInThem() {
        try (Nozzle nozzle = started(firehose(AT_ONCE))) {
            stream.gap(7).send(Envelopes.out("app", "one"));
            stream.gap(0).gap(4).send(Envelopes.out("app", "two"));
            stream.awaitAcknowledged(2);

            assertThat(value("gaps")).isEqualTo(3);
            assertThat(value("lost.envelopes")).isEqualTo(11);
            assertThat(nozzle.statistics().lost()).isEqualTo(11);
        }
    }

    @Test
    @SuppressWarnings("try") // a nozzle that is only to be there
    void batchesThatTheHandlerFailsForAreCounted() {
        AtomicInteger calls = new AtomicInteger();
        BatchHandler failing = batch -> calls.incrementAndGet() == 1
                ? CompletableFuture.failedFuture(new IllegalStateException("not yet"))
                : BatchHandler.done();
        try (Nozzle nozzle = started(firehose(failing))) {
            stream.send(Envelopes.out("app", "one"));
            stream.awaitAcknowledged(1);

            assertThat(value("failed.batches")).isEqualTo(1);
            assertThat(value("handled.batches")).isEqualTo(1);
            assertThat(value("received.batches")).isEqualTo(2);
        }
    }

    @Test
    @SuppressWarnings("try")
    void messagesThatHoldNoEnvelopeAreCounted() {
        server.close();
        server = LoggregatorEndpoint.builder().v1Only().start();
        stream = server.firehose("meters");
        try (Nozzle nozzle = started(firehose(AT_ONCE))) {
            ClientConnection connection = stream.awaitConnection(1);
            connection.message(new byte[] {1, 2, 3});
            awaitValue("malformed.messages", 1);
        }
    }

    @Test
    @SuppressWarnings("try")
    void bytesThatWaitForTheHandlerAreSeen() {
        CompletableFuture<Void> first = new CompletableFuture<>();
        EnvelopeBatch waiting =
                EnvelopeBatch.newBuilder().addBatch(Envelopes.out("app", "two")).build();
        try (Nozzle nozzle = started(firehose(batch -> first))) {
            stream.send(Envelopes.out("app", "one"));
            awaitValue("received.batches", 1);
            stream.send(waiting);
            awaitValue("buffered.bytes", waiting.getSerializedSize());

            first.complete(null);
            stream.awaitAcknowledged(2);
            awaitValue("buffered.bytes", 0);
        }
    }

    @Test
    void nozzlesOfOneNameAreToldApartByFurtherTags() {
        ScriptedStream app = server.app("guid");
        Nozzle.Builder builder =
                Nozzle.builder().endpoint(server.uri()).app("guid").handler(AT_ONCE);
        try (Nozzle idle = builder.build();
                Nozzle busy = builder.build()) {
            new NozzleMetrics(idle, Tags.of("instance", "a")).bindTo(registry);
            new NozzleMetrics(busy, Tags.of("instance", "b")).bindTo(registry);
            busy.start();
            app.send(Envelopes.out("guid", "one"));
            app.awaitAcknowledged(1);

            assertThat(registry.get("nozzle.received.envelopes")
                            .tags("subscription", "guid", "instance", "a")
                            .functionCounter()
                            .count())
                    .isZero();
            assertThat(registry.get("nozzle.received.envelopes")
                            .tags("subscription", "guid", "instance", "b")
                            .functionCounter()
                            .count())
                    .isEqualTo(1);
        }
    }

    @Test
    void metersGoWhenTheMetricsAreClosedAndMakeRoomForTheNextNozzle() {
        MeterRegistry other = new SimpleMeterRegistry();
        try (Nozzle before = firehose(AT_ONCE).build()) {
            NozzleMetrics metrics = new NozzleMetrics(before);
            metrics.bindTo(registry);
            metrics.bindTo(other);
            before.start();
            stream.send(Envelopes.out("app", "one"), Envelopes.out("app", "two"));
            stream.awaitAcknowledged(2);
            assertThat(before.drain(LIMIT)).isTrue();
            assertThat(value("received.envelopes")).isEqualTo(2);

            metrics.close();
            assertThat(registry.getMeters()).isEmpty();
            assertThat(other.getMeters()).isEmpty();
        }
        try (Nozzle next = started(firehose(AT_ONCE))) {
            stream.send(Envelopes.out("app", "three"));
            stream.awaitAcknowledged(3);
            assertThat(value("received.envelopes")).isEqualTo(1);
            assertThat(next.health().streaming()).isEqualTo(1);
        }
    }
}
