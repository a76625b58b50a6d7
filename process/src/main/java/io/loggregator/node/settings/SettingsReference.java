package io.loggregator.node.settings;

import java.util.ArrayList;
import java.util.List;

/** Renders declared settings for people: as a Markdown table for the documentation, as plain text for a terminal. */
public final class SettingsReference {
    private static final int INDENT = 6;

    private SettingsReference() {}

    /** A section with a second-level heading and a table; obsolete settings follow in a table of their own. */
    public static String markdown(String title, List<Setting<?>> declared) {
        StringBuilder out = new StringBuilder("## " + title + "\n\n");
        List<Setting<?>> obsolete = new ArrayList<>();
        out.append("| setting | value | default | meaning |\n| --- | --- | --- | --- |\n");
        for (Setting<?> setting : declared) {
            if (setting.isObsolete()) {
                obsolete.add(setting);
                continue;
            }
            row(
                    out,
                    "`" + setting.name() + "`",
                    cell(expectation(setting)),
                    defaultCell(setting),
                    cell(setting.help()));
        }
        if (!obsolete.isEmpty()) {
            out.append("\nAccepted without effect, with a warning:\n\n| setting | why |\n| --- | --- |\n");
            for (Setting<?> setting : obsolete) {
                row(out, "`" + setting.name() + "`", cell(setting.help()));
            }
        }
        return out.toString();
    }

    /** Text for {@code --help}: each name on its own line, below it what it means, at most {@code width} columns wide. */
    public static String plain(List<Setting<?>> declared, int width) {
        StringBuilder out = new StringBuilder();
        for (Setting<?> setting : declared) {
            out.append("  ").append(setting.name());
            if (setting.isObsolete()) {
                out.append("  (no effect)");
            } else if (setting.isRequired()) {
                out.append("  (required)");
            } else {
                setting.defaultText()
                        .filter(text -> !text.isEmpty())
                        .ifPresent(
                                text -> out.append("  (default ").append(text).append(')'));
            }
            out.append('\n');
            wrap(
                    out,
                    setting.isObsolete()
                            ? setting.help()
                            : sentence(setting.help()) + " Takes " + sentence(expectation(setting)),
                    width);
        }
        return out.toString();
    }

    private static String sentence(String text) {
        return text.endsWith(".") ? text : text + ".";
    }

    private static String expectation(Setting<?> setting) {
        return setting.expectation() + (setting.isSecret() ? " (secret, never shown)" : "");
    }

    private static String defaultCell(Setting<?> setting) {
        if (setting.isRequired()) {
            return "required";
        }
        return setting.defaultText()
                .filter(text -> !text.isEmpty())
                .map(text -> setting.isDefaultTold() ? cell(text) : "`" + cell(text) + "`")
                .orElse("–");
    }

    private static void row(StringBuilder out, String... cells) {
        out.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    private static String cell(String text) {
        return text.replace("|", "\\|").replace("\n", " ");
    }

    private static void wrap(StringBuilder out, String text, int width) {
        int column = 0;
        for (String word : text.split("\\s+")) {
            if (column > 0 && column + 1 + word.length() > width) {
                out.append('\n');
                column = 0;
            }
            if (column == 0) {
                out.append(" ".repeat(INDENT)).append(word);
                column = INDENT + word.length();
            } else {
                out.append(' ').append(word);
                column += 1 + word.length();
            }
        }
        out.append('\n');
    }
}
