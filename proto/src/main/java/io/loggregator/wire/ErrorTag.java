package io.loggregator.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Whether a v2 log stands for a v1 Error: its tag {@code __v1_type} says so. */
final class ErrorTag {
    private static final byte[] KEY = "__v1_type".getBytes(StandardCharsets.US_ASCII);
    private static final long KEY_HEAD = ProtoBytes.long64(KEY, 0);
    private static final byte[] ERROR = "Error".getBytes(StandardCharsets.US_ASCII);

    private final TagEntry entry = new TagEntry();

    /** Whether an entry of either map can have the key; true also for rare forms of entries that need a closer look. */
    static boolean possible(byte[] b, int from, int to) {
        if (!EnvelopeCheck.plainEntry(b, from, to)) {
            return true;
        }
        return b[from + 1] == KEY.length && ProtoBytes.long64(b, from + 2) == KEY_HEAD;
    }

    /** Looks through the fields of a sound envelope: the tags first, then the deprecated tags. */
    boolean in(byte[] b, int from, int to) {
        boolean tagged = false;
        boolean error = false;
        boolean deprecatedError = false;
        int p = from;
        while (p < to) {
            long tag = ProtoBytes.tag(b, p, to);
            if (tag < 0) {
                return false;
            }
            int number = ProtoBytes.low(tag);
            p = ProtoBytes.high(tag);
            boolean preferred = number == EnvelopeFields.TAGS;
            if (!preferred && number != EnvelopeFields.DEPRECATED_TAGS) {
                p = ProtoBytes.skip(b, p, to, number, 0);
                if (p < 0) {
                    return false;
                }
                continue;
            }
            long span = ProtoBytes.span(b, p, to);
            if (span < 0) {
                return false;
            }
            p = ProtoBytes.low(span);
            if (possible(b, ProtoBytes.high(span), p) && isType(b, preferred, ProtoBytes.high(span), p)) {
                boolean says = entry.type() == TagEntry.TEXT
                        && Arrays.equals(b, entry.textStart(), entry.textEnd(), ERROR, 0, ERROR.length);
                tagged |= preferred;
                error = preferred ? says : error;
                deprecatedError = preferred ? deprecatedError : says;
            }
        }
        return tagged ? error : deprecatedError;
    }

    private boolean isType(byte[] b, boolean preferred, int from, int to) {
        return (preferred ? entry.readTag(b, from, to) : entry.readDeprecatedTag(b, from, to))
                && Arrays.equals(b, entry.keyStart(), entry.keyEnd(), KEY, 0, KEY.length);
    }
}
