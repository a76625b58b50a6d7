package io.loggregator.cli.output;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The text of a log: into a pipe as the app wrote it, onto a terminal without what could take the terminal over. */
final class LogText {
    /** Select Graphic Rendition: the colours many apps use on purpose. */
    private static final Pattern COLOUR_OR_CONTROL =
            Pattern.compile("\u001b\\[[0-9;]{0,32}m|[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f]");

    private static final Pattern CONTROL = Pattern.compile("[\\x00-\\x1f\\x7f-\\x9f]");
    private static final String RESET = "\u001b[0m";

    private LogText() {}

    /** Writes the text with a line end; lines after the first are indented by so many spaces. */
    static void write(ByteString text, int indent, Style style, OutputStream out) throws IOException {
        byte[] bytes = style.isTerminal()
                ? forTerminal(text.toStringUtf8(), style).getBytes(StandardCharsets.UTF_8)
                : text.toByteArray();
        int end = bytes.length;
        while (end > 0 && (bytes[end - 1] == '\n' || bytes[end - 1] == '\r')) {
            end--;
        }
        byte[] margin = null;
        int line = 0;
        for (int i = 0; i < end; i++) {
            if (bytes[i] == '\n') {
                if (margin == null) {
                    margin = " ".repeat(indent).getBytes(StandardCharsets.US_ASCII);
                }
                out.write(bytes, line, i + 1 - line);
                out.write(margin);
                line = i + 1;
            }
        }
        out.write(bytes, line, end - line);
        out.write('\n');
    }

    /** Replaces every control character, line ends and colours included. */
    static String visible(String text) {
        return CONTROL.matcher(text).replaceAll("\ufffd");
    }

    private static String forTerminal(String text, Style style) {
        String unix = text.replace("\r\n", "\n");
        Matcher found = COLOUR_OR_CONTROL.matcher(unix);
        if (!found.find()) {
            return unix;
        }
        StringBuilder safe = new StringBuilder(unix.length() + RESET.length());
        boolean coloured = false;
        do {
            boolean colour = found.group().length() > 1;
            coloured |= colour && style == Style.COLOUR;
            String replacement = !colour ? "\ufffd" : style == Style.COLOUR ? found.group() : "";
            found.appendReplacement(safe, Matcher.quoteReplacement(replacement));
        } while (found.find());
        found.appendTail(safe);
        return coloured ? safe.append(RESET).toString() : safe.toString();
    }
}
