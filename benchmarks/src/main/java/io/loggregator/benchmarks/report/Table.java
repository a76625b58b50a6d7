package io.loggregator.benchmarks.report;

import java.util.ArrayList;
import java.util.List;

/** Rows of cells under heads; as text in columns, or as Markdown. */
public final class Table {
    private final List<List<String>> rows = new ArrayList<>();

    /** @param heads one for each column */
    public Table(String... heads) {
        rows.add(List.of(heads));
    }

    /**
     * Adds a row.
     *
     * @throws IllegalArgumentException if there are not as many cells as heads
     */
    public void row(List<String> cells) {
        if (cells.size() != rows.get(0).size()) {
            throw new IllegalArgumentException(cells.size() + " cells for " + rows.get(0));
        }
        rows.add(List.copyOf(cells));
    }

    boolean isEmpty() {
        return rows.size() == 1;
    }

    /** The first column to the left, the others to the right. */
    public String text() {
        int[] widths = widths();
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                String pad = " ".repeat(widths[i] - row.get(i).length());
                text.append(i == 0 ? row.get(i) + pad : "  " + pad + row.get(i));
            }
            text.append('\n');
        }
        return text.toString();
    }

    private int[] widths() {
        int[] widths = new int[rows.get(0).size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        return widths;
    }

    /** As a table of Markdown. */
    public String markdown() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < rows.size(); i++) {
            text.append("| ").append(String.join(" | ", rows.get(i))).append(" |\n");
            if (i == 0) {
                text.append("| --- ");
                text.append("| ---: ".repeat(rows.get(0).size() - 1));
                text.append("|\n");
            }
        }
        return text.toString();
    }
}
