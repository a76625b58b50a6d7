package io.loggregator.endtoend;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Counter;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Gauge;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.GaugeValue;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Timer;

/** v2 envelopes as agents send them. */
final class Envelopes {
    static final String ORIGIN = "rep";
    static final String REQUEST_ID = "12345678-9abc-def0-1234-56789abcdef0";

    private Envelopes() {}

    private static Envelope.Builder of(String source, String instance, long timestamp) {
        return Envelope.newBuilder()
                .setTimestamp(timestamp)
                .setSourceId(source)
                .setInstanceId(instance)
                .putTags("origin", ORIGIN)
                .putTags("deployment", "cf")
                .putTags("job", "cell")
                .putTags("index", "7")
                .putTags("ip", "10.0.0.9");
    }

    static Envelope log(String source, String text) {
        return log(source, text, System.currentTimeMillis() * 1_000_000);
    }

    static Envelope log(String source, String text, long timestamp) {
        return of(source, "0", timestamp)
                .putTags("source_type", "APP/PROC/WEB")
                .setLog(Log.newBuilder()
                        .setPayload(ByteString.copyFromUtf8(text))
                        .setType(Log.Type.OUT))
                .build();
    }

    /** Lines that tell their source and their number: {@code source:number}. */
    static List<Envelope> lines(String source, int from, int to) {
        List<Envelope> lines = new ArrayList<>();
        for (int i = from; i < to; i++) {
            lines.add(log(source, source + ":" + i));
        }
        return lines;
    }

    static Envelope error(String source, long timestamp) {
        return of(source, "0", timestamp)
                .putTags("__v1_type", "Error")
                .putTags("source", "stager")
                .putTags("code", "42")
                .setLog(Log.newBuilder().setPayload(ByteString.copyFromUtf8("no disk")))
                .build();
    }

    static Envelope counter(String source, long timestamp) {
        return of(source, "0", timestamp)
                .setCounter(Counter.newBuilder().setName("requests").setDelta(3).setTotal(1_000_000_000_007L))
                .build();
    }

    static Envelope gauge(String source, long timestamp) {
        return of(source, "0", timestamp)
                .setGauge(Gauge.newBuilder().putMetrics("latency", value("ms", 12.5)))
                .build();
    }

    static Envelope container(String source, int instance, long timestamp, double cpu) {
        return of(source, Integer.toString(instance), timestamp)
                .setGauge(Gauge.newBuilder()
                        .putAllMetrics(Map.of(
                                "cpu", value("percentage", cpu),
                                "memory", value("bytes", 1024),
                                "disk", value("bytes", 2048),
                                "memory_quota", value("bytes", 4096),
                                "disk_quota", value("bytes", 8192))))
                .build();
    }

    static Envelope http(String source, long start, long stop) {
        return of(source, "2", stop)
                .setTimer(Timer.newBuilder().setName("http").setStart(start).setStop(stop))
                .putTags("request_id", REQUEST_ID)
                .putTags("peer_type", "Server")
                .putTags("method", "PUT")
                .putTags("uri", "https://app.example.com/x")
                .putTags("remote_address", "10.1.1.1:4000")
                .putTags("user_agent", "curl/8")
                .putTags("status_code", "201")
                .putTags("content_length", "99")
                .putTags("routing_instance_id", "inst")
                .putTags("forwarded", "a\nb")
                .build();
    }

    private static GaugeValue value(String unit, double value) {
        return GaugeValue.newBuilder().setUnit(unit).setValue(value).build();
    }
}
