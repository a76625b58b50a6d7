package io.loggregator.cli.output;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.MapEntry;
import com.google.protobuf.Message;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope;
import org.cloudfoundry.dropsonde.events.UuidFactory.UUID;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope;

/**
 * One JSON object per envelope and line. Names are those of the v1 protocol ({@code logMessage.app_id}, {@code
 * containerMetric.cpuPercentage}); 64-bit integers are JSON numbers with all their digits, enums their names, ids their
 * usual text, and bytes text: where they are not UTF-8, a second field with {@code _base64} in its name holds them
 * exactly. NaN and infinities, which JSON lacks, are strings. A v2 envelope has the names of v2.
 */
public final class JsonFormat implements EnvelopeFormat {
    private final JsonFactory factory = new JsonFactory()
            .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
            .disable(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM);

    @Override
    public void write(Envelope envelope, OutputStream out) throws IOException {
        line(envelope, out);
    }

    @Override
    public void write(LoggregatorEnvelope.Envelope envelope, OutputStream out) throws IOException {
        line(envelope, out);
    }

    private void line(Message message, OutputStream out) throws IOException {
        try (JsonGenerator json = factory.createGenerator(out, JsonEncoding.UTF8)) {
            object(message, json);
            json.writeRaw('\n');
        }
    }

    private static void object(Message message, JsonGenerator json) throws IOException {
        json.writeStartObject();
        for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
            FieldDescriptor field = entry.getKey();
            Object value = entry.getValue();
            json.writeFieldName(field.getName());
            if (field.isMapField()) {
                json.writeStartObject();
                for (Object mapEntry : (List<?>) value) {
                    MapEntry<?, ?> pair = (MapEntry<?, ?>) mapEntry;
                    json.writeFieldName(pair.getKey().toString());
                    if (pair.getValue() instanceof Message nested) {
                        object(nested, json);
                    } else {
                        json.writeString(pair.getValue().toString());
                    }
                }
                json.writeEndObject();
            } else if (field.isRepeated()) {
                json.writeStartArray();
                for (Object element : (List<?>) value) {
                    value(field, element, json);
                }
                json.writeEndArray();
            } else {
                value(field, value, json);
            }
        }
        json.writeEndObject();
    }

    private static void value(FieldDescriptor field, Object value, JsonGenerator json) throws IOException {
        switch (field.getType()) {
            case STRING -> json.writeString((String) value);
            case ENUM -> json.writeString(((EnumValueDescriptor) value).getName());
            case INT32 -> json.writeNumber((Integer) value);
            case INT64 -> json.writeNumber((Long) value);
            case UINT64 -> json.writeNumber(new BigInteger(Long.toUnsignedString((Long) value)));
            case DOUBLE -> json.writeNumber((Double) value);
            case BYTES -> bytes(field.getName(), (ByteString) value, json);
            case MESSAGE -> {
                if (value instanceof UUID id) {
                    json.writeString(uuid(id).toString());
                } else {
                    object((Message) value, json);
                }
            }
            default -> throw new IllegalStateException("neither protocol has no field like " + field);
        }
    }

    private static void bytes(String name, ByteString bytes, JsonGenerator json) throws IOException {
        json.writeString(bytes.toStringUtf8());
        if (!bytes.isValidUtf8()) {
            json.writeFieldName(name + "_base64");
            json.writeBinary(bytes.toByteArray());
        }
    }

    /** Both halves of a v1 UUID are little-endian. */
    static java.util.UUID uuid(UUID id) {
        return new java.util.UUID(Long.reverseBytes(id.getLow()), Long.reverseBytes(id.getHigh()));
    }
}
