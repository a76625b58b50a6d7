package io.loggregator.nozzle;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** The texts and numbers of a JSON object, and of the objects in it. */
final class JsonText {
    private static final JsonFactory FACTORY = new JsonFactory();

    private JsonText() {}

    /**
     * By path, such as {@code links.logging.href}. Arrays are passed over.
     *
     * @throws IOException it is no JSON object
     */
    static Map<String, String> values(byte[] json) throws IOException {
        try (JsonParser parser = FACTORY.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("not a JSON object");
            }
            Map<String, String> values = new HashMap<>();
            read(parser, "", values);
            return values;
        }
    }

    /** How deep it goes is limited by the parser. */
    private static void read(JsonParser parser, String path, Map<String, String> values) throws IOException {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = path + parser.currentName();
            JsonToken value = parser.nextToken();
            if (value == JsonToken.START_OBJECT) {
                read(parser, name + ".", values);
            } else if (value == JsonToken.START_ARRAY) {
                parser.skipChildren();
            } else if (value != null && value != JsonToken.VALUE_NULL) {
                values.put(name, parser.getText());
            }
        }
    }
}
