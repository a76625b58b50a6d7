package io.loggregator.nozzle;

import java.nio.charset.StandardCharsets;

/**
 * Makes texts of bytes. Short ones that come again and again (keys and values of tags, ids) are kept, so that they need not
 * be made for every envelope; what is kept has a bound. Any thread may use it.
 */
final class Texts {
    private static final int LONGEST = 40;
    private static final int SLOTS = 1024;

    /** Written without order: a text is as good as another that is equal. */
    private static final String[] KEPT = new String[SLOTS];

    private Texts() {}

    /** The bytes read as UTF-8; what is none becomes U+FFFD. */
    static String of(byte[] bytes, int from, int to) {
        int length = to - from;
        if (length == 0) {
            return "";
        }
        if (length > LONGEST) {
            return anew(bytes, from, to);
        }
        int hash = length;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + bytes[i];
        }
        int slot = (hash ^ hash >>> 16) & SLOTS - 1;
        String kept = KEPT[slot];
        if (kept != null && is(kept, bytes, from, length)) {
            return kept;
        }
        String made = anew(bytes, from, to);
        KEPT[slot] = made;
        return made;
    }

    /** Whether it is the text of ASCII bytes; of others a text is made each time. */
    private static boolean is(String text, byte[] bytes, int from, int length) {
        if (text.length() != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            // A negative byte is no character's value.
            if (text.charAt(i) != bytes[from + i]) {
                return false;
            }
        }
        return true;
    }

    /** The same, for what hardly comes again. */
    static String anew(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }
}
