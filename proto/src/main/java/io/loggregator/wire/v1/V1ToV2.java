package io.loggregator.wire.v1;

import io.loggregator.wire.ByteSink;
import io.loggregator.wire.EnvelopeFields;
import io.loggregator.wire.MapWriter;
import io.loggregator.wire.MetricWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/**
 * Writes v1 envelopes as the v2 envelopes that the Go release makes of them, from bytes to bytes. One converter serves
 * any number of envelopes, on one thread at a time.
 */
public final class V1ToV2 {
    /** The event types that v2 has a message for, by name, in the order of their numbers. */
    public static final List<String> EVENT_TYPES =
            List.of("HttpStartStop", "LogMessage", "ValueMetric", "CounterEvent", "Error", "ContainerMetric");

    private static final byte[][] TYPE_NAMES =
            EVENT_TYPES.stream().map(V1ToV2::ascii).toArray(byte[][]::new);
    private static final byte[] HTTP = ascii("http");
    private static final byte[] PERCENTAGE = ascii("percentage");
    private static final byte[] BYTES = ascii("bytes");
    private static final byte[] CPU = ascii("cpu");

    // In the order of their field numbers in v1, from 4.
    private static final byte[][] BYTE_COUNTS = {
        ascii("memory"), ascii("disk"), ascii("memory_quota"), ascii("disk_quota")
    };

    private final V1Envelope v1;
    private final ByteSink sourceId;
    private final ByteSink instanceId;
    private final ByteSink body;
    private final ByteSink entry;
    private final ByteSink scratch = new ByteSink(64);
    private final byte[] uuid = new byte[UuidText.LENGTH];
    private final int maxBytes;

