package io.loggregator.nozzles.syslog;

import java.net.URI;
import java.util.Optional;

/**
 * A syslog server, as Cloud Foundry's drains name it.
 *
 * @param tls whether it is spoken to by TLS (RFC 5425) or in plain text (RFC 6587)
 */
record SyslogServer(boolean tls, String host, int port) {
    private static final int PLAIN_PORT = 514;
    private static final int TLS_PORT = 6514;

    /** Reads {@code syslog://HOST[:PORT]} and {@code syslog-tls://HOST[:PORT]}; anything else is empty. */
    static Optional<SyslogServer> parse(String text) {
        try {
            URI url = URI.create(text.strip());
            boolean tls = "syslog-tls".equals(url.getScheme());
            if ((!tls && !"syslog".equals(url.getScheme()))
                    || url.getHost() == null
                    || url.getPort() == 0
                    || url.getPort() > 65_535
                    || url.getRawUserInfo() != null
                    || url.getRawQuery() != null
                    || url.getRawFragment() != null
                    || !(url.getRawPath().isEmpty() || url.getRawPath().equals("/"))) {
                return Optional.empty();
            }
            String host = url.getHost().startsWith("[")
                    ? url.getHost().substring(1, url.getHost().length() - 1)
                    : url.getHost();
            int usual = tls ? TLS_PORT : PLAIN_PORT;
            return Optional.of(new SyslogServer(tls, host, url.getPort() < 0 ? usual : url.getPort()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    @Override
    public String toString() {
        return (tls ? "syslog-tls://" : "syslog://") + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
