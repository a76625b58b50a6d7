package io.loggregator.stream.dispatch;

import com.google.protobuf.ByteString;
import io.loggregator.stream.selection.Share;
import io.loggregator.wire.BatchCursor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Counter;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Event;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Gauge;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.GaugeValue;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Timer;

/** Envelopes whose timestamp is their name, so that a test can tell what became of each. */
final class Envelopes {
    /** What a test reads out of batch bytes. */
    record Seen(long number, String source, boolean log) {}

    private Envelopes() {}

    static Envelope log(long number, String source) {
        return log(number, source, 10);
    }

    static Envelope log(long number, String source, int payload) {
        return of(number, source)
                .setLog(Log.newBuilder().setPayload(ByteString.copyFrom(new byte[payload])))
                .build();
    }

    /** A log that v1 readers know as an Error, not as a LogMessage. */
    static Envelope error(long number, String source) {
        return of(number, source)
                .putTags("__v1_type", "Error")
                .setLog(Log.newBuilder().setPayload(ByteString.copyFromUtf8("broken")))
                .build();
    }

    static Envelope counter(long number, String source) {
        return counter(number, source, "requests");
    }

    static Envelope counter(long number, String source, String name) {
        return of(number, source)
                .setCounter(Counter.newBuilder().setName(name).setDelta(1))
                .build();
    }

    static Envelope gauge(long number, String source, String... names) {
        Gauge.Builder gauge = Gauge.newBuilder();
        List.of(names).forEach(name -> gauge.putMetrics(name, GaugeValue.getDefaultInstance()));
        return of(number, source).setGauge(gauge).build();
    }

    static Envelope timer(long number, String source) {
        return of(number, source).setTimer(Timer.newBuilder().setName("http")).build();
    }

    static Envelope event(long number, String source) {
        return of(number, source)
                .setEvent(Event.newBuilder().setTitle("started"))
                .build();
    }

    private static Envelope.Builder of(long number, String source) {
        return Envelope.newBuilder().setTimestamp(number).setSourceId(source);
    }

    static boolean isV1Log(Envelope envelope) {
        return envelope.hasLog() && !"Error".equals(envelope.getTagsOrDefault("__v1_type", ""));
    }

    static void accept(Lane lane, List<Envelope> envelopes, long nowMillis) {
        byte[] bytes = EnvelopeBatch.newBuilder().addAllBatch(envelopes).build().toByteArray();
        int logs = (int) envelopes.stream().filter(Envelopes::isV1Log).count();
        lane.accept(bytes, 0, bytes.length, envelopes.size(), logs, nowMillis);
    }

    static List<Seen> read(byte[] bytes, int from, int to) {
        List<Seen> seen = new ArrayList<>();
        BatchCursor cursor = new BatchCursor(true).over(bytes, from, to);
        while (cursor.next()) {
            if (!cursor.valid()) {
                throw new AssertionError("a broken envelope was sent");
            }
            String source = new String(
                    bytes,
                    cursor.sourceIdStart(),
                    cursor.sourceIdEnd() - cursor.sourceIdStart(),
                    StandardCharsets.UTF_8);
            seen.add(new Seen(cursor.timestamp(), source, cursor.isV1Log()));
        }
        if (!cursor.sound()) {
            throw new AssertionError("a broken batch was sent");
        }
        return seen;
    }

    /** The numbers of the envelopes that belong to a share. */
    static List<Long> numbers(byte[] bytes, int from, int to, Share share) {
        List<Long> numbers = new ArrayList<>();
        BatchCursor cursor = new BatchCursor(true).over(bytes, from, to);
        while (cursor.next()) {
            if (share.takes(cursor)) {
                numbers.add(cursor.timestamp());
            }
        }
        return numbers;
    }
}
