package io.loggregator.wire.v2;

import static io.loggregator.wire.EnvelopeFields.COUNTER;
import static io.loggregator.wire.EnvelopeFields.EVENT;
import static io.loggregator.wire.EnvelopeFields.GAUGE;
import static io.loggregator.wire.EnvelopeFields.INSTANCE_ID;
import static io.loggregator.wire.EnvelopeFields.LOG;
import static io.loggregator.wire.EnvelopeFields.SOURCE_ID;
import static io.loggregator.wire.EnvelopeFields.TIMESTAMP;

import io.loggregator.wire.ByteSink;
import io.loggregator.wire.MapWriter;
import io.loggregator.wire.MetricWriter;
import io.loggregator.wire.ProtoBytes;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/**
 * Writes the few envelopes that a server makes itself, as batch bytes: their tags in the preferred form, fields that have
 * their default left out. Each envelope is {@linkplain #begin begun}, gets its tags, and is ended by its message.
 *
 * <p>Why not the generated classes: the first use of them loads hundreds of classes and undoes compiled code, for a tenth
 * of a second or two, and here that would be on an event loop that others wait for.
 */
public final class EnvelopeWriter {
    private static final int LARGEST = 16 << 20;

    /** {@code batch} of an {@code EnvelopeBatch}, and the first text of everything else. */
    private static final int FIRST = 1 << 3 | ProtoBytes.DELIMITED;

    private static final int SECOND = 2 << 3 | ProtoBytes.DELIMITED;
    private static final int SECOND_NUMBER = 2 << 3 | ProtoBytes.VARINT;
    private static final int THIRD_NUMBER = 3 << 3 | ProtoBytes.VARINT;
    private static final int ERR = 1;

    private final ByteSink batch = new ByteSink(LARGEST);
    private final ByteSink envelope = new ByteSink(LARGEST);
    private final ByteSink message = new ByteSink(LARGEST);
    private final ByteSink value = new ByteSink(LARGEST);

    /** Begins an envelope. */
    public EnvelopeWriter begin(long timestampNanos, String sourceId, String instanceId) {
        envelope.reset();
        number(envelope, TIMESTAMP, timestampNanos);
        text(envelope, SOURCE_ID, sourceId);
        text(envelope, INSTANCE_ID, instanceId);
        return this;
    }

    /** Adds a tag; one with an empty value is still there. */
    public EnvelopeWriter tag(String key, String text) {
        byte[] keys = key.getBytes(StandardCharsets.UTF_8);
        byte[] values = text.getBytes(StandardCharsets.UTF_8);
        MapWriter.V2_TAGS.entry(envelope, keys, 0, keys.length, values, 0, values.length);
        return this;
    }

    /** Adds tags. */
    public EnvelopeWriter tags(Map<String, String> tags) {
        tags.forEach(this::tag);
        return this;
    }

    /** Ends the envelope as a line of the output stream. */
    public void log(String line) {
        text(message.reset(), FIRST, line);
        end(LOG);
    }

    /** Ends the envelope as a line of the error stream. */
    public void errorLog(String line) {
        text(message.reset(), FIRST, line);
        number(message, SECOND_NUMBER, ERR);
        end(LOG);
    }

    /** Ends the envelope as a counter. */
    public void counter(String name, long delta, long total) {
        text(message.reset(), FIRST, name);
        number(message, SECOND_NUMBER, delta);
        number(message, THIRD_NUMBER, total);
        end(COUNTER);
    }

    /** Ends the envelope as a gauge of one metric. */
    public void gauge(String name, String unit, double metric) {
        byte[] names = name.getBytes(StandardCharsets.UTF_8);
        byte[] units = unit.getBytes(StandardCharsets.UTF_8);
        long bits = Double.doubleToRawLongBits(metric);
        MetricWriter.entry(message.reset(), value, names, 0, names.length, units, 0, units.length, bits);
        end(GAUGE);
    }

    /** Ends the envelope as an event. */
    public void event(String title, String body) {
        text(message.reset(), FIRST, title);
        text(message, SECOND, body);
        end(EVENT);
    }

    /** What was written since the last call, as the bytes of an {@code EnvelopeBatch}. */
    public byte[] batch() {
        byte[] bytes = Arrays.copyOf(batch.bytes(), batch.end());
        batch.reset();
        return bytes;
    }

    private void end(int field) {
        envelope.delimited(field, message.bytes(), 0, message.end());
        batch.delimited(FIRST, envelope.bytes(), 0, envelope.end());
    }

    private static void text(ByteSink out, int field, String text) {
        if (!text.isEmpty()) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            out.delimited(field, bytes, 0, bytes.length);
        }
    }

    private static void number(ByteSink out, int field, long number) {
        if (number != 0) {
            out.varint(field, number);
        }
    }
}
