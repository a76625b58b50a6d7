package io.loggregator.wire.v2;

import io.loggregator.wire.BatchCursor;
import io.loggregator.wire.ByteSink;
import io.loggregator.wire.MetricTable;
import io.loggregator.wire.V2Envelope;
import java.nio.charset.StandardCharsets;

/**
 * Renders v2 envelopes as the gateway's clients read them: the canonical JSON of proto3 with default values, field names
 * as declared, all tags in {@code tags}. Never writes a line break. Not thread-safe.
 */
public final class JsonRenderer {
    private static final int MOST_METRICS = 100_000;

    private static final byte[] TIMESTAMP = ascii("{\"timestamp\":\"");
    private static final byte[] SOURCE_ID = ascii("\",\"source_id\":\"");
    private static final byte[] INSTANCE_ID = ascii("\",\"instance_id\":\"");
    private static final byte[] TAGS = ascii("\",\"deprecated_tags\":{},\"tags\":{");
    private static final byte[] COLON = ascii("\":\"");
    private static final byte[] LOG = ascii("},\"log\":{\"payload\":\"");
    private static final byte[] OUT = ascii("\",\"type\":\"OUT\"}}");
    private static final byte[] ERR = ascii("\",\"type\":\"ERR\"}}");
    private static final byte[] TYPE = ascii("\",\"type\":");
    private static final byte[] COUNTER = ascii("},\"counter\":{\"name\":\"");
    private static final byte[] DELTA = ascii("\",\"delta\":\"");
    private static final byte[] TOTAL = ascii("\",\"total\":\"");
    private static final byte[] GAUGE = ascii("},\"gauge\":{\"metrics\":{");
    private static final byte[] UNIT = ascii("\":{\"unit\":\"");
    private static final byte[] VALUE = ascii("\",\"value\":");
    private static final byte[] TIMER = ascii("},\"timer\":{\"name\":\"");
    private static final byte[] START = ascii("\",\"start\":\"");
    private static final byte[] STOP = ascii("\",\"stop\":\"");
    private static final byte[] EVENT = ascii("},\"event\":{\"title\":\"");
    private static final byte[] BODY = ascii("\",\"body\":\"");
    private static final byte[] END_OF_TEXT = ascii("\"}}");
    private static final byte[] END = ascii("}}");

