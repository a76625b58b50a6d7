package io.loggregator.trafficcontroller;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.cloudfoundry.dropsonde.events.EventFactory;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Counter;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Gauge;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.GaugeValue;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Timer;

/** Envelopes that tests send, and what they look like to a v1 client. */
final class Envelopes {
    private Envelopes() {}

    static Envelope log(String app, String text) {
        return log(app, text, 1);
    }

    static Envelope log(String app, String text, long timestamp) {
        return Envelope.newBuilder()
                .setTimestamp(timestamp)
                .setSourceId(app)
                .setInstanceId("0")
                .putTags("origin", "rep")
                .putTags("source_type", "APP")
                .setLog(Log.newBuilder().setPayload(ByteString.copyFromUtf8(text)))
                .build();
    }

    /** Logs {@code prefix-from} to {@code prefix-(to - 1)}. */
    static List<Envelope> logs(String app, String prefix, int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(i -> log(app, prefix + "-" + i))
                .toList();
    }

    /** As many logs of four thousand bytes each, numbered from {@code from} in front of the filling. */
    static List<Envelope> largeLogs(String app, int from, int to) {
        String filling = "-" + "x".repeat(4_000);
        return IntStream.range(from, to).mapToObj(i -> log(app, i + filling)).toList();
    }

    static Envelope counter(String source, String name, long delta, long total) {
        return Envelope.newBuilder()
                .setTimestamp(1)
                .setSourceId(source)
                .putTags("origin", source)
                .setCounter(Counter.newBuilder().setName(name).setDelta(delta).setTotal(total))
                .build();
    }

    static Envelope gauge(String source, String name, double value) {
        return Envelope.newBuilder()
                .setTimestamp(1)
                .setSourceId(source)
                .putTags("origin", source)
                .setGauge(Gauge.newBuilder()
                        .putMetrics(
                                name,
                                GaugeValue.newBuilder()
                                        .setUnit("ms")
                                        .setValue(value)
                                        .build()))
                .build();
    }

    static Envelope containerMetric(String app, int instance, double cpu, long timestamp) {
        Gauge.Builder gauge = Gauge.newBuilder();
        for (String name : List.of("memory", "disk", "memory_quota", "disk_quota")) {
            gauge.putMetrics(
                    name, GaugeValue.newBuilder().setUnit("bytes").setValue(7).build());
        }
        gauge.putMetrics(
                "cpu",
                GaugeValue.newBuilder().setUnit("percentage").setValue(cpu).build());
        return Envelope.newBuilder()
                .setTimestamp(timestamp)
                .setSourceId(app)
                .setInstanceId(String.valueOf(instance))
                .putTags("origin", "rep")
                .setGauge(gauge)
                .build();
    }

    static Envelope httpTimer(String source) {
        return Envelope.newBuilder()
                .setTimestamp(1)
                .setSourceId(source)
                .putTags("origin", "gorouter")
                .putTags("request_id", "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0")
                .putTags("peer_type", "Server")
                .putTags("method", "GET")
                .putTags("uri", "/")
                .putTags("status_code", "200")
                .setTimer(Timer.newBuilder().setName("http").setStart(1).setStop(2))
                .build();
    }

    /** What log lines say; of other envelopes the name of their kind. */
    static List<String> texts(List<EventFactory.Envelope> envelopes) {
        List<String> texts = new ArrayList<>(envelopes.size());
        for (EventFactory.Envelope envelope : envelopes) {
            texts.add(
                    envelope.hasLogMessage()
                            ? envelope.getLogMessage().getMessage().toStringUtf8()
                            : envelope.getEventType().name());
        }
        return texts;
    }

    /** The texts of {@link #logs}. */
    static List<String> texts(String prefix, int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> prefix + "-" + i).toList();
    }

    /** The numbers in front of {@link #largeLogs}; notices are left out. */
    static List<Integer> numbers(List<EventFactory.Envelope> envelopes) {
        List<Integer> numbers = new ArrayList<>(envelopes.size());
        for (EventFactory.Envelope envelope : envelopes) {
            if (envelope.hasLogMessage() && !isNotice(envelope)) {
                String text = envelope.getLogMessage().getMessage().toStringUtf8();
                numbers.add(Integer.valueOf(text.substring(0, text.indexOf('-'))));
            }
        }
        return numbers;
    }

    static boolean isNotice(EventFactory.Envelope envelope) {
        return envelope.hasLogMessage()
                && envelope.getLogMessage().getSourceType().equals("LGR");
    }

    /** Whether it tells a client that it lags. */
    static boolean isLag(EventFactory.Envelope envelope) {
        return envelope.containsTags("lag_millis");
    }

    /** How many were announced as lost, by the counters in the stream. */
    static long announced(List<EventFactory.Envelope> envelopes) {
        return envelopes.stream()
                .filter(EventFactory.Envelope::hasCounterEvent)
                .map(EventFactory.Envelope::getCounterEvent)
                .filter(counter -> counter.getName().equals("TruncatingBuffer.DroppedMessages"))
                .mapToLong(counter -> counter.getDelta())
                .sum();
    }
}
