package io.loggregator.nozzle;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.loggregator.wire.ByteSink;
import io.loggregator.wire.ProtoBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Reads the canonical proto3 JSON of a {@code loggregator.v2.EnvelopeBatch} and writes the envelopes it holds as protobuf.
 * Fields that are newer than this library are passed over. One reader's own.
 */
final class BatchJson {
    private static final JsonFactory FACTORY = new JsonFactory();

    private final ByteSink envelope = new ByteSink(Connection.LARGEST_MESSAGE);
    private final ByteSink message = new ByteSink(Connection.LARGEST_MESSAGE);
    private final ByteSink entry = new ByteSink(Connection.LARGEST_MESSAGE);
    private final ByteSink value = new ByteSink(Connection.LARGEST_MESSAGE);

    /** Told of each envelope. */
    interface Envelopes {
        /** Its bytes are the first so many of the array, which is used again. */
        void envelope(byte[] bytes, int length) throws InterruptedException;
    }

    private interface Field {
        /** The parser stands at the value of the field of this name. */
        void read(JsonParser at, String name) throws IOException;
    }

    /** @throws IOException it is no such JSON; what was told before is told */
    void read(byte[] json, int length, Envelopes to) throws IOException, InterruptedException {
        try (JsonParser at = FACTORY.createParser(json, 0, length)) {
            require(at.nextToken() == JsonToken.START_OBJECT, "an object", at);
            while (at.nextToken() != JsonToken.END_OBJECT) {
                String name = name(at);
                if (!name.equals("batch")) {
                    at.skipChildren();
                } else if (at.currentToken() != JsonToken.VALUE_NULL) {
                    require(at.currentToken() == JsonToken.START_ARRAY, "an array", at);
                    while (at.nextToken() != JsonToken.END_ARRAY) {
                        object(at, envelope, this::ofEnvelope);
                        to.envelope(envelope.bytes(), envelope.end());
                    }
                }
            }
            require(at.nextToken() == null, "nothing more", at);
        }
    }

    private static void require(boolean good, String wanted, JsonParser at) throws IOException {
        if (!good) {
            throw new IOException(
                    "wanted " + wanted + " at byte " + at.currentTokenLocation().getByteOffset());
        }
    }

    /** The field's name; then the parser stands at its value. */
    private static String name(JsonParser at) throws IOException {
        require(at.currentToken() == JsonToken.FIELD_NAME, "a field", at);
        String name = at.currentName();
        at.nextToken();
        return name;
    }

    /** Writes what the fields of the object at hand are into the sink, which is emptied first. */
    private static void object(JsonParser at, ByteSink sink, Field field) throws IOException {
        sink.reset();
        require(at.currentToken() == JsonToken.START_OBJECT, "an object", at);
        while (at.nextToken() != JsonToken.END_OBJECT) {
            String name = name(at);
            // In proto3's JSON null is the same as nothing.
            if (at.currentToken() != JsonToken.VALUE_NULL) {
                field.read(at, name);
            }
        }
        require(!sink.full(), "less", at);
    }

    private void ofEnvelope(JsonParser at, String name) throws IOException {
        switch (name) {
            case "timestamp" -> envelope.varint(varint(1), number(at));
            case "source_id", "sourceId" -> text(at, envelope, 2);
            case "instance_id", "instanceId" -> text(at, envelope, 8);
            case "tags" -> map(at, envelope, 9, () -> text(at, entry, 2));
            case "deprecated_tags", "deprecatedTags" ->
                map(at, envelope, 3, () -> message(at, entry, 2, value, this::ofValue));
            case "log" -> message(at, envelope, 4, message, this::ofLog);
            case "counter" -> message(at, envelope, 5, message, this::ofCounter);
            case "gauge" -> message(at, envelope, 6, message, this::ofGauge);
            case "timer" -> message(at, envelope, 7, message, this::ofTimer);
            case "event" -> message(at, envelope, 10, message, this::ofEvent);
            default -> at.skipChildren();
        }
    }

    private void ofValue(JsonParser at, String name) throws IOException {
        switch (name) {
            case "text" -> text(at, value, 1);
            case "integer" -> value.varint(varint(2), number(at));
            case "decimal" -> value.real(3 << 3 | ProtoBytes.FIXED64, real(at));
            default -> at.skipChildren();
        }
    }

    private void ofLog(JsonParser at, String name) throws IOException {
        switch (name) {
            case "payload" -> {
                require(at.currentToken() == JsonToken.VALUE_STRING, "base64", at);
                bytes(message, 1, at.getBinaryValue());
            }
            case "type" -> message.varint(varint(2), type(at));
            default -> at.skipChildren();
        }
    }

