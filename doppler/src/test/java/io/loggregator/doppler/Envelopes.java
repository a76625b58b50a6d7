package io.loggregator.doppler;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Counter;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Gauge;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.GaugeValue;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;

/** Envelopes that can be told apart: those of a source are numbered. */
final class Envelopes {
    private static final int NUMBER_DIGITS = 9;

    private Envelopes() {}

    static Envelope log(String source, int number) {
        return log(source, number, 0);
    }

    /** @param padding bytes that the payload has beyond the number */
    static Envelope log(String source, int number, int padding) {
        return Envelope.newBuilder()
                .setSourceId(source)
                .setTimestamp(number)
                .setLog(Log.newBuilder().setPayload(payload(number, padding)))
                .build();
    }

    private static ByteString payload(int number, int padding) {
        return ByteString.copyFromUtf8(String.format("%0" + NUMBER_DIGITS + "d", number) + "x".repeat(padding));
    }

    static Envelope counter(String source, int number) {
        return Envelope.newBuilder()
                .setSourceId(source)
                .setTimestamp(number)
                .setCounter(Counter.newBuilder().setName("requests").setDelta(1).setTotal(number))
                .build();
    }

    static Envelope containerMetric(String source, int instance, long timestampNanos) {
        Gauge.Builder gauge = Gauge.newBuilder();
        for (String name : List.of("cpu", "memory", "disk", "memory_quota", "disk_quota")) {
            gauge.putMetrics(
                    name,
                    GaugeValue.newBuilder()
                            .setUnit(name.equals("cpu") ? "percentage" : "bytes")
                            .setValue(1)
                            .build());
        }
        return Envelope.newBuilder()
                .setSourceId(source)
                .setInstanceId(Integer.toString(instance))
                .setTimestamp(timestampNanos)
                .setGauge(gauge)
                .build();
    }

    /** Logs of a source, numbered from and to, the latter exclusive. */
    static List<Envelope> logs(String source, int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> log(source, i)).toList();
    }

    /** What number an envelope bears. */
    static int number(Envelope envelope) {
        return Math.toIntExact(envelope.getTimestamp());
    }

    static List<Integer> numbers(List<Envelope> envelopes) {
        return envelopes.stream().map(Envelopes::number).toList();
    }

    static List<Integer> numbers(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }

    static EnvelopeBatch batch(List<Envelope> envelopes) {
        return EnvelopeBatch.newBuilder().addAllBatch(envelopes).build();
    }

    static EnvelopeBatch batch(Envelope... envelopes) {
        return batch(List.of(envelopes));
    }

    /** The envelopes in batches of a size. */
    static List<EnvelopeBatch> batches(List<Envelope> envelopes, int size) {
        List<EnvelopeBatch> batches = new ArrayList<>();
        for (int i = 0; i < envelopes.size(); i += size) {
            batches.add(batch(envelopes.subList(i, Math.min(i + size, envelopes.size()))));
        }
        return batches;
    }
}
