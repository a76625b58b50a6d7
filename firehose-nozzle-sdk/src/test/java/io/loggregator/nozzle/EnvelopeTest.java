package io.loggregator.nozzle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.loggregator.wire.BatchCursor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.GaugeValue;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Value;
import org.junit.jupiter.api.Test;

/** What a nozzle's author sees of the bytes. */
class EnvelopeTest {
    private static LoggregatorEnvelope.Envelope.Builder envelope() {
        return LoggregatorEnvelope.Envelope.newBuilder()
                .setTimestamp(1_600_000_000_123_456_789L)
                .setSourceId("äpp")
                .setInstanceId("3");
    }

    private static Batch batch(LoggregatorEnvelope.Envelope... envelopes) {
        byte[] bytes = EnvelopeBatch.newBuilder()
                .addAllBatch(Arrays.asList(envelopes))
                .build()
                .toByteArray();
        byte[] message = new byte[bytes.length + 20];
        System.arraycopy(bytes, 0, message, 7, bytes.length);
        return new Batch(message, 7, 7 + bytes.length, envelopes.length, null);
    }

    private static Envelope only(LoggregatorEnvelope.Envelope.Builder envelope) {
        return batch(envelope.build()).iterator().next();
    }

    @Test
    void everyEnvelopeHasTimeSourceAndInstance() {
        Envelope envelope = only(envelope());
        assertThat(envelope).isInstanceOf(Unknown.class);
        assertThat(envelope.timestampNanos()).isEqualTo(1_600_000_000_123_456_789L);
        assertThat(envelope.timestamp()).isEqualTo(Instant.parse("2020-09-13T12:26:40.123456789Z"));
        assertThat(envelope.sourceId()).isEqualTo("äpp");
        assertThat(envelope.instanceId()).isEqualTo("3");
        Envelope empty = only(LoggregatorEnvelope.Envelope.newBuilder().setTimestamp(-1));
        assertThat(empty.timestamp()).isEqualTo(Instant.EPOCH.minusNanos(1));
        assertThat(empty.sourceId()).isEmpty();
        assertThat(empty.tags()).isEmpty();
    }

    @Test
    void aLogHasATextAndRawBytes() {
        byte[] latin1 = "für".getBytes(StandardCharsets.ISO_8859_1);
        Log log = (Log) only(envelope()
                .setLog(LoggregatorEnvelope.Log.newBuilder()
                        .setPayload(ByteString.copyFrom(latin1))
                        .setType(LoggregatorEnvelope.Log.Type.ERR)));
        assertThat(log.text()).isEqualTo("f\uFFFDr");
        assertThat(bytes(log.payload())).isEqualTo(latin1);
        assertThat(log.payload().isReadOnly()).isTrue();
        assertThat(log.type()).isEqualTo(Log.Type.ERR);
        Log empty = (Log) only(envelope().setLog(LoggregatorEnvelope.Log.getDefaultInstance()));
        assertThat(empty.text()).isEmpty();
        assertThat(empty.type()).isEqualTo(Log.Type.OUT);
    }

    @Test
    void aCounterATimerAndAnEventSayWhatTheySay() {
        Counter counter = (Counter) only(envelope()
                .setCounter(LoggregatorEnvelope.Counter.newBuilder()
                        .setName("requests")
                        .setDelta(3)
                        .setTotal(-1)));
        assertThat(counter.name()).isEqualTo("requests");
        assertThat(counter.delta()).isEqualTo(3);
        assertThat(Long.toUnsignedString(counter.total())).isEqualTo("18446744073709551615");
        Timer timer = (Timer) only(envelope()
                .setTimer(LoggregatorEnvelope.Timer.newBuilder()
                        .setName("http")
                        .setStart(1_000)
                        .setStop(3_500)));
        assertThat(timer.name()).isEqualTo("http");
        assertThat(timer.duration()).isEqualTo(Duration.ofNanos(2_500));
        Event event = (Event) only(envelope()
                .setEvent(LoggregatorEnvelope.Event.newBuilder().setTitle("up").setBody("and running")));
        assertThat(event.title()).isEqualTo("up");
        assertThat(event.body()).isEqualTo("and running");
    }

    @Test
    void aGaugeHasItsMetricsByName() {
        Gauge gauge = (Gauge) only(envelope()
                .setGauge(LoggregatorEnvelope.Gauge.newBuilder()
                        .putMetrics(
                                "cpu",
                                GaugeValue.newBuilder()
                                        .setUnit("percentage")
                                        .setValue(12.5)
                                        .build())
                        .putMetrics("memory", GaugeValue.getDefaultInstance())));
        assertThat(gauge.metrics())
                .isEqualTo(Map.of("cpu", new Gauge.Metric(12.5, "percentage"), "memory", new Gauge.Metric(0, "")));
        assertThat(gauge.value("cpu")).hasValue(12.5);
        assertThat(gauge.value("disk")).isEmpty();
        assertThat(((Gauge) only(envelope().setGauge(LoggregatorEnvelope.Gauge.getDefaultInstance()))).metrics())
                .isEmpty();
    }

