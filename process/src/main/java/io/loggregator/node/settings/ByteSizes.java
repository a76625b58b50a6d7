package io.loggregator.node.settings;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads and shows sizes in bytes. */
public final class ByteSizes {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,19})([kmgt]?)(i?b)?", Pattern.CASE_INSENSITIVE);
    private static final String PREFIXES = "kmgt";

    private ByteSizes() {}

    /**
     * Reads {@code 67108864}, {@code 64MiB} or {@code 64M} (both 64 × 1024², the short form as the JVM's own options
     * take it) and {@code 64MB} (64 × 1000²). Units are K, M, G and T in upper or lower case.
     *
     * @throws IllegalArgumentException when the text has another form or the size does not fit into 63 bits
     */
    public static long parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException("not a size");
        }
        String suffix = form.group(3) == null ? "" : form.group(3).toLowerCase(Locale.ROOT);
        int power =
                form.group(2).isEmpty() ? 0 : 1 + PREFIXES.indexOf(form.group(2).toLowerCase(Locale.ROOT));
        if (power == 0 && suffix.equals("ib")) {
            throw new IllegalArgumentException("not a size");
        }
        long base = suffix.equals("b") ? 1000 : 1024;
        try {
            long size = Long.parseLong(form.group(1));
            for (int i = 0; i < power; i++) {
                size = Math.multiplyExact(size, base);
            }
            return size;
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("too large", e);
        }
    }

    /** Shows a size in the largest binary unit that divides it, as in {@code 64MiB}; {@link #parse} reads it back. */
    public static String format(long size) {
        int power = 0;
        long rest = size;
        while (rest != 0 && rest % 1024 == 0 && power < PREFIXES.length()) {
            rest /= 1024;
            power++;
        }
        return power == 0
                ? Long.toString(size)
                : rest + String.valueOf(PREFIXES.charAt(power - 1)).toUpperCase(Locale.ROOT) + "iB";
    }
}
