package io.loggregator.cli.output;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Columns of text, each as wide as its widest cell: words to the left, numbers to the right. */
public final class Table {
    private static final int WIDEST = 60;
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

    private final List<String[]> rows = new ArrayList<>();
    private final boolean[] right;

    /** @param heads names of the columns; those that begin with {@code >} hold numbers */
    public Table(String... heads) {
        right = new boolean[heads.length];
        String[] names = new String[heads.length];
        for (int i = 0; i < heads.length; i++) {
            right[i] = heads[i].startsWith(">");
            names[i] = right[i] ? heads[i].substring(1) : heads[i];
        }
        rows.add(names);
    }

    /** Adds a row; what a terminal could not print of it becomes question marks, and what is too long is cut. */
    public void row(String... cells) {
        if (cells.length != right.length) {
            throw new IllegalArgumentException("cells: " + cells.length + " (expected: " + right.length + ")");
        }
        rows.add(Arrays.stream(cells).map(Table::fit).toArray(String[]::new));
    }

    /** Text of others, fit for a line of a terminal. */
    public static String fit(String text) {
        StringBuilder fit = new StringBuilder();
        text.codePoints().limit(WIDEST + 1L).forEach(c -> fit.appendCodePoint(printable(c) ? c : '?'));
        return text.codePointCount(0, text.length()) <= WIDEST
                ? fit.toString()
                : fit.substring(0, fit.offsetByCodePoints(0, WIDEST - 3)) + "...";
    }

    private static boolean printable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    /** A count, with commas. */
    public static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** A rate, with commas, and with a decimal where it is small. */
    public static String rate(double number) {
        return String.format(Locale.ROOT, number < 10 && number != Math.rint(number) ? "%,.1f" : "%,.0f", number);
    }

    /** An amount of memory in a unit of its size. */
    public static String bytes(double bytes) {
        int unit = 0;
        double amount = bytes;
        while (amount >= 1_000 && unit < UNITS.length - 1) {
            amount /= 1_024;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 || amount >= 100 ? "%,.0f %s" : "%,.1f %s", amount, UNITS[unit]);
    }

    /** A time in a unit of its size. */
    public static String seconds(double seconds) {
        if (seconds < 60) {
            return String.format(Locale.ROOT, "%.1f s", seconds);
        }
        if (seconds < 3_600) {
            return String.format(Locale.ROOT, "%.0f min", Math.floor(seconds / 60));
        }
        return seconds < 86_400
                ? String.format(Locale.ROOT, "%.1f h", seconds / 3_600)
                : String.format(Locale.ROOT, "%.1f d", seconds / 86_400);
    }

    /** Whole lines. */
    @Override
    public String toString() {
        int[] widths = new int[right.length];
        for (String[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                widths[i] = Math.max(widths[i], row[i].codePointCount(0, row[i].length()));
            }
        }
        StringBuilder text = new StringBuilder();
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.length; i++) {
                String padding = " ".repeat(widths[i] - row[i].codePointCount(0, row[i].length()));
                line.append(i == 0 ? "" : "  ").append(right[i] ? padding + row[i] : row[i] + padding);
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }
}
