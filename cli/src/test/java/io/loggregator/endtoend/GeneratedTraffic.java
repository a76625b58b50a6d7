package io.loggregator.endtoend;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Counter;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Event;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Gauge;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.GaugeValue;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Timer;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Value;

/**
 * Envelopes of every type, with tags of every kind, as agents send them and as nobody should. Each has a timestamp that
 * no other has. Decimal tags have a key that begins with {@value #DECIMAL}, and a value of at most six fraction digits.
 */
final class GeneratedTraffic {
    static final String DECIMAL = "decimal";

    /** So much of a log line that a v1 WebSocket frame, or a v1 envelope of gRPC, has no room for it. */
    private static final int[] LARGE = {70_000, 300_000, 2_000_000};

    private static final List<String> KINDS = List.of(
            "log", "log", "log", "error", "counter", "gauge", "container", "http", "http", "timer", "event", "nothing");
    private static final List<String> ORIGINS = List.of("origin", "deployment", "job", "index", "ip");
    private static final List<String> OTHER_KEYS =
            List.of("source_type", "process_type", "ключ", "with \"quotes\"", "line\nbreak", "x");
    private static final List<String> TEXTS = List.of(
            "",
            "APP/PROC/WEB",
            "zwölf",
            "日本語 😀",
            "\"quoted\" and \\ and </script> \u2028",
            "tab\tline\r\nnext\u0000\u001f\u007f",
            "long ".repeat(60));
    private static final List<String> METHODS = List.of("GET", "DELETE", "BASELINE_CONTROL", "FOO", "get", "");
    private static final List<String> CONTAINER = List.of("cpu", "memory", "disk", "memory_quota", "disk_quota");
    private static final double[] DOUBLES = {
        0,
        0.1,
        12.5,
        -1e-7,
        1e21,
        123_456_789.0,
        Double.MAX_VALUE,
        Double.MIN_VALUE,
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY
    };
    private static final long FIRST = 1_700_000_000_123_456_789L;

    private final Random random;
    private long timestamp = FIRST;

    GeneratedTraffic(long seed) {
        random = new Random(seed);
    }

