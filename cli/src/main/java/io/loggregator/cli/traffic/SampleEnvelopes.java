package io.loggregator.cli.traffic;

import com.google.protobuf.ByteString;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Counter;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Gauge;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.GaugeValue;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Timer;

/** The sample's events as the cells' agents and the router would send them. */
final class SampleEnvelopes {
    private static final DateTimeFormatter ACCESS_TIME = DateTimeFormatter.ofPattern(
                    "yyyy-MM-dd'T'HH:mm:ss.SSSSSSSSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final long MIB = 1 << 20;
    private static final String USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) Sample/1.0";

    private final Random random;
    private final Map<String, Long> totals = new HashMap<>();
    private long requests;

    SampleEnvelopes(Random random) {
        this.random = random;
    }

    Envelope line(SampleRequest request) {
        List<String> lines = request.app().lines();
        String line = lines.get(random.nextInt(lines.size())).formatted(1 + random.nextInt(4_000));
        return appLog(request, line, Log.Type.OUT);
    }

    /** A Java exception in one log, as a runtime that keeps lines together sends it. */
    Envelope exception(SampleRequest request) {
        String where = "org.example." + request.app().name().replace('-', '.');
        String trace = request.app().failure().formatted(1 + random.nextInt(4_000)) + "\n\tat "
                + where + ".Handler.handle(Handler.java:" + (40 + random.nextInt(60)) + ")\n\tat "
                + where + ".Server.serve(Server.java:112)\n\tat java.base/java.lang.Thread.run(Thread.java:840)";
        return appLog(request, trace, Log.Type.ERR);
    }

    Envelope accessLine(SampleRequest request) {
        requests++;
        String line = String.format(
                Locale.ROOT,
                "%s - [%s] \"%s %s HTTP/1.1\" %d 0 %d \"-\" \"%s\" \"10.0.4.%d:%d\" \"10.0.16.%d:61%03d\""
                        + " x_forwarded_for:\"203.0.113.%d\" vcap_request_id:\"%s\" response_time:%.6f app_id:\"%s\""
                        + " app_index:\"%d\"",
                request.app().route(),
                ACCESS_TIME.format(Instant.ofEpochSecond(0, request.startNanos())),
                request.method(),
                request.path(),
                request.status(),
                request.responseBytes(),
                USER_AGENT,
                10 + request.client() % 4,
                40_000 + request.client(),
                20 + request.instance(),
                request.instance(),
                request.client() + 1,
                request.id(),
                (request.stopNanos() - request.startNanos()) / 1e9,
                request.app().id(),
                request.instance());
        return router(request)
                .putTags("source_type", "RTR")
                .setInstanceId("0")
                .setLog(Log.newBuilder().setPayload(ByteString.copyFromUtf8(line)))
                .build();
    }

    Envelope timer(SampleRequest request) {
        return router(request)
                .setInstanceId(Integer.toString(request.instance()))
                .putTags("request_id", request.id().toString())
                .putTags("peer_type", "Server")
                .putTags("method", request.method())
                .putTags("uri", "http://" + request.app().route() + request.path())
                .putTags("remote_address", "203.0.113." + (request.client() + 1) + ":" + (40_000 + request.client()))
                .putTags("user_agent", USER_AGENT)
                .putTags("status_code", Integer.toString(request.status()))
                .putTags("content_length", Integer.toString(request.responseBytes()))
                .putTags("routing_instance_id", request.app().id() + "-" + request.instance())
                .setTimer(Timer.newBuilder()
                        .setName("http")
                        .setStart(request.startNanos())
                        .setStop(request.stopNanos()))
                .build();
    }

    /** Five metrics with these names together are what the v1 protocol calls a container metric. */
    Envelope containerMetric(SampleApp app, int instance, long now) {
        Gauge.Builder gauge = Gauge.newBuilder();
        gauge.putMetrics("cpu", value("percentage", 0.5 + random.nextInt(400) / 10.0));
        gauge.putMetrics("memory", value("bytes", (double) (180 + random.nextInt(250)) * MIB));
        gauge.putMetrics("disk", value("bytes", (double) (120 + random.nextInt(40)) * MIB));
        gauge.putMetrics("memory_quota", value("bytes", 512.0 * MIB));
        gauge.putMetrics("disk_quota", value("bytes", 1024.0 * MIB));
        return tagged(now, "rep", "diego-cell", Integer.toString(instance))
                .setSourceId(app.id())
                .setInstanceId(Integer.toString(instance))
                .setGauge(gauge)
                .build();
    }

    /** Since the last call. */
    List<Envelope> routerCounters(long now) {
        Envelope total = counter(now, "total_requests", requests);
        Envelope responses = counter(now, "responses", requests);
        requests = 0;
        return List.of(total, responses);
    }

    private Envelope counter(long now, String name, long delta) {
        long total = totals.merge(name, delta, Long::sum);
        return tagged(now, "gorouter", "router", "0")
                .setSourceId("gorouter")
                .setInstanceId("0")
                .setCounter(Counter.newBuilder().setName(name).setDelta(delta).setTotal(total))
                .build();
    }

    private static Envelope appLog(SampleRequest request, String text, Log.Type type) {
        return tagged(request.stopNanos(), "rep", "diego-cell", Integer.toString(request.instance()))
                .setSourceId(request.app().id())
                .setInstanceId(Integer.toString(request.instance()))
                .putTags("source_type", "APP/PROC/WEB")
                .putTags("app_name", request.app().name())
                .setLog(Log.newBuilder()
                        .setPayload(ByteString.copyFromUtf8(text))
                        .setType(type))
                .build();
    }

    private static Envelope.Builder router(SampleRequest request) {
        return tagged(request.stopNanos(), "gorouter", "router", "0")
                .setSourceId(request.app().id())
                .putTags("app_name", request.app().name());
    }

    private static Envelope.Builder tagged(long now, String origin, String job, String index) {
        return Envelope.newBuilder()
                .setTimestamp(now)
                .putTags("origin", origin)
                .putTags("deployment", "sample")
                .putTags("job", job)
                .putTags("index", index)
                .putTags("ip", "10.0.4.10");
    }

    private static GaugeValue value(String unit, double value) {
        return GaugeValue.newBuilder().setUnit(unit).setValue(value).build();
    }
}
