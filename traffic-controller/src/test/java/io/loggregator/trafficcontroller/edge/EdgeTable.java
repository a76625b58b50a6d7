package io.loggregator.trafficcontroller.edge;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The table of answers in {@code docs/protocols.md}. */
public final class EdgeTable {
    public static final Path DOCUMENT = Path.of("..", "docs", "protocols.md");
    public static final String HEADING = "| request | situation | status | headers | body | served | counted |";
    private static final Pattern REPEAT = Pattern.compile("\\{(\\d+)\\*([^}]+)}");
    private static final Pattern BYTE = Pattern.compile("\\\\x([0-9A-F]{2})");

    private EdgeTable() {}

    /** One row, its cells as Latin-1: one char per byte. {@code served} and {@code counted} are empty for none. */
    public record Row(
            String request,
            List<String> situation,
            int status,
            List<String> headers,
            String body,
            String served,
            String counted,
            String source) {
        @Override
        public String toString() {
            return source;
        }
    }

    /** Of the Loggregator port. */
    static List<Row> rows() throws IOException {
        return rows(HEADING);
    }

    /** Of the table with this heading. */
    public static List<Row> rows(String heading) throws IOException {
        List<String> lines = Files.readAllLines(DOCUMENT);
        int head = lines.indexOf(heading);
        List<Row> rows = new ArrayList<>();
        for (String line : lines.subList(head + 2, lines.size())) {
            if (!line.startsWith("|")) {
                break;
            }
            rows.add(row(line));
        }
        return rows;
    }

    private static Row row(String line) {
        List<String> cells = Arrays.stream(line.split("(?<!\\\\)\\|"))
                .map(String::strip)
                .map(cell -> cell.replace("\\|", "|"))
                .toList();
        return new Row(
                code(cells.get(1)),
                items(cells.get(2)),
                Integer.parseInt(cells.get(3)),
                items(cells.get(4)),
                code(cells.get(5)),
                code(cells.get(6)),
                code(cells.get(7)),
                line);
    }

    /** The items of a list between semicolons that are not in code. */
    private static List<String> items(String cell) {
        if (cell.equals("–")) {
            return List.of();
        }
        return Arrays.stream(cell.split(";(?=(?:[^`]*`[^`]*`)*[^`]*$)"))
                .map(String::strip)
                .toList();
    }

    /** What a cell or item in code stands for; empty for a dash. */
    public static String code(String cell) {
        if (cell.equals("–")) {
            return "";
        }
        String text = utf8AsBytes(cell.substring(cell.indexOf('`') + 1, cell.lastIndexOf('`')));
        text = REPEAT.matcher(text)
                .replaceAll(match -> Matcher.quoteReplacement(match.group(2).repeat(Integer.parseInt(match.group(1)))));
        text = BYTE.matcher(text)
                .replaceAll(
                        match -> Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(match.group(1), 16))));
        return text.replace("\\r", "\r").replace("\\n", "\n");
    }

    private static String utf8AsBytes(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }
}
