package io.loggregator.nozzles.syslog;

import java.util.Map;

/** A message's structured data, of a limited length: a parameter for which there is no room is left out. */
final class StructuredData {
    private static final int LONGEST_NAME = 32;

    private final StringBuilder text = new StringBuilder();
    private int limit;
    private boolean cut;

    /** @param limit in characters */
    StructuredData(int limit) {
        this.limit = limit;
    }

    /** Limits what is added from now on. */
    StructuredData within(int characters) {
        limit = Math.min(limit, characters);
        return this;
    }

    /** Adds an element, if there are parameters for it. */
    StructuredData element(String id, Map<String, String> parameters) {
        if (parameters.isEmpty()) {
            return this;
        }
        int start = text.length();
        text.append('[').append(id).append("@47450");
        int empty = text.length();
        parameters.forEach(this::parameter);
        if (text.length() == empty) {
            text.setLength(start);
        } else {
            text.append(']');
        }
        return this;
    }

    private void parameter(String name, String value) {
        int start = text.length();
        if (value.length() > limit - start) {
            cut = true;
            return;
        }
        String allowed = SyslogFormat.only(
                name, LONGEST_NAME, c -> SyslogFormat.printable(c) && c != '=' && c != ']' && c != '"');
        text.append(' ').append(allowed.isEmpty() ? "_" : allowed).append("=\"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\' || c == ']') {
                text.append('\\');
            }
            if (c != 0) {
                text.append(c);
            }
        }
        text.append('"');
        if (text.length() >= limit) {
            text.setLength(start);
            cut = true;
        }
    }

    /** Whether something was left out. */
    boolean isCut() {
        return cut;
    }

    /** As it stands in the message; a dash where there is none. */
    @Override
    public String toString() {
        return text.isEmpty() ? "-" : text.toString();
    }
}
