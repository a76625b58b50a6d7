package io.loggregator.cli.client;

import java.net.ConnectException;
import java.net.UnknownHostException;
import javax.net.ssl.SSLException;

/** There is no answer, or none of use; a later try may find one. The message says what was tried and what went wrong. */
public final class Unreachable extends Exception {
    private static final long serialVersionUID = 1L;

    Unreachable(String message) {
        super(message);
    }

    static Unreachable because(Address address, Throwable cause) {
        String reason = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        if (cause instanceof UnknownHostException) {
            reason = "the name is not known";
        } else if (cause instanceof ConnectException && reason.contains("refused")) {
            reason = "connection refused";
        } else if (cause instanceof SSLException && reason.contains("not an SSL/TLS record")) {
            reason = "the server does not speak TLS (plain text: a ws:// address, or --plaintext)";
        } else if (cause instanceof SSLException && reason.contains("unable to find valid certification path")) {
            reason = "its certificate is signed by nobody who is trusted here (--ca names a file with whom to trust)";
        } else if (!address.tls() && reason.contains("Connection was closed")) {
            reason = "the server closed the connection without an answer (does it want TLS, a wss:// address?)";
        }
        return new Unreachable("cannot connect to " + address + ": " + reason);
    }
}