    /** So many envelopes of these sources, in turn at random. */
    List<Envelope> envelopes(int count, List<String> sources) {
        List<Envelope> envelopes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            envelopes.add(envelope(oneOf(KINDS), oneOf(sources)));
        }
        return envelopes;
    }

    /** Of one source: log lines too large for v1, and an error that cannot be cut. */
    List<Envelope> large(String source) {
        List<Envelope> envelopes = new ArrayList<>();
        for (int size : LARGE) {
            String text = "ünï€ode 😀 ".repeat(size / 18);
            envelopes.add(start(source)
                    .setLog(Log.newBuilder().setPayload(ByteString.copyFromUtf8(text)))
                    .build());
        }
        envelopes.add(start(source)
                .putTags("__v1_type", "Error")
                .setLog(Log.newBuilder().setPayload(bytes(LARGE[0])))
                .build());
        return envelopes;
    }

    /**
     * The envelopes in batches of any size. One in four batches has an envelope more that is none: with text that is not
     * UTF-8, or cut off; nobody is to get it.
     */
    List<EnvelopeBatch> batches(List<Envelope> envelopes) {
        List<EnvelopeBatch> batches = new ArrayList<>();
        int next = 0;
        while (next < envelopes.size()) {
            int end = Math.min(envelopes.size(), next + 1 + random.nextInt(20));
            EnvelopeBatch.Builder batch = EnvelopeBatch.newBuilder().addAllBatch(envelopes.subList(next, end));
            if (random.nextInt(4) == 0) {
                batch.setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(
                                1,
                                UnknownFieldSet.Field.newBuilder()
                                        .addLengthDelimited(malformed())
                                        .build())
                        .build());
            }
            batches.add(batch.build());
            next = end;
        }
        return batches;
    }

    /** How many envelopes that are none are in the batches. */
    static long malformed(List<EnvelopeBatch> batches) {
        return batches.stream()
                .filter(batch -> !batch.getUnknownFields().asMap().isEmpty())
                .count();
    }

    private ByteString malformed() {
        Envelope sound = envelope("log", "malformed");
        if (random.nextBoolean()) {
            return sound.toByteString().substring(0, sound.getSerializedSize() - 1);
        }
        UnknownFieldSet text = UnknownFieldSet.newBuilder()
                .addField(
                        8,
                        UnknownFieldSet.Field.newBuilder()
                                .addLengthDelimited(ByteString.copyFrom(new byte[] {'a', (byte) 0xC3, 'b'}))
                                .build())
                .build();
        return sound.toBuilder().setUnknownFields(text).build().toByteString();
    }

    private Envelope envelope(String kind, String source) {
        Envelope.Builder envelope = start(source);
        switch (kind) {
            case "log" -> envelope.setLog(Log.newBuilder().setPayload(payload()).setTypeValue(random.nextInt(3)));
            case "error" ->
                tag(envelope, "__v1_type", "Error")
                        .putTags("code", oneOf(List.of("42", "-1", "none", "")))
                        .putTags("source", text())
                        .setLog(Log.newBuilder().setPayload(payload()));
            case "counter" ->
                envelope.setCounter(
                        Counter.newBuilder().setName(text()).setDelta(number()).setTotal(number()));
            case "gauge" -> envelope.setGauge(gauge());
            case "container" -> envelope.setGauge(container());
            case "http" -> http(envelope);
            case "timer" ->
                envelope.setTimer(
                        Timer.newBuilder().setName(text()).setStart(number()).setStop(number()));
            case "event" ->
                envelope.setEvent(Event.newBuilder().setTitle(text()).setBody(text()));
            default -> {}
        }
        return envelope.build();
    }

    private Envelope.Builder start(String source) {
        Envelope.Builder envelope =
                Envelope.newBuilder().setTimestamp(timestamp++).setSourceId(source);
        envelope.setInstanceId(oneOf(List.of("0", "7", "", "2147483648", "not a number", "-3")));
        for (String key : ORIGINS) {
            if (random.nextInt(6) > 0) {
                tag(envelope, key, text());
            }
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            tag(envelope, oneOf(OTHER_KEYS), text());
        }
        if (random.nextInt(4) == 0) {
            String both = oneOf(OTHER_KEYS);
            envelope.putTags(both, "preferred").putDeprecatedTags(both, value("deprecated"));
        }
        if (random.nextInt(4) == 0) {
            envelope.putDeprecatedTags(
                    "integer", Value.newBuilder().setInteger(number()).build());
            envelope.putDeprecatedTags("without data", Value.getDefaultInstance());
            double decimal = (random.nextBoolean() ? random.nextInt() : random.nextInt(1000)) / 64.0;
            envelope.putDeprecatedTags(
                    DECIMAL + random.nextInt(3),
                    Value.newBuilder().setDecimal(decimal).build());
        }
        return envelope;
    }

    /** In either map. */
    private Envelope.Builder tag(Envelope.Builder envelope, String key, String text) {
        return random.nextInt(3) == 0 ? envelope.putDeprecatedTags(key, value(text)) : envelope.putTags(key, text);
    }

    private void http(Envelope.Builder envelope) {
        envelope.setTimer(Timer.newBuilder().setName("http").setStart(number()).setStop(number()));
        if (random.nextInt(5) > 0) {
            tag(envelope, "request_id", new UUID(random.nextLong(), random.nextLong()).toString());
        }
        tag(envelope, "method", oneOf(METHODS));
        tag(envelope, "peer_type", oneOf(List.of("Client", "Server", "server", "")));
        envelope.putDeprecatedTags(
                "status_code",
                Value.newBuilder().setInteger(200 + random.nextInt(400)).build());
        tag(envelope, "content_length", oneOf(List.of("0", "9007199254740993", "many")));
        for (String key : List.of("uri", "remote_address", "user_agent", "routing_instance_id")) {
            if (random.nextBoolean()) {
                tag(envelope, key, text());
            }
        }
        if (random.nextBoolean()) {
            tag(envelope, "forwarded", oneOf(List.of("", "10.0.0.1", "10.0.0.1\n10.0.0.2\n")));
        }
    }

    private Gauge gauge() {
        Gauge.Builder gauge = Gauge.newBuilder();
        for (int i = random.nextInt(4); i > 0; i--) {
            gauge.putMetrics(text(), value(text(), DOUBLES[random.nextInt(DOUBLES.length)]));
        }
        return gauge.build();
    }

    /** With all that makes it a container's, or with one of these metrics left out or as good as left out. */
    private Gauge container() {
        Gauge.Builder gauge = Gauge.newBuilder();
        for (String metric : CONTAINER) {
            String unit = metric.equals("cpu") ? "percentage" : "bytes";
            gauge.putMetrics(metric, value(unit, random.nextInt(1 << 30)));
        }
        switch (random.nextInt(4)) {
            case 0 -> gauge.removeMetrics(oneOf(CONTAINER));
            case 1 -> gauge.putMetrics(oneOf(CONTAINER), value("", 0));
            case 2 -> gauge.putMetrics("instance_index", value("", random.nextInt(100)));
            default -> {}
        }
        return gauge.build();
    }

    private static GaugeValue value(String unit, double value) {
        return GaugeValue.newBuilder().setUnit(unit).setValue(value).build();
    }

    private static Value value(String text) {
        return Value.newBuilder().setText(text).build();
    }

    private ByteString payload() {
        return switch (random.nextInt(5)) {
            case 0 -> ByteString.EMPTY;
            case 1 -> bytes(random.nextInt(200));
            case 2 -> bytes(random.nextInt(60_000));
            case 3 -> ByteString.copyFrom("cut in \uD83D\uDE00".getBytes(StandardCharsets.UTF_8), 0, 9);
            default -> ByteString.copyFromUtf8(text());
        };
    }

    private ByteString bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return ByteString.copyFrom(bytes);
    }

    private long number() {
        return random.nextLong() >> random.nextInt(64);
    }

    private String text() {
        return oneOf(TEXTS);
    }

    private <T> T oneOf(List<T> choice) {
        return choice.get(random.nextInt(choice.size()));
    }
}
