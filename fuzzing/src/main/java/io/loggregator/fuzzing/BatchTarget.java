package io.loggregator.fuzzing;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.loggregator.wire.BatchCursor;
import io.loggregator.wire.BatchFraming;
import io.loggregator.wire.BatchRecords;
import io.loggregator.wire.BatchSplitter;
import io.loggregator.wire.ByteSink;
import io.loggregator.wire.v1.V1Renderer;
import io.loggregator.wire.v2.JsonRenderer;
import io.loggregator.wire.v2.TagForm;
import java.io.IOException;
import java.util.Arrays;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;

/** Batch bytes, as agents, Dopplers and Go's routers send them, and everything that they are rendered to. */
public final class BatchTarget {
    private static final int LARGEST = 64 << 20;
    private static final int LARGEST_FRAME = 65_536;
    private static final ObjectMapper JSON = new ObjectMapper();

    // As servers have them: used again and again, whatever the last input was.
    private static final BatchCursor STRICT = new BatchCursor(true);
    private static final BatchCursor LENIENT = new BatchCursor(false);
    private static final BatchRecords RECORDS = new BatchRecords();
    private static final V1Renderer V1 = new V1Renderer(LARGEST_FRAME);
    private static final V1Reader V1_READER = new V1Reader();
    private static final JsonRenderer V2_JSON = new JsonRenderer();
    private static final TagForm PREFERRED = new TagForm(true);
    private static final TagForm DEPRECATED = new TagForm(false);
    private static final ByteSink OUT = new ByteSink(LARGEST);

    private BatchTarget() {}

    /** Takes any bytes. */
    public static void fuzzerTestOneInput(byte[] data) throws IOException {
        boolean vouchedFor = walk(STRICT, data);
        LENIENT.over(data, 0, data.length);
        while (LENIENT.next()) {
            inside(LENIENT, data);
        }
        BatchFraming.sound(data, 0, data.length);
        int records = 0;
        BatchRecords cut = RECORDS.over(data, 0, data.length);
        while (cut.next()) {
            records++;
        }
        if (vouchedFor) {
            EnvelopeBatch read = parsed(data);
            Claim.that(read.getBatchCount() == records, "records are envelopes");
            split(data);
        }
    }

    /** Looks at every envelope; whether all of the batch is sound. */
    private static boolean walk(BatchCursor cursor, byte[] data) throws IOException {
        cursor.over(data, 0, data.length);
        boolean allValid = true;
        while (cursor.next()) {
            inside(cursor, data);
            allValid &= cursor.valid();
            if (cursor.valid()) {
                sound(cursor, data, cursor.envelopeStart(), cursor.envelopeEnd());
            } else {
                rendered(data, cursor.envelopeStart(), cursor.envelopeEnd(), false);
            }
        }
        return allValid && cursor.sound();
    }

    private static void inside(BatchCursor cursor, byte[] data) {
        Claim.that(
                cursor.recordStart() >= 0
                        && cursor.recordStart() < cursor.envelopeStart()
                        && cursor.envelopeEnd() <= data.length,
                "a record in the batch");
    }

    private static void sound(BatchCursor cursor, byte[] data, int from, int to) throws IOException {
        Envelope envelope;
        try {
            envelope = Envelope.parseFrom(Arrays.copyOfRange(data, from, to));
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("vouched for, and protobuf refuses it", e);
        }
        Claim.that(
                envelope.getSourceIdBytes()
                        .equals(ByteString.copyFrom(
                                data, cursor.sourceIdStart(), cursor.sourceIdEnd() - cursor.sourceIdStart())),
                "the same source id");
        Claim.that(envelope.getTimestamp() == cursor.timestamp(), "the same timestamp");
        Claim.that(envelope.getMessageCase().getNumber() == field(cursor.kind()), "the same kind");
        rendered(data, from, to, true);
    }

    private static int field(int kind) {
        return switch (kind) {
            case BatchCursor.LOG -> Envelope.LOG_FIELD_NUMBER;
            case BatchCursor.COUNTER -> Envelope.COUNTER_FIELD_NUMBER;
            case BatchCursor.GAUGE -> Envelope.GAUGE_FIELD_NUMBER;
            case BatchCursor.TIMER -> Envelope.TIMER_FIELD_NUMBER;
            case BatchCursor.EVENT -> Envelope.EVENT_FIELD_NUMBER;
            default -> 0;
        };
    }

    /** Everything that servers make of an envelope can be read by those who get it. */
    private static void rendered(byte[] data, int from, int to, boolean sound) throws IOException {
        int count = V1.render(data, from, to, V1_READER.reset());
        Claim.that(count == V1_READER.count(), "as many v1 envelopes as it says");
        Claim.that(!sound || V1.skipped() != V1Renderer.MALFORMED, "what is vouched for is rendered");
        if (V2_JSON.render(data, from, to, OUT.reset())) {
            JSON.readTree(OUT.bytes(), 0, OUT.end());
        }
        if (tagged(PREFERRED, data, from, to) && sound) {
            Claim.that(again().getDeprecatedTagsCount() == 0, "no deprecated tags in the preferred form");
        }
        if (tagged(DEPRECATED, data, from, to) && sound) {
            Claim.that(again().getTagsCount() == 0, "no preferred tags in the deprecated form");
        }
    }

    private static boolean tagged(TagForm form, byte[] data, int from, int to) {
        form.has(data, from, to);
        return form.render(data, from, to, OUT.reset());
    }

    private static Envelope again() {
        return parsed(Arrays.copyOf(OUT.bytes(), OUT.end())).getBatch(0);
    }

    private static void split(byte[] data) {
        for (int at = 0; at < data.length; ) {
            int end = BatchSplitter.pieceEnd(data, at, data.length, 1 + data.length / 3);
            Claim.that(end > at && end <= data.length, "a piece that is not empty");
            at = end;
        }
    }

    private static EnvelopeBatch parsed(byte[] batch) {
        try {
            return EnvelopeBatch.parseFrom(batch);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("a batch that is sound, and protobuf refuses it", e);
        }
    }
}
