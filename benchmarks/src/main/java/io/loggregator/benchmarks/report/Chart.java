package io.loggregator.benchmarks.report;

import java.util.List;
import java.util.Locale;

/**
 * A drawing of curves in panels side by side, both axes logarithmic, as SVG. Colours suit light and dark pages.
 */
final class Chart {
    private static final int PANEL_WIDTH = 300;
    private static final int PLOT_WIDTH = 230;
    private static final int PLOT_HEIGHT = 220;
    private static final int LEFT = 48;
    private static final int TOP = 34;
    private static final int PANELS_A_ROW = 2;
    private static final int PANEL_HEIGHT = TOP + PLOT_HEIGHT + 40;
    private static final int LEGEND = 28;
    private static final double[] STEPS = {1, 2, 5};
    private static final String STYLE = """
            <style>
              svg { --ink: #24292f; --grid: #d0d7de; --c0: #0969da; --c1: #bc4c00; --c2: #1a7f37; --c3: #6e7781; }
              @media (prefers-color-scheme: dark) {
                svg { --ink: #e6edf3; --grid: #30363d; --c0: #58a6ff; --c1: #f0883e; --c2: #3fb950; --c3: #8b949e; }
              }
              text { font: 11px sans-serif; fill: var(--ink); }
              .head { font-weight: bold; }
              .grid { stroke: var(--grid); stroke-width: 1; }
              .s0 { stroke: var(--c0); fill: var(--c0); } .s1 { stroke: var(--c1); fill: var(--c1); }
              .s2 { stroke: var(--c2); fill: var(--c2); } .s3 { stroke: var(--c3); fill: var(--c3); }
              polyline { stroke-width: 2; fill: none !important; }
            </style>
            """;

    private final List<String> names;
    private final StringBuilder svg = new StringBuilder();
    private int panels;

    /** @param names of the curves of all panels, at most four */
    Chart(List<String> names) {
        this.names = List.copyOf(names);
    }

    /**
     * Adds a panel.
     *
     * @param amounts along the bottom, above zero and rising
     * @param curves for each name the values at these amounts, above zero
     */
    void panel(String title, double[] amounts, List<double[]> curves) {
        int x = panels % PANELS_A_ROW * PANEL_WIDTH + LEFT;
        int y = panels / PANELS_A_ROW * PANEL_HEIGHT + LEGEND + TOP;
        panels++;
        double lowest = Double.MAX_VALUE;
        double highest = 0;
        for (double[] curve : curves) {
            for (double value : curve) {
                lowest = Math.min(lowest, value);
                highest = Math.max(highest, value);
            }
        }
        Scale across = new Scale(amounts[0], amounts[amounts.length - 1], x, PLOT_WIDTH);
        Scale up = new Scale(below(lowest), above(highest), y + PLOT_HEIGHT, -PLOT_HEIGHT);
        text(x, y - 12, "head", "start", title);
        for (double tick = up.from(); tick <= up.to() * 1.001; tick = next(tick)) {
            line(x, up.at(tick), x + PLOT_WIDTH, up.at(tick));
            text(x - 6, up.at(tick) + 4, "", "end", number(tick));
        }
        for (double amount : amounts) {
            line(across.at(amount), y, across.at(amount), y + PLOT_HEIGHT);
            text(across.at(amount), y + PLOT_HEIGHT + 16, "", "middle", number(amount));
        }
        for (int i = 0; i < curves.size(); i++) {
            StringBuilder points = new StringBuilder();
            for (int k = 0; k < amounts.length; k++) {
                double px = across.at(amounts[k]);
                double py = up.at(curves.get(i)[k]);
                points.append(format("%.1f,%.1f ", px, py));
                svg.append(format("<circle class=\"s%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>%n", i, px, py));
            }
            svg.append(format(
                    "<polyline class=\"s%d\" points=\"%s\"/>%n",
                    i, points.toString().trim()));
        }
    }

    /** The whole drawing. */
    String svg() {
        int rows = (panels + PANELS_A_ROW - 1) / PANELS_A_ROW;
        int width = PANELS_A_ROW * PANEL_WIDTH;
        int height = LEGEND + rows * PANEL_HEIGHT;
        StringBuilder all = new StringBuilder(format(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\">%n%s",
                width, height, width, height, STYLE));
        int x = LEFT;
        for (int i = 0; i < names.size(); i++) {
            all.append(format("<circle class=\"s%d\" cx=\"%d\" cy=\"14\" r=\"4\"/>%n", i, x));
            all.append(format("<text x=\"%d\" y=\"18\">%s</text>%n", x + 9, escape(names.get(i))));
            x += 24 + 6 * names.get(i).length();
        }
        return all.append(svg).append("</svg>\n").toString();
    }

    /**
     * Where values are drawn.
     *
     * @param from the value at the start
     * @param to the value at the end
     * @param start where that is
     * @param length until where the end is
     */
    private record Scale(double from, double to, double start, double length) {
        double at(double value) {
            return from == to ? start : start + length * Math.log(value / from) / Math.log(to / from);
        }
    }

    /** The largest tick at or below a value. */
    static double below(double value) {
        double power = Math.pow(10, Math.floor(Math.log10(value)));
        double best = power;
        for (double step : STEPS) {
            best = step * power <= value ? step * power : best;
        }
        return best;
    }

    /** The smallest tick above a value. */
    static double above(double value) {
        return next(below(value));
    }

    private static double next(double tick) {
        double power = Math.pow(10, Math.floor(Math.log10(tick * 1.001)));
        for (double step : STEPS) {
            if (step * power > tick * 1.001) {
                return step * power;
            }
        }
        return 10 * power;
    }

    private void line(double x1, double y1, double x2, double y2) {
        svg.append(format("<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>%n", x1, y1, x2, y2));
    }

    private void text(double x, double y, String style, String anchor, String text) {
        svg.append(format(
                "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n",
                style, x, y, anchor, escape(text)));
    }

    private static String number(double value) {
        return value >= 1 ? format("%,.0f", value) : format("%s", value);
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
