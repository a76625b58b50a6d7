package io.loggregator.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Value;
import org.junit.jupiter.api.Test;

class BatchCursorTest {
    private final BatchCursor strict = new BatchCursor(true);
    private final BatchCursor lenient = new BatchCursor(false);

    @Property(tries = 3000)
    void tellsOfEveryEnvelopeWhatTheParserTells(@ForAll long seed) throws Exception {
        Generated generated = new Generated(seed);
        List<byte[]> envelopes = new ArrayList<>();
        List<byte[]> records = new ArrayList<>();
        for (int i = generated.random().nextInt(4); i >= 0; i--) {
            byte[] envelope = generated.unusualBytes(generated.envelope());
            envelopes.add(envelope);
            records.add(Generated.record(envelope));
        }
        byte[] batch = generated.surrounded(Generated.concat(records));
        for (BatchCursor cursor : List.of(strict, lenient)) {
            cursor.over(batch, 16, batch.length - 16);
            int record = 16;
            for (int i = 0; i < envelopes.size(); i++) {
                assertThat(cursor.next()).isTrue();
                assertThat(cursor.recordStart()).isEqualTo(record);
                record += records.get(i).length;
                assertThat(cursor.envelopeEnd()).isEqualTo(record);
                assertSame(cursor, envelopes.get(i));
            }
            assertThat(cursor.next()).isFalse();
            assertThat(cursor.sound()).isTrue();
        }
    }

    private static void assertSame(BatchCursor cursor, byte[] envelope) {
        assertThat(cut(cursor, cursor.envelopeStart(), cursor.envelopeEnd())).isEqualTo(envelope);
        Envelope parsed;
        try {
            parsed = EnvelopeBatch.parseFrom(Generated.record(envelope)).getBatch(0);
        } catch (InvalidProtocolBufferException e) {
            // Groups in one another beyond the limit.
            assertThat(cursor.valid()).isFalse();
            return;
        }
        assertThat(cursor.valid()).isTrue();
        assertThat(cut(cursor, cursor.sourceIdStart(), cursor.sourceIdEnd()))
                .isEqualTo(parsed.getSourceIdBytes().toByteArray());
        assertThat(cut(cursor, cursor.instanceIdStart(), cursor.instanceIdEnd()))
                .isEqualTo(parsed.getInstanceIdBytes().toByteArray());
        assertThat(cursor.timestamp()).isEqualTo(parsed.getTimestamp());
        byte[] sourceId = parsed.getSourceIdBytes().toByteArray();
        assertThat(cursor.sourceIdHash()).isEqualTo(BatchCursor.hash(sourceId, 0, sourceId.length));
        byte[] message = cut(cursor, cursor.messageStart(), cursor.messageEnd());
        int kind = switch (parsed.getMessageCase()) {
            case LOG -> BatchCursor.LOG;
            case COUNTER -> BatchCursor.COUNTER;
            case GAUGE -> BatchCursor.GAUGE;
            case TIMER -> BatchCursor.TIMER;
            case EVENT -> BatchCursor.EVENT;
            case MESSAGE_NOT_SET -> BatchCursor.NONE;
        };
        assertThat(cursor.kind()).isEqualTo(kind);
        if (kind == BatchCursor.LOG) {
            assertThat(message).isEqualTo(parsed.getLog().toByteArray());
        }
        assertThat(cursor.isV1Log()).isEqualTo(kind == BatchCursor.LOG && !"Error".equals(v1Type(parsed)));
    }

    private static String v1Type(Envelope envelope) {
        String preferred = envelope.getTagsMap().get("__v1_type");
        return preferred != null
                ? preferred
                : envelope.getDeprecatedTagsOrDefault("__v1_type", Value.getDefaultInstance())
                        .getText();
    }

    private static byte[] cut(BatchCursor cursor, int from, int to) {
        return Arrays.copyOfRange(cursor.bytes(), from, to);
    }

