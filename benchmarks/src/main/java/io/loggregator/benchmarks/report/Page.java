package io.loggregator.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes results into a Markdown page. */
public final class Page {
    private final String start;
    private final String end;

    /** @param name of what is written; its place in a page is between {@code <!-- NAME -->} and {@code <!-- end of NAME -->} */
    public Page(String name) {
        start = "<!-- " + name + " -->\n";
        end = "<!-- end of " + name + " -->";
    }

    /**
     * Replaces what is between the two marks in a page that has them; any other file becomes the text alone.
     *
     * @throws IOException the file cannot be read or written, or has the first mark only, or only marks of others
     */
    public void write(Path file, String text) throws IOException {
        Files.writeString(file, Files.exists(file) ? placed(Files.readString(file), text) : text);
    }

    private String placed(String page, String text) throws IOException {
        int from = page.indexOf(start);
        if (from < 0) {
            if (page.contains("<!-- end of ")) {
                throw new IOException("the page has places for other results, but no '" + start.trim() + "'");
            }
            return text;
        }
        int to = page.indexOf(end, from);
        if (to < 0) {
            throw new IOException("the page has no '" + end + "'");
        }
        return page.substring(0, from + start.length()) + "\n" + text + "\n" + page.substring(to);
    }
}
