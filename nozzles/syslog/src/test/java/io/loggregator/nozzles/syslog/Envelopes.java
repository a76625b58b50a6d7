package io.loggregator.nozzles.syslog;

import com.google.protobuf.ByteString;
import java.util.Map;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Counter;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Event;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Gauge;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.GaugeValue;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Timer;

/** What is sent in these tests, all of it 12.345 ms after the epoch unless told otherwise. */
final class Envelopes {
    private Envelopes() {}

    static Envelope.Builder of(String source, String instance, Map<String, String> tags) {
        return Envelope.newBuilder()
                .setTimestamp(12_345_000)
                .setSourceId(source)
                .setInstanceId(instance)
                .putAllTags(tags);
    }

    static Envelope log(String source, String instance, Map<String, String> tags, String text) {
        return of(source, instance, tags).setLog(line(text)).build();
    }

    static Log.Builder line(String text) {
        return Log.newBuilder().setPayload(ByteString.copyFromUtf8(text));
    }

    static Envelope counter(Map<String, String> tags, String name, long delta, long total) {
        return of("test-app-id", "1", tags)
                .setCounter(Counter.newBuilder().setName(name).setDelta(delta).setTotal(total))
                .build();
    }

    static Envelope gauge(String name, double value, String unit) {
        return of("test-app-id", "1", Map.of())
                .setGauge(Gauge.newBuilder()
                        .putMetrics(
                                name,
                                GaugeValue.newBuilder()
                                        .setValue(value)
                                        .setUnit(unit)
                                        .build()))
                .build();
    }

    static Envelope timer(String name, long start, long stop) {
        return of("test-app-id", "1", Map.of())
                .setTimer(Timer.newBuilder().setName(name).setStart(start).setStop(stop))
                .build();
    }

    static Envelope event(String title, String body) {
        return of("test-app-id", "1", Map.of())
                .setEvent(Event.newBuilder().setTitle(title).setBody(body))
                .build();
    }
}