    @Property(tries = 60000)
    void strictlyAcceptsWhatTheParserAccepts(@ForAll long seed) {
        Generated generated = new Generated(seed, true);
        byte[] mutated = generated.mutated(generated.unusualBytes(generated.envelope()));
        byte[] batch = generated.surrounded(Generated.record(mutated));
        assertThat(strict.over(batch, 16, batch.length - 16).next()).isTrue();
        if (!hasLongVarint(mutated)) {
            assertThat(strict.valid()).isEqualTo(parses(mutated));
        } else if (strict.valid()) {
            assertThat(parses(mutated)).isTrue();
        }
        assertThat(strict.next()).isFalse();
        if (strict.over(batch, 16, batch.length - 16).next() && strict.valid()) {
            assertThat(lenient.over(batch, 16, batch.length - 16).next()).isTrue();
            assertThat(lenient.valid()).isTrue();
        }
    }

    private static boolean parses(byte[] envelope) {
        try {
            // In a batch, as readers parse it: there everything is one message deeper.
            return EnvelopeBatch.parseFrom(Generated.record(envelope)).isInitialized();
        } catch (InvalidProtocolBufferException e) {
            return false;
        }
    }

    // Varints above 32 bits, of which the Java parser drops what does not fit a tag or a length.
    private static boolean hasLongVarint(byte[] bytes) {
        int run = 0;
        for (byte b : bytes) {
            run = b < 0 ? run + 1 : 0;
            if (run >= 4) {
                return true;
            }
        }
        return false;
    }

    @Property(tries = 20000)
    void survivesAnyBytes(@ForAll long seed) {
        Generated generated = new Generated(seed);
        byte[] batch;
        if (generated.random().nextInt(4) == 0) {
            batch = new byte[generated.random().nextInt(60)];
            generated.random().nextBytes(batch);
        } else {
            batch = generated.mutated(Generated.record(generated.unusualBytes(generated.envelope())));
        }
        byte[] whole = generated.surrounded(batch);
        for (BatchCursor cursor : List.of(strict, lenient)) {
            String within = told(cursor, whole, 16, whole.length - 16);
            // What lies around the range plays no part, nor where it lies.
            assertThat(told(cursor, batch, 0, batch.length)).isEqualTo(within);
        }
    }

    private static String told(BatchCursor cursor, byte[] bytes, int from, int to) {
        StringBuilder told = new StringBuilder();
        cursor.over(bytes, from, to);
        int last = from;
        while (cursor.next()) {
            assertThat(cursor.recordStart()).isBetween(last, to);
            assertThat(cursor.envelopeStart()).isBetween(cursor.recordStart() + 2, to);
            last = cursor.envelopeEnd();
            assertThat(last).isBetween(cursor.envelopeStart(), to);
            assertThat(cursor.messageStart()).isBetween(cursor.envelopeStart(), last);
            assertThat(cursor.messageEnd()).isBetween(cursor.messageStart(), last);
            assertThat(cursor.sourceIdEnd()).isBetween(cursor.sourceIdStart(), last);
            told.append(cursor.recordStart() - from)
                    .append(cursor.valid())
                    .append(cursor.kind())
                    .append(cursor.isV1Log())
                    .append(cursor.timestamp())
                    .append(cursor.messageStart() - from)
                    .append(cursor.messageEnd() - from)
                    .append(cursor.sourceIdHash())
                    .append(cursor.instanceIdEnd() - from)
                    .append(' ');
        }
        return told.append(cursor.sound()).toString();
    }

    @Test
    void skipsUnknownFieldsOfTheBatch() {
        byte[] batch = Generated.written(out -> {
            out.writeString(2, "later");
            out.writeMessage(1, Envelope.getDefaultInstance());
            out.writeTag(9, ProtoBytes.START_GROUP);
            out.writeTag(9, ProtoBytes.END_GROUP);
        });
        strict.over(batch, 0, batch.length);
        assertThat(strict.next()).isTrue();
        assertThat(strict.kind()).isEqualTo(BatchCursor.NONE);
        assertThat(strict.next()).isFalse();
        assertThat(strict.sound()).isTrue();
    }

