package io.loggregator.nozzles.otlp;

import com.google.protobuf.ByteString;
import io.loggregator.nozzle.Batch;
import java.util.List;
import java.util.Map;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Counter;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Event;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Gauge;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.GaugeValue;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Timer;

/** Envelopes as a nozzle gets them. */
final class Envelopes {
    static final long TIME = 1_700_000_000_123_456_789L;

    private Envelopes() {}

    private static Envelope.Builder of(String source) {
        return Envelope.newBuilder().setTimestamp(TIME).setSourceId(source).setInstanceId("3");
    }

    static Envelope log(String source, ByteString payload, Log.Type type) {
        return of(source)
                .putTags("app_id", source)
                .putTags("app_name", "shop")
                .putTags("space_name", "prod")
                .putTags("source_type", "APP/PROC/WEB")
                .setLog(Log.newBuilder().setPayload(payload).setType(type))
                .build();
    }

    static Envelope log(String source, String text) {
        return log(source, ByteString.copyFromUtf8(text), Log.Type.OUT);
    }

    static Envelope event(String source, String title, String body) {
        return of(source)
                .setEvent(Event.newBuilder().setTitle(title).setBody(body))
                .build();
    }

    static Envelope counter(String source, String name, long delta, long total) {
        return of(source)
                .putTags("origin", "gorouter")
                .setCounter(Counter.newBuilder().setName(name).setDelta(delta).setTotal(total))
                .build();
    }

    static Envelope gauge(String source, Map<String, GaugeValue> metrics) {
        return of(source).setGauge(Gauge.newBuilder().putAllMetrics(metrics)).build();
    }

    static GaugeValue value(double value, String unit) {
        return GaugeValue.newBuilder().setValue(value).setUnit(unit).build();
    }

    /** A request that took so many milliseconds. */
    static Envelope http(String source, String status, long millis) {
        return timer(source, "http", millis).toBuilder()
                .putTags("peer_type", "Server")
                .putTags("method", "GET")
                .putTags("status_code", status)
                .putTags("request_id", "request " + millis)
                .build();
    }

    static Envelope timer(String source, String name, long millis) {
        return of(source)
                .setTimer(Timer.newBuilder().setName(name).setStart(TIME).setStop(TIME + millis * 1_000_000))
                .build();
    }

    static Batch batch(List<Envelope> envelopes) {
        return Batch.of(
                EnvelopeBatch.newBuilder().addAllBatch(envelopes).build().toByteArray());
    }

    static Batch batch(Envelope... envelopes) {
        return batch(List.of(envelopes));
    }
}
