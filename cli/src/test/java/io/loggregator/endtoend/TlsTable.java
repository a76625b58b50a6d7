package io.loggregator.endtoend;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The table of connections and what becomes of them in {@code docs/security.md}. */
final class TlsTable {
    private static final Path DOCUMENT = Path.of("..", "docs", "security.md");
    private static final String HEADING = "| port | what comes | the peer | counted as | logged |";

    private TlsTable() {}

    /**
     * One row.
     *
     * @param counted a reason of {@code tls_refused_total}; empty for none
     * @param logged part of the line; empty for none
     */
    record Row(String port, String comes, String peer, String counted, String logged) {
        @Override
        public String toString() {
            return port + ": " + comes;
        }
    }

    static List<Row> rows() throws IOException {
        List<String> lines = Files.readAllLines(DOCUMENT);
        List<Row> rows = new ArrayList<>();
        for (String line : lines.subList(lines.indexOf(HEADING) + 2, lines.size())) {
            if (!line.startsWith("|")) {
                break;
            }
            String[] cells = line.split("\\|");
            rows.add(new Row(text(cells[1]), text(cells[2]), text(cells[3]), text(cells[4]), text(cells[5])));
        }
        return rows;
    }

    private static String text(String cell) {
        String text = cell.strip().replace("`", "");
        return text.equals("–") ? "" : text;
    }
}
