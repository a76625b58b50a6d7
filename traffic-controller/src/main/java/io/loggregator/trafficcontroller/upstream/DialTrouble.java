package io.loggregator.trafficcontroller.upstream;

import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says why a Doppler cannot be reached, once for each new reason: one that is away for an hour is one line. Owned by who
 * dials.
 */
public final class DialTrouble {
    private static final Logger LOG = LoggerFactory.getLogger(DialTrouble.class);
    private static final int DEEPEST_CAUSE = 8;

    private final String address;
    private String last = "";

    /** @param address the Doppler's, for log lines */
    public DialTrouble(String address) {
        this.address = address;
    }

    /** The Doppler was reached. */
    public void over() {
        last = "";
    }

    /** Whether the Doppler has been reached since there was trouble, or there was none. */
    public boolean isOver() {
        return last.isEmpty();
    }

    /**
     * Writes a line, unless it would be the one before.
     *
     * @param what such as "cannot link to"
     */
    public void warn(String what, String reason) {
        if (!reason.equals(last)) {
            last = reason;
            LOG.warn("{} Doppler {}: {} (goes on trying)", what, address, reason);
        }
    }

    /** The error with what is beneath it, which is where TLS says what it did not like. */
    public static String explain(Throwable error) {
        StringBuilder words = new StringBuilder(String.valueOf(error.getMessage()));
        Throwable cause = error.getCause();
        for (int depth = 0; cause != null && depth < DEEPEST_CAUSE; depth++, cause = cause.getCause()) {
            if (cause.getMessage() != null && words.indexOf(cause.getMessage()) < 0) {
                words.append(": ").append(cause.getMessage());
            }
        }
        if (error instanceof SSLException || words.indexOf("SSL") >= 0 || words.indexOf("handshake") >= 0) {
            words.append(" (does the Doppler trust ROUTER_CERT_FILE, do ROUTER_CA_FILE and DOPPLER_SERVER_NAME fit its"
                    + " certificate?)");
        }
        return words.toString();
    }
}
