package io.loggregator.nozzle;

import io.loggregator.wire.ByteSink;
import io.loggregator.wire.EnvelopeFields;
import io.loggregator.wire.ProtoBytes;
import io.loggregator.wire.TagEntry;
import io.loggregator.wire.v2.GoDouble;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;

/** Reads the two tag maps of one envelope, whose bytes are known to be sound, as one. */
final class TagReader {
    private final byte[] bytes;
    private final int to;
    private final TagEntry entry = new TagEntry();
    private int position;
    private boolean deprecated;

    TagReader(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.position = from;
        this.to = to;
    }

    Map<String, String> all() {
        FewTags few = new FewTags();
        while (next()) {
            if (deprecated || !few.add(key(), value())) {
                return many(few);
            }
        }
        return few;
    }

    /** All of them, where some are known already and the reader stands at one that is not. */
    private Map<String, String> many(FewTags known) {
        Map<String, String> tags = new HashMap<>(known);
        Map<String, String> older = new HashMap<>();
        do {
            (deprecated ? older : tags).put(key(), value());
        } while (next());
        older.forEach(tags::putIfAbsent);
        return Collections.unmodifiableMap(tags);
    }

    private String key() {
        return Texts.of(bytes, entry.keyStart(), entry.keyEnd());
    }

    String value(String name) {
        byte[] key = name.getBytes(StandardCharsets.UTF_8);
        String found = null;
        String older = null;
        while (next()) {
            if (Arrays.equals(bytes, entry.keyStart(), entry.keyEnd(), key, 0, key.length)) {
                if (deprecated) {
                    older = value();
                } else {
                    found = value();
                }
            }
        }
        return found == null ? older : found;
    }

    /** Moves to the next entry of either map. */
    private boolean next() {
        while (position < to) {
            long tag = ProtoBytes.tag(bytes, position, to);
            position = Fields.next(bytes, to, tag);
            int number = ProtoBytes.low(tag);
            deprecated = number == EnvelopeFields.DEPRECATED_TAGS;
            if (deprecated || number == EnvelopeFields.TAGS) {
                int start = ProtoBytes.high(ProtoBytes.span(bytes, ProtoBytes.high(tag), to));
                if (deprecated
                        ? entry.readDeprecatedTag(bytes, start, position)
                        : entry.readTag(bytes, start, position)) {
                    return true;
                }
            }
        }
        return false;
    }

    private String value() {
        return switch (entry.type()) {
            case TagEntry.TEXT -> Texts.of(bytes, entry.textStart(), entry.textEnd());
            case TagEntry.INTEGER -> Long.toString(entry.integer());
            case TagEntry.DECIMAL -> {
                ByteSink digits = new ByteSink(64);
                GoDouble.text(entry.decimal(), digits);
                yield new String(digits.bytes(), 0, digits.end(), StandardCharsets.US_ASCII);
            }
            default -> "";
        };
    }
}