    @Test
    void endsUnsoundlyWhereTheFramingBreaks() {
        byte[] good = EnvelopeBatch.newBuilder()
                .addBatch(Envelope.newBuilder().setSourceId("a"))
                .build()
                .toByteArray();
        byte[][] broken = {
            {0x0A},
            {0x0A, 5, 1},
            {0x08, 1},
            {0x00},
            {0x0A, -1, -1, -1, -1, 0x0F},
            {0x0A, -1},
            {0x0B, 0x0C},
            {0x0C},
            {0x0E}
        };
        for (byte[] tail : broken) {
            byte[] batch = Generated.concat(List.of(good, tail));
            strict.over(batch, 0, batch.length);
            assertThat(strict.next()).isTrue();
            assertThat(strict.valid()).isTrue();
            assertThat(strict.next()).as(Arrays.toString(tail)).isFalse();
            assertThat(strict.sound()).isFalse();
            assertThat(strict.next()).isFalse();
        }
    }

    @Test
    void goesOnAfterAMalformedEnvelope() {
        byte[] batch = Generated.concat(List.of(
                Generated.record(new byte[] {0x12, 9}),
                Generated.record(Envelope.newBuilder().setSourceId("b").build().toByteArray())));
        for (BatchCursor cursor : List.of(strict, lenient)) {
            cursor.over(batch, 0, batch.length);
            assertThat(cursor.next()).isTrue();
            assertThat(cursor.valid()).isFalse();
            assertThat(cursor.next()).isTrue();
            assertThat(cursor.valid()).isTrue();
            assertThat(cursor.next()).isFalse();
            assertThat(cursor.sound()).isTrue();
        }
    }

    @Test
    void refusesTagsAndLengthsBeyond32Bits() {
        byte[] long33 = {(byte) 0x82, (byte) 0x80, (byte) 0x80, (byte) 0x80, 0x10};
        byte[] tag = Generated.record(Generated.concat(List.of(new byte[] {0x12}, long33, new byte[] {'a', 'b'})));
        assertThat(strict.over(tag, 0, tag.length).next()).isTrue();
        assertThat(strict.valid()).isFalse();
    }

    @Test
    void seesTheErrorTagInTagsFirst() {
        Envelope.Builder log = Envelope.newBuilder().setLog(Log.newBuilder().setPayload(ByteString.copyFromUtf8("x")));
        Value error = Value.newBuilder().setText("Error").build();
        assertThat(isV1Log(log)).isTrue();
        assertThat(isV1Log(log.clone().putTags("__v1_type", "Error"))).isFalse();
        assertThat(isV1Log(log.clone().putDeprecatedTags("__v1_type", error))).isFalse();
        assertThat(isV1Log(log.clone().putTags("__v1_type", "").putDeprecatedTags("__v1_type", error)))
                .isTrue();
        assertThat(isV1Log(log.clone().putTags("__v1_type", "LogMessage"))).isTrue();
    }

    private boolean isV1Log(Envelope.Builder envelope) {
        byte[] batch = EnvelopeBatch.newBuilder().addBatch(envelope).build().toByteArray();
        assertThat(strict.over(batch, 0, batch.length).next()).isTrue();
        assertThat(lenient.over(batch, 0, batch.length).next()).isTrue();
        assertThat(lenient.isV1Log()).isEqualTo(strict.isV1Log());
        return strict.isV1Log();
    }

    @Test
    void wantsARangeInsideTheArray() {
        assertThatThrownBy(() -> strict.over(new byte[3], 2, 4)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Example
    void refusesWhatIsNestedTooDeeplyForABatch() throws Exception {
        for (int depth = ProtoBytes.MAX_DEPTH - 2; depth <= ProtoBytes.MAX_DEPTH; depth++) {
            int groups = depth;
            byte[] envelope = Generated.written(out -> {
                for (int i = 0; i < groups; i++) {
                    out.writeTag(11, ProtoBytes.START_GROUP);
                }
                for (int i = 0; i < groups; i++) {
                    out.writeTag(11, ProtoBytes.END_GROUP);
                }
            });
            for (int field : new int[] {0, 4, 5, 6, 7, 9, 3, 10}) {
                byte[] nested = field == 0 ? envelope : Generated.written(out -> out.writeByteArray(field, envelope));
                byte[] batch = Generated.record(nested);
                assertThat(strict.over(batch, 0, batch.length).next()).isTrue();
                assertThat(strict.valid())
                        .as("field %d, %d groups", field, groups)
                        .isEqualTo(parses(nested));
            }
        }
    }
}
