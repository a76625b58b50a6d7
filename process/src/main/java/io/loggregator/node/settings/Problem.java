package io.loggregator.node.settings;

import java.util.Objects;

/**
 * One thing wrong with the configuration.
 *
 * @param setting the name of the setting, or the settings file
 * @param value what was found, ready to be shown: a value in quotes with control characters escaped and at most 200
 *     characters, or words such as {@code not set}; never a secret
 * @param expected what should be there
 */
public record Problem(String setting, String value, String expected) {
    private static final int LONGEST_VALUE = 200;

    public Problem {
        Objects.requireNonNull(setting, "setting");
        Objects.requireNonNull(value, "value");
        Objects.requireNonNull(expected, "expected");
    }

    /** A problem with a value that was given. */
    static Problem of(Setting<?> setting, String given, String expected) {
        String shown = given == null ? "not set" : setting.isSecret() ? "(secret value)" : quoted(given);
        return new Problem(setting.name(), shown, expected);
    }

    /**
     * A problem with a value of a file that holds no secrets.
     *
     * @param given as it stands there
     */
    public static Problem of(String name, String given, String expected) {
        return new Problem(name, quoted(given), expected);
    }

    /** As in {@code ROUTER_PORT: "abc" (expected: a port, 0 to 65535)}. */
    @Override
    public String toString() {
        return setting + ": " + value + " (expected: " + expected + ")";
    }

    /** Text from outside on one line, in quotes, of limited length. */
    static String quoted(String text) {
        StringBuilder shown = new StringBuilder("\"");
        text.codePoints().limit(LONGEST_VALUE).forEach(c -> {
            if (c == '"' || c == '\\') {
                shown.append('\\').appendCodePoint(c);
            } else if (Character.isISOControl(c) || c == 0x2028 || c == 0x2029) {
                shown.append(String.format("\\u%04x", c));
            } else {
                shown.appendCodePoint(c);
            }
        });
        return shown.append(text.codePoints().count() > LONGEST_VALUE ? "…\"" : "\"")
                .toString();
    }
}