    @Test
    void bothTagMapsAreOneAndTheNewerFormCounts() {
        Envelope envelope = only(envelope()
                .putTags("origin", "router")
                .putDeprecatedTags("origin", Value.newBuilder().setText("older").build())
                .putDeprecatedTags("index", Value.newBuilder().setInteger(-7).build())
                .putDeprecatedTags("share", Value.newBuilder().setDecimal(0.25).build()));
        assertThat(envelope.tags()).isEqualTo(Map.of("origin", "router", "index", "-7", "share", "0.25"));
        assertThat(envelope.tag("origin")).isEqualTo("router");
        assertThat(envelope.tag("share")).isEqualTo("0.25");
        assertThat(envelope.tag("none")).isNull();
    }

    @Test
    void theBytesOfABatchAndOfAnEnvelopeCanBePassedOn() throws Exception {
        LoggregatorEnvelope.Envelope first = envelope().setInstanceId("1").build();
        LoggregatorEnvelope.Envelope second = envelope().setInstanceId("2").build();
        Batch batch = batch(first, second);
        assertThat(batch.size()).isEqualTo(2);
        assertThat(EnvelopeBatch.parseFrom(batch.bytes()).getBatchList()).containsExactly(first, second);
        List<LoggregatorEnvelope.Envelope> parsed = new ArrayList<>();
        for (Envelope envelope : batch) {
            parsed.add(LoggregatorEnvelope.Envelope.parseFrom(envelope.bytes()));
            assertThat(LoggregatorEnvelope.Envelope.parseFrom(envelope.copy().bytes()))
                    .isEqualTo(parsed.get(parsed.size() - 1));
        }
        assertThat(parsed).containsExactly(first, second);
    }

    @Test
    void memoryIsUsedAgainWhereNoEnvelopeWasRead() {
        ArrayPool pool = new ArrayPool(1 << 20);
        byte[] raw = pool.take(100);
        Batch passedOn = new Batch(raw, 0, 10, 1, pool);
        assertThat(passedOn.bytes().remaining()).isEqualTo(10);
        passedOn.release();
        assertThat(pool.take(100)).isSameAs(raw);
        assertThatThrownBy(passedOn::bytes).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(passedOn::iterator).isInstanceOf(IllegalStateException.class);

        byte[] read = pool.take(100);
        Batch kept = new Batch(read, 0, 0, 0, pool);
        assertThat(kept.iterator().hasNext()).isFalse();
        kept.release();
        assertThat(pool.take(100)).isNotSameAs(read);
        assertThat(kept.bytes().remaining()).isZero();
    }

    @Test
    void aPoolKeepsNoMoreThanItMay() {
        ArrayPool pool = new ArrayPool(1000);
        byte[] first = pool.take(500);
        byte[] second = pool.take(500);
        pool.giveBack(first);
        pool.giveBack(second);
        assertThat(pool.take(500)).isSameAs(first);
        assertThat(pool.take(500)).isNotSameAs(second);
    }

    @Test
    void aBatchIsSoundIfItsEnvelopesAreAndAreAsManyAsItSays() {
        byte[] bytes = EnvelopeBatch.newBuilder().addBatch(envelope()).build().toByteArray();
        BatchCursor strict = new BatchCursor(true);
        assertThat(new Batch(bytes, 0, bytes.length, 1, null).sound(strict)).isTrue();
        assertThat(new Batch(bytes, 0, bytes.length, 2, null).sound(strict)).isFalse();
        assertThat(new Batch(bytes, 0, bytes.length - 1, 1, null).sound(strict)).isFalse();
        assertThat(new Batch(bytes, 0, 0, 0, null).sound(strict)).isFalse();
    }

    @Test
    void selectorsTakeWhatTheServerWouldSend() {
        Envelope counter = only(
                envelope().setCounter(LoggregatorEnvelope.Counter.newBuilder().setName("requests")));
        Envelope gauge = only(envelope()
                .setGauge(LoggregatorEnvelope.Gauge.newBuilder().putMetrics("cpu", GaugeValue.getDefaultInstance())));
        assertThat(Selector.counters().takes(counter)).isTrue();
        assertThat(Selector.counter("requests").of("äpp").takes(counter)).isTrue();
        assertThat(Selector.counter("requests").of("other").takes(counter)).isFalse();
        assertThat(Selector.counter("answers").takes(counter)).isFalse();
        assertThat(Selector.gauges().takes(gauge)).isTrue();
        assertThat(Selector.gauges("cpu").takes(gauge)).isTrue();
        assertThat(Selector.gauges("cpu", "memory").takes(gauge)).isFalse();
        assertThat(Selector.logs().takes(gauge)).isFalse();
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    @Test
    void aBatchOfOnesOwnIsWhatItsBytesSay() {
        byte[] bytes = EnvelopeBatch.newBuilder()
                .addBatch(envelope())
                .addBatch(envelope().setSourceId("other"))
                .build()
                .toByteArray();
        assertThat(Batch.of(bytes)).hasSize(2).extracting(Envelope::sourceId).containsExactly("äpp", "other");
        assertThat(Batch.of(bytes).size()).isEqualTo(2);
        for (byte[] wrong : List.of(new byte[0], new byte[] {1, 2}, Arrays.copyOf(bytes, bytes.length - 1))) {
            assertThatThrownBy(() -> Batch.of(wrong)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
