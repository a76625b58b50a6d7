package io.loggregator.stream.selection;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.loggregator.wire.BatchCursor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Counter;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Event;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Gauge;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.GaugeValue;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Timer;

/** Readers' wishes and envelopes drawn from so few sources and names that they often meet. */
final class Drawn {
    private static final String[] SOURCES = {"", "a", "b", "system", "zwölf"};
    /** The last two are in one order as strings and in the other as UTF-8. */
    private static final String[] NAMES = {"", "cpu", "memory", "disk", "größe", "\uFF5E", "\uD83D\uDE00"};

    private final Random random;

    Drawn(long seed) {
        this.random = new Random(seed);
    }

    Random random() {
        return random;
    }

    private String source() {
        return SOURCES[random.nextInt(SOURCES.length)];
    }

    private String name() {
        return NAMES[random.nextInt(NAMES.length)];
    }

    /** What an index is for: few selectors or many, some of them equal, or one app's classes. */
    Wanted wanted() {
        if (random.nextInt(4) == 0) {
            int classes = 1 + random.nextInt(Selection.LOG_CLASS | Selection.METRIC_CLASS);
            return new Wanted(SOURCES[1 + random.nextInt(SOURCES.length - 1)], classes, List.of(), false);
        }
        List<Selector> selectors = new ArrayList<>();
        for (int i = random.nextBoolean() ? random.nextInt(3) : random.nextInt(30); i >= 0; i--) {
            selectors.add(selector());
        }
        return new Wanted(null, 0, selectors, random.nextBoolean());
    }

    private Selector selector() {
        int kind = BatchCursor.LOG + random.nextInt(BatchCursor.EVENT);
        List<String> names = new ArrayList<>();
        if (kind == BatchCursor.COUNTER && random.nextBoolean()) {
            names.add(name());
        }
        for (int i = kind == BatchCursor.GAUGE ? random.nextInt(4) : 0; i > 0; i--) {
            names.add(name());
        }
        return new Selector(source(), kind, names);
    }

    /** The bytes of any envelope; of gauges also such that tell one metric twice, as the encoding of a map allows. */
    byte[] envelope() {
        Envelope.Builder envelope = Envelope.newBuilder().setSourceId(source()).setTimestamp(random.nextInt(1_000));
        if (random.nextInt(4) == 0) {
            envelope.putTags("__v1_type", random.nextBoolean() ? "Error" : "LogMessage");
        }
        switch (random.nextInt(6)) {
            case BatchCursor.LOG -> envelope.setLog(Log.newBuilder().setPayload(ByteString.copyFromUtf8("line")));
            case BatchCursor.COUNTER -> envelope.setCounter(Counter.newBuilder().setName(name()));
            case BatchCursor.GAUGE -> {
                return withGauge(envelope.build());
            }
            case BatchCursor.TIMER -> envelope.setTimer(Timer.newBuilder().setName(name()));
            case BatchCursor.EVENT -> envelope.setEvent(Event.newBuilder().setTitle(name()));
            default -> {}
        }
        return envelope.build().toByteArray();
    }

    private byte[] withGauge(Envelope envelope) {
        ByteArrayOutputStream metrics = new ByteArrayOutputStream();
        for (int i = random.nextInt(5); i > 0; i--) {
            GaugeValue value = GaugeValue.newBuilder()
                    .setUnit("x")
                    .setValue(random.nextInt(9))
                    .build();
            metrics.writeBytes(
                    Gauge.newBuilder().putMetrics(name(), value).build().toByteArray());
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            out.writeRawBytes(envelope.toByteString());
            out.writeByteArray(Envelope.GAUGE_FIELD_NUMBER, metrics.toByteArray());
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** A cursor that stands on the envelope. */
    static BatchCursor cursor(byte[] envelope) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            out.writeByteArray(1, envelope);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        BatchCursor cursor = new BatchCursor(false).over(bytes.toByteArray(), 0, bytes.size());
        if (!cursor.next()) {
            throw new AssertionError("no envelope");
        }
        return cursor;
    }
}
