package io.loggregator.cli.client;

import io.vertx.core.http.HttpClosedException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.security.cert.CertPathBuilderException;
import javax.net.ssl.SSLException;

/** There is no answer, or none of use; a later try may find one. The message says what was tried and what went wrong. */
public final class Unreachable extends Exception {
    private static final long serialVersionUID = 1L;

    Unreachable(String message) {
        super(message);
    }

    static Unreachable because(Address address, Throwable failure) {
        return new Unreachable("cannot connect to " + address + ": " + reason(address, failure));
    }

    /** In words of our own where the cause is known, else in those of the innermost cause. */
    static String reason(Address address, Throwable failure) {
        Throwable innermost = failure;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            innermost = cause;
            String message = String.valueOf(cause.getMessage());
            if (cause instanceof UnknownHostException) {
                return "the name is not known";
            }
            if (cause instanceof ConnectException && message.contains("refused")) {
                return "connection refused";
            }
            if (cause instanceof SSLException && message.contains("not an SSL/TLS record")) {
                return "the server does not speak TLS (for plain text: a ws:// address, or --plaintext)";
            }
            if (cause instanceof CertPathBuilderException) {
                return "its certificate is signed by nobody who is trusted here (--ca names a file with whom to trust)";
            }
            boolean closed = cause instanceof HttpClosedException || message.startsWith("Connection closed while");
            if (closed && !address.tls()) {
                return "the server closed the connection without an answer (does it want TLS, a wss:// address?)";
            }
        }
        return innermost.getMessage() == null ? innermost.toString() : innermost.getMessage();
    }
}