    private static int type(JsonParser at) throws IOException {
        if (at.currentToken() == JsonToken.VALUE_NUMBER_INT) {
            return at.getIntValue();
        }
        String type = string(at);
        require(type.equals("OUT") || type.equals("ERR"), "OUT or ERR", at);
        return type.equals("ERR") ? 1 : 0;
    }

    private void ofCounter(JsonParser at, String name) throws IOException {
        switch (name) {
            case "name" -> text(at, message, 1);
            case "delta" -> message.varint(varint(2), unsigned(at));
            case "total" -> message.varint(varint(3), unsigned(at));
            default -> at.skipChildren();
        }
    }

    private void ofGauge(JsonParser at, String name) throws IOException {
        if (name.equals("metrics")) {
            map(at, message, 1, () -> message(at, entry, 2, value, this::ofGaugeValue));
        } else {
            at.skipChildren();
        }
    }

    private void ofGaugeValue(JsonParser at, String name) throws IOException {
        switch (name) {
            case "unit" -> text(at, value, 1);
            case "value" -> value.real(2 << 3 | ProtoBytes.FIXED64, real(at));
            default -> at.skipChildren();
        }
    }

    private void ofTimer(JsonParser at, String name) throws IOException {
        switch (name) {
            case "name" -> text(at, message, 1);
            case "start" -> message.varint(varint(2), number(at));
            case "stop" -> message.varint(varint(3), number(at));
            default -> at.skipChildren();
        }
    }

    private void ofEvent(JsonParser at, String name) throws IOException {
        switch (name) {
            case "title" -> text(at, message, 1);
            case "body" -> text(at, message, 2);
            default -> at.skipChildren();
        }
    }

    private interface MapValue {
        void read() throws IOException;
    }

    /** Writes an entry for each field: its name as the key, and the value. */
    private void map(JsonParser at, ByteSink to, int field, MapValue ofEntry) throws IOException {
        require(at.currentToken() == JsonToken.START_OBJECT, "an object", at);
        while (at.nextToken() != JsonToken.END_OBJECT) {
            String name = name(at);
            entry.reset();
            bytes(entry, 1, name.getBytes(StandardCharsets.UTF_8));
            ofEntry.read();
            require(!entry.full(), "less", at);
            to.delimited(delimited(field), entry.bytes(), 0, entry.end());
        }
    }

    private static void message(JsonParser at, ByteSink to, int field, ByteSink inner, Field ofInner)
            throws IOException {
        object(at, inner, ofInner);
        to.delimited(delimited(field), inner.bytes(), 0, inner.end());
    }

    private static void text(JsonParser at, ByteSink to, int field) throws IOException {
        bytes(to, field, string(at).getBytes(StandardCharsets.UTF_8));
    }

    private static void bytes(ByteSink to, int field, byte[] bytes) {
        to.delimited(delimited(field), bytes, 0, bytes.length);
    }

    private static String string(JsonParser at) throws IOException {
        require(at.currentToken() == JsonToken.VALUE_STRING, "a string", at);
        return at.getText();
    }

    /** 64-bit numbers are strings; other encoders write numbers. */
    private static String digits(JsonParser at) throws IOException {
        return at.currentToken() == JsonToken.VALUE_NUMBER_INT ? at.getText() : string(at);
    }

    private static long number(JsonParser at) throws IOException {
        try {
            return Long.parseLong(digits(at));
        } catch (NumberFormatException e) {
            throw new IOException("no number of 64 bits", e);
        }
    }

    private static long unsigned(JsonParser at) throws IOException {
        try {
            return Long.parseUnsignedLong(digits(at));
        } catch (NumberFormatException e) {
            throw new IOException("no unsigned number of 64 bits", e);
        }
    }

    private static double real(JsonParser at) throws IOException {
        if (at.currentToken().isNumeric()) {
            return at.getDoubleValue();
        }
        return switch (string(at)) {
            case "NaN" -> Double.NaN;
            case "Infinity" -> Double.POSITIVE_INFINITY;
            case "-Infinity" -> Double.NEGATIVE_INFINITY;
            default ->
                throw new IOException(
                        "no number at byte " + at.currentTokenLocation().getByteOffset());
        };
    }

    private static int varint(int field) {
        return field << 3 | ProtoBytes.VARINT;
    }

    private static int delimited(int field) {
        return field << 3 | ProtoBytes.DELIMITED;
    }
}
