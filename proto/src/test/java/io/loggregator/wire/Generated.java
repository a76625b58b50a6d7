package io.loggregator.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Counter;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Event;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Gauge;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.GaugeValue;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Timer;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Value;

/** Generated v2 envelopes and their bytes in every form that the encoding allows. */
public final class Generated {
    private static final String[] TEXTS = {
        "",
        "a",
        "origin",
        "Error",
        "LogMessage",
        "job",
        "zwölf",
        "日本語",
        "😀 smile",
        "f47ac10b-58cc-4372-a567-0e02b2c3d479",
        "a text of more than a hundred and twenty-seven bytes, so that its length takes two bytes on the wire: "
                .repeat(2)
    };
    private static final String[] KEYS = {
        "__v1_type",
        "origin",
        "deployment",
        "job",
        "index",
        "ip",
        "source_type",
        "instance_id",
        "source_id",
        "ключ",
        "x"
    };

    private final Random random;
    private final boolean smallNumbers;

    public Generated(long seed) {
        this(seed, false);
    }

    /** @param smallNumbers only numbers that take at most three bytes as a varint */
    public Generated(long seed, boolean smallNumbers) {
        this.random = new Random(seed);
        this.smallNumbers = smallNumbers;
    }

    public Random random() {
        return random;
    }

    private String text() {
        return TEXTS[random.nextInt(TEXTS.length)];
    }

    private String key() {
        return KEYS[random.nextInt(KEYS.length)];
    }

    private long number() {
        if (smallNumbers) {
            return random.nextInt(1 << 20);
        }
        return random.nextLong() >> random.nextInt(64);
    }

    /** Any envelope. */
    public Envelope envelope() {
        Envelope.Builder envelope = Envelope.newBuilder();
        if (random.nextInt(8) > 0) {
            envelope.setTimestamp(number());
            envelope.setSourceId(text());
            envelope.setInstanceId(random.nextBoolean() ? text() : Integer.toString(random.nextInt(20)));
        }
        for (int i = random.nextInt(6); i > 0; i--) {
            envelope.putTags(key(), text());
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            envelope.putDeprecatedTags(key(), value());
        }
        switch (random.nextInt(6)) {
            case 0 ->
                envelope.setLog(Log.newBuilder()
                        .setPayload(ByteString.copyFromUtf8(text()))
                        .setTypeValue(random.nextInt(3)));
            case 1 ->
                envelope.setCounter(
                        Counter.newBuilder().setName(text()).setDelta(number()).setTotal(number()));
            case 2 -> {
                Gauge.Builder gauge = Gauge.newBuilder();
                for (int i = random.nextInt(4); i > 0; i--) {
                    gauge.putMetrics(
                            text(),
                            GaugeValue.newBuilder()
                                    .setUnit(text())
                                    .setValue(random.nextDouble())
                                    .build());
                }
                envelope.setGauge(gauge);
            }
            case 3 ->
                envelope.setTimer(
                        Timer.newBuilder().setName(text()).setStart(number()).setStop(number()));
            case 4 -> envelope.setEvent(Event.newBuilder().setTitle(text()).setBody(text()));
            default -> {}
        }
        return envelope.build();
    }

    private Value value() {
        return switch (random.nextInt(4)) {
            case 0 -> Value.newBuilder().setInteger(number()).build();
            case 1 -> Value.newBuilder().setDecimal(random.nextDouble() * 1000).build();
            case 2 -> Value.getDefaultInstance();
            default -> Value.newBuilder().setText(text()).build();
        };
    }

    /** The bytes of the envelope with its fields in any order, some of them twice, and unknown fields among them. */
    public byte[] unusualBytes(Envelope envelope) {
        List<byte[]> fields = new ArrayList<>(fields(envelope.toByteArray()));
        if (!fields.isEmpty() && random.nextBoolean()) {
            fields.add(fields.get(random.nextInt(fields.size())));
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            fields.add(unknownField());
        }
        Collections.shuffle(fields, random);
        return concat(fields);
    }

    private byte[] unknownField() {
        return written(out -> {
            int number = random.nextBoolean() ? 11 + random.nextInt(20) : 1 + random.nextInt((1 << 29) - 1);
            switch (random.nextInt(5)) {
                case 0 -> out.writeUInt64(number, number());
                case 1 -> out.writeFixed64(number, random.nextLong());
                case 2 -> out.writeString(Math.max(number, 11), text());
                case 3 -> out.writeFixed32(number, random.nextInt());
                default -> {
                    int depth = random.nextInt(1 + 2 * ProtoBytes.MAX_DEPTH / (random.nextInt(20) + 1));
                    for (int i = 0; i < depth; i++) {
                        out.writeTag(11 + i, ProtoBytes.START_GROUP);
                    }
                    out.writeUInt64(1, number());
                    for (int i = depth - 1; i >= 0; i--) {
                        out.writeTag(11 + i, ProtoBytes.END_GROUP);
                    }
                }
            }
        });
    }

    /** The bytes with a few of them changed, removed, doubled or cut off. */
    public byte[] mutated(byte[] original) {
        byte[] bytes = original.clone();
        for (int i = random.nextInt(3); i >= 0 && bytes.length > 0; i--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(6)) {
                case 0 -> bytes[at] = (byte) random.nextInt();
                case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> bytes[at] += (byte) (random.nextInt(5) - 2);
                case 3 -> bytes = Arrays.copyOf(bytes, at);
                case 4 ->
                    bytes = concat(List.of(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, at + 1, bytes.length)));
                default ->
                    bytes = concat(List.of(
                            Arrays.copyOf(bytes, at),
                            new byte[] {(byte) random.nextInt()},
                            Arrays.copyOfRange(bytes, at, bytes.length)));
            }
        }
        return bytes;
    }

    /** The bytes in the middle of an array of other bytes that would mislead who reads them; offset 16. */
    public byte[] surrounded(byte[] bytes) {
        byte[] whole = new byte[bytes.length + 32];
        Arrays.fill(whole, random.nextBoolean() ? (byte) 0xFF : (byte) 0x0A);
        System.arraycopy(bytes, 0, whole, 16, bytes.length);
        return whole;
    }

    /** The top-level fields of sound bytes, each with its tag. */
    private static List<byte[]> fields(byte[] bytes) {
        List<byte[]> fields = new ArrayList<>();
        int p = 0;
        while (p < bytes.length) {
            long tag = ProtoBytes.tag(bytes, p, bytes.length);
            int next = ProtoBytes.skip(bytes, ProtoBytes.high(tag), bytes.length, ProtoBytes.low(tag), 0);
            fields.add(Arrays.copyOfRange(bytes, p, next));
            p = next;
        }
        return fields;
    }

    /** Bytes glued together. */
    public static byte[] concat(List<byte[]> parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        parts.forEach(out::writeBytes);
        return out.toByteArray();
    }

    /** A batch's record: tag, length and the bytes of an envelope. */
    public static byte[] record(byte[] envelope) {
        return written(out -> out.writeByteArray(1, envelope));
    }

    /** What writes with protobuf's own writer. */
    public interface Writer {
        void write(CodedOutputStream out) throws IOException;
    }

    /** Bytes written by hand. */
    public static byte[] written(Writer writer) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            writer.write(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