    private static final byte[] BASE64 = ascii("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    private static final byte[] HEX = ascii("0123456789abcdef");
    /** What follows a backslash in place of a byte; 0: the byte stands for itself; 'u': four hexadecimal digits. */
    private static final byte[] ESCAPES = escapes();

    private final V2Envelope<MergedTags> envelope = new V2Envelope<>(new MergedTags(true), MOST_METRICS);

    /**
     * Appends the JSON object of the envelope in {@code bytes[from, to)}.
     *
     * @return false, with nothing appended, if its bytes are not sound or it has more than 100,000 tags or metrics
     */
    public boolean render(byte[] bytes, int from, int to, ByteSink out) {
        if (!envelope.read(bytes, from, to) || envelope.tags().tooMany()) {
            return false;
        }
        if (envelope.kind() == BatchCursor.GAUGE && envelope.metrics().tooMany()) {
            return false;
        }
        raw(TIMESTAMP, out).digits(envelope.timestamp());
        raw(SOURCE_ID, out);
        text(bytes, envelope.sourceIdStart(), envelope.sourceIdEnd(), out);
        raw(INSTANCE_ID, out);
        text(bytes, envelope.instanceIdStart(), envelope.instanceIdEnd(), out);
        raw(TAGS, out);
        tags(bytes, out);
        switch (envelope.kind()) {
            case BatchCursor.LOG -> log(bytes, out);
            case BatchCursor.COUNTER -> {
                raw(COUNTER, out);
                text(bytes, envelope.textStart(), envelope.textEnd(), out);
                unsigned(envelope.second(), raw(DELTA, out));
                unsigned(envelope.third(), raw(TOTAL, out));
                raw(END_OF_TEXT, out);
            }
            case BatchCursor.GAUGE -> gauge(bytes, out);
            case BatchCursor.TIMER -> {
                raw(TIMER, out);
                text(bytes, envelope.textStart(), envelope.textEnd(), out);
                raw(START, out).digits(envelope.second());
                raw(STOP, out).digits(envelope.third());
                raw(END_OF_TEXT, out);
            }
            case BatchCursor.EVENT -> {
                raw(EVENT, out);
                text(bytes, envelope.textStart(), envelope.textEnd(), out);
                raw(BODY, out);
                text(bytes, envelope.bodyStart(), envelope.bodyEnd(), out);
                raw(END_OF_TEXT, out);
            }
            default -> raw(END, out);
        }
        return true;
    }

    private void tags(byte[] bytes, ByteSink out) {
        MergedTags tags = envelope.tags();
        for (int i = 0; i < tags.count(); i++) {
            out.raw(i == 0 ? '"' : ',');
            if (i > 0) {
                out.raw('"');
            }
            text(bytes, tags.keyStart(i), tags.keyEnd(i), out);
            raw(COLON, out);
            if (tags.isText(i)) {
                text(bytes, tags.textStart(i), tags.textEnd(i), out);
            } else {
                tags.number(i, out);
            }
            out.raw('"');
        }
    }

    private void log(byte[] bytes, ByteSink out) {
        raw(LOG, out);
        base64(bytes, envelope.textStart(), envelope.textEnd(), out);
        int type = (int) envelope.second();
        if (type == 0 || type == 1) {
            raw(type == 0 ? OUT : ERR, out);
        } else {
            // An enum number that nobody has a name for stands as the number, as for every proto3 writer.
            raw(TYPE, out).digits(type);
            raw(END, out);
        }
    }

    private void gauge(byte[] bytes, ByteSink out) {
        raw(GAUGE, out);
        MetricTable metrics = envelope.metrics();
        for (int i = 0; i < metrics.count(); i++) {
            if (i > 0) {
                out.raw(',');
            }
            out.raw('"');
            text(bytes, metrics.nameStart(i), metrics.nameEnd(i), out);
            raw(UNIT, out);
            text(bytes, metrics.unitStart(i), metrics.unitEnd(i), out);
            GoDouble.json(metrics.value(i), raw(VALUE, out));
            out.raw('}');
        }
        raw(END, out).raw('}');
    }

    private static void unsigned(long value, ByteSink out) {
        if (value >= 0) {
            out.digits(value);
        } else {
            byte[] digits = ascii(Long.toUnsignedString(value));
            out.raw(digits, 0, digits.length);
        }
    }

    /** The inside of a JSON string; the bytes are UTF-8. */
    private static void text(byte[] bytes, int from, int to, ByteSink out) {
        int plain = from;
        for (int i = from; i < to; i++) {
            int b = bytes[i];
            if (b < 0 || ESCAPES[b] == 0) {
                continue;
            }
            out.raw(bytes, plain, i).raw('\\').raw(ESCAPES[b]);
            if (ESCAPES[b] == 'u') {
                out.raw('0').raw('0').raw(HEX[b >> 4]).raw(HEX[b & 0xF]);
            }
            plain = i + 1;
        }
        out.raw(bytes, plain, to);
    }

    private static void base64(byte[] bytes, int from, int to, ByteSink out) {
        int length = to - from;
        long room = (length + 2L) / 3 * 4;
        if (!out.room(room)) {
            return;
        }
        byte[] target = out.bytes();
        int p = out.end();
        int i = from;
        for (; i <= to - 3; i += 3) {
            int three = (bytes[i] & 0xFF) << 16 | (bytes[i + 1] & 0xFF) << 8 | (bytes[i + 2] & 0xFF);
            target[p++] = BASE64[three >>> 18];
            target[p++] = BASE64[three >>> 12 & 0x3F];
            target[p++] = BASE64[three >>> 6 & 0x3F];
            target[p++] = BASE64[three & 0x3F];
        }
        int left = to - i;
        if (left > 0) {
            int rest = (bytes[i] & 0xFF) << 16 | (left == 2 ? (bytes[i + 1] & 0xFF) << 8 : 0);
            target[p++] = BASE64[rest >>> 18];
            target[p++] = BASE64[rest >>> 12 & 0x3F];
            target[p++] = left == 2 ? BASE64[rest >>> 6 & 0x3F] : (byte) '=';
            target[p++] = '=';
        }
        out.end(p);
    }

    private static ByteSink raw(byte[] bytes, ByteSink out) {
        return out.raw(bytes, 0, bytes.length);
    }

    private static byte[] escapes() {
        byte[] escapes = new byte[128];
        for (int i = 0; i < ' '; i++) {
            escapes[i] = 'u';
        }
        escapes['"'] = '"';
        escapes['\\'] = '\\';
        escapes['\n'] = 'n';
        escapes['\r'] = 'r';
        escapes['\t'] = 't';
        escapes['\b'] = 'b';
        escapes['\f'] = 'f';
        return escapes;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