    /**
     * @param maxEnvelopeBytes size of a v1 envelope at most, 1 and more; larger ones are refused
     * @throws IllegalArgumentException if it is less
     */
    public V1ToV2(int maxEnvelopeBytes) {
        if (maxEnvelopeBytes < 1) {
            throw new IllegalArgumentException("maxEnvelopeBytes must be 1 or more, is " + maxEnvelopeBytes);
        }
        maxBytes = maxEnvelopeBytes;
        // What is made of parts of an envelope is not much larger than the envelope.
        int room = (int) Math.min(Integer.MAX_VALUE - 64L, maxEnvelopeBytes + 1024L);
        v1 = new V1Envelope(room);
        sourceId = new ByteSink(room);
        instanceId = new ByteSink(room);
        body = new ByteSink(room);
        entry = new ByteSink(room);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Converts the v1 envelope {@code bytes[from, to)}.
     *
     * @param preferredTags whether the tags go to {@code tags}; otherwise to {@code deprecated_tags}, all as text
     * @param out gets the bytes of the v2 Envelope itself at its end; whether it was full is its own to tell
     * @return false, and nothing is written, if this is not a v1 envelope: broken, too large, without a field that v1
     *     requires, or with text that is not UTF-8
     */
    public boolean convert(byte[] bytes, int from, int to, boolean preferredTags, ByteSink out) {
        Objects.checkFromToIndex(from, to, bytes.length);
        if (to - from > maxBytes || !v1.read(bytes, from, to)) {
            return false;
        }
        ids();
        int message = message();
        if (v1.timestamp != 0) {
            out.varint(EnvelopeFields.TIMESTAMP, v1.timestamp);
        }
        if (sourceId.end() > 0) {
            out.delimited(EnvelopeFields.SOURCE_ID, sourceId.bytes(), 0, sourceId.end());
        }
        if (message != 0) {
            out.delimited(message, body.bytes(), 0, body.end());
        }
        if (instanceId.end() > 0) {
            out.delimited(EnvelopeFields.INSTANCE_ID, instanceId.bytes(), 0, instanceId.end());
        }
        tags(preferredTags ? MapWriter.V2_TAGS : MapWriter.V2_DEPRECATED_TAGS, out);
        return true;
    }

    /**
     * What the envelope that was converted last is: its place in {@link #EVENT_TYPES}; -1 if it is something else, and so
     * was converted to an envelope without a message.
     */
    public int eventType() {
        int type = v1.eventType - V1Envelope.HTTP_START_STOP;
        return type >= 0 && type < EVENT_TYPES.size() ? type : -1;
    }

    // The source id and the instance id, as the tags have them and then as the type of event has them.
    private void ids() {
        TagTable tags = v1.tags;
        sourceId.reset();
        instanceId.reset();
        if (tags.find(KnownTag.SOURCE_ID)) {
            sourceId.raw(tags.source(), tags.start(), tags.end());
        } else {
            own(V1Envelope.DEPLOYMENT, sourceId);
            sourceId.raw('/');
            own(V1Envelope.JOB, sourceId);
        }
        switch (v1.eventType) {
            case V1Envelope.LOG_MESSAGE -> {
                sourceIdOf(4);
                instanceId.raw(v1.bytes, v1.start(6), v1.end(6));
            }
            case V1Envelope.CONTAINER_METRIC -> {
                sourceIdOf(1);
                instanceId.digits(v1.int32(2));
            }
            case V1Envelope.HTTP_START_STOP -> {
                if ((v1.applicationIdLow | v1.applicationIdHigh) != 0) {
                    UuidText.write(v1.applicationIdLow, v1.applicationIdHigh, uuid, 0);
                    sourceId.reset().raw(uuid, 0, uuid.length);
                }
                instanceId.digits(v1.int32(13));
            }
            case V1Envelope.COUNTER_EVENT, V1Envelope.VALUE_METRIC -> {
                tags.find(KnownTag.INSTANCE_ID);
                instanceId.raw(tags.source(), tags.start(), tags.end());
            }
            default -> {}
        }
    }

    private void sourceIdOf(int field) {
        if (v1.start(field) != v1.end(field)) {
            sourceId.reset().raw(v1.bytes, v1.start(field), v1.end(field));
        }
    }

    private void own(int field, ByteSink out) {
        out.raw(v1.bytes, v1.ownStart(field), v1.ownEnd(field));
    }

    // Writes the message without its tag and length, and answers its tag; 0: v2 knows none for this type.
    private int message() {
        body.reset();
        return switch (v1.eventType) {
            case V1Envelope.LOG_MESSAGE -> {
                text(1, v1.start(1), v1.end(1));
                number(2, v1.int32(2) == 2 ? 1 : 0);
                yield EnvelopeFields.LOG;
            }
            case V1Envelope.ERROR -> {
                text(1, v1.start(3), v1.end(3));
                yield EnvelopeFields.LOG;
            }
            case V1Envelope.COUNTER_EVENT -> {
                text(1, v1.start(1), v1.end(1));
                number(2, v1.number(2));
                number(3, v1.number(3));
                yield EnvelopeFields.COUNTER;
            }
            case V1Envelope.VALUE_METRIC -> {
                metric(v1.bytes, v1.start(1), v1.end(1), v1.bytes, v1.start(3), v1.end(3), v1.number(2));
                yield EnvelopeFields.GAUGE;
            }
            case V1Envelope.CONTAINER_METRIC -> {
                metric(CPU, 0, CPU.length, PERCENTAGE, 0, PERCENTAGE.length, v1.number(3));
                for (int i = 0; i < BYTE_COUNTS.length; i++) {
                    byte[] name = BYTE_COUNTS[i];
                    long bits = Double.doubleToRawLongBits(real(v1.number(4 + i)));
                    metric(name, 0, name.length, BYTES, 0, BYTES.length, bits);
                }
                yield EnvelopeFields.GAUGE;
            }
            case V1Envelope.HTTP_START_STOP -> {
                body.delimited(1 << 3 | 2, HTTP, 0, HTTP.length);
                number(2, v1.number(1));
                number(3, v1.number(2));
                yield EnvelopeFields.TIMER;
            }
            default -> 0;
        };
    }

    private void text(int field, int start, int end) {
        if (start != end) {
            body.delimited(field << 3 | 2, v1.bytes, start, end);
        }
    }

    private void number(int field, long value) {
        if (value != 0) {
            body.varint(field << 3, value);
        }
    }

    private void metric(byte[] names, int start, int end, byte[] units, int unitStart, int unitEnd, long bits) {
        MetricWriter.entry(body, entry, names, start, end, units, unitStart, unitEnd, bits);
    }

    private static double real(long unsigned) {
        return unsigned >= 0 ? unsigned : ((unsigned >>> 1) | (unsigned & 1)) * 2.0;
    }

    private void tags(MapWriter map, ByteSink out) {
        int written = KnownTag.OF_ENVELOPE | 1 << KnownTag.SOURCE_ID;
        switch (v1.eventType) {
            case V1Envelope.LOG_MESSAGE -> written |= KnownTag.OF_LOG;
            case V1Envelope.ERROR -> written |= KnownTag.OF_ERROR;
            case V1Envelope.HTTP_START_STOP -> written |= KnownTag.OF_HTTP;
            case V1Envelope.COUNTER_EVENT -> written |= 1 << KnownTag.INSTANCE_ID;
            default -> {}
        }
        v1.tags.writeAll(written, map, out);
        ownTag(map, KnownTag.ORIGIN, V1Envelope.ORIGIN, out);
        ownTag(map, KnownTag.DEPLOYMENT, V1Envelope.DEPLOYMENT, out);
        ownTag(map, KnownTag.JOB, V1Envelope.JOB, out);
        ownTag(map, KnownTag.INDEX, V1Envelope.INDEX, out);
        ownTag(map, KnownTag.IP, V1Envelope.IP, out);
        byte[] typeName = typeName();
        KnownTag.entry(map, out, KnownTag.V1_TYPE, typeName, 0, typeName.length);
        switch (v1.eventType) {
            case V1Envelope.LOG_MESSAGE -> textTag(map, KnownTag.SOURCE_TYPE, 5, out);
            case V1Envelope.ERROR -> {
                textTag(map, KnownTag.SOURCE, 1, out);
                numberTag(map, KnownTag.CODE, v1.int32(2), out);
            }
            case V1Envelope.HTTP_START_STOP -> httpTags(map, out);
            default -> {}
        }
    }

    // An unknown type goes by its number.
    private byte[] typeName() {
        int type = eventType();
        return type >= 0 ? TYPE_NAMES[type] : ascii(Integer.toString(v1.eventType));
    }

    private void httpTags(MapWriter map, ByteSink out) {
        UuidText.write(v1.requestIdLow, v1.requestIdHigh, uuid, 0);
        KnownTag.entry(map, out, KnownTag.REQUEST_ID, uuid, 0, uuid.length);
        // Without a message the enums have their first values, as in every v1 parser.
        byte[] peerType = HttpNames.peerTypeName(v1.hasMessage() ? v1.int32(4) : HttpNames.CLIENT);
        KnownTag.entry(map, out, KnownTag.PEER_TYPE, peerType, 0, peerType.length);
        byte[] method = HttpNames.methodName(v1.hasMessage() ? v1.int32(5) : HttpNames.GET);
        KnownTag.entry(map, out, KnownTag.METHOD, method, 0, method.length);
        textTag(map, KnownTag.URI, 6, out);
        textTag(map, KnownTag.REMOTE_ADDRESS, 7, out);
        textTag(map, KnownTag.USER_AGENT, 8, out);
        numberTag(map, KnownTag.STATUS_CODE, v1.int32(9), out);
        numberTag(map, KnownTag.CONTENT_LENGTH, v1.number(10), out);
        textTag(map, KnownTag.ROUTING_INSTANCE_ID, 14, out);
        KnownTag.entry(map, out, KnownTag.FORWARDED, v1.forwarded.bytes(), 0, v1.forwarded.end());
    }

    private void ownTag(MapWriter map, int tag, int field, ByteSink out) {
        KnownTag.entry(map, out, tag, v1.bytes, v1.ownStart(field), v1.ownEnd(field));
    }

    private void textTag(MapWriter map, int tag, int field, ByteSink out) {
        KnownTag.entry(map, out, tag, v1.bytes, v1.start(field), v1.end(field));
    }

    private void numberTag(MapWriter map, int tag, long value, ByteSink out) {
        scratch.reset().digits(value);
        KnownTag.entry(map, out, tag, scratch.bytes(), 0, scratch.end());
    }
}
