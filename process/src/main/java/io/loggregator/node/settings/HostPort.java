package io.loggregator.node.settings;

import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A host (name, IPv4 or IPv6 address without brackets) and a TCP port.
 *
 * @param host never empty
 * @param port 0 to 65535; 0 only where any free port is meant
 */
public record HostPort(String host, int port) {
    private static final int LONGEST_NAME = 253;
    private static final Pattern FORM = Pattern.compile(
            "(?:\\[(?<v6>[0-9A-Fa-f:.]+(?:%[0-9A-Za-z._-]+)?)]|(?<name>[^\\[\\]:/\\s,]*)):(?<port>[0-9]{1,5})");

    public HostPort {
        Objects.requireNonNull(host, "host");
        if (host.isEmpty()) {
            throw new IllegalArgumentException("a host must not be empty");
        }
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("a port is 0 to 65535, not " + port);
        }
    }

    /**
     * Reads {@code host:port}; an IPv6 address stands in brackets, as in {@code [::1]:80}.
     *
     * @throws IllegalArgumentException when the text has another form or the port is above 65535
     */
    public static HostPort parse(String text) {
        return parse(text, null);
    }

    /** As {@link #parse(String)}; an absent host, as in {@code :8088}, means {@code hostWhenAbsent} unless that is null. */
    static HostPort parse(String text, String hostWhenAbsent) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException("not host:port");
        }
        String host = form.group("v6") != null ? form.group("v6") : form.group("name");
        if (host.isEmpty() && hostWhenAbsent != null) {
            host = hostWhenAbsent;
        }
        if (host.length() > LONGEST_NAME || (form.group("v6") != null && host.indexOf(':') < 0)) {
            throw new IllegalArgumentException("not a host");
        }
        return new HostPort(host, Integer.parseInt(form.group("port")));
    }

    /** Shows the form that {@link #parse(String)} reads. */
    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
