package io.loggregator.nozzle;

/** The server's certificate is not to be trusted, or not for its name, or the two found no way to talk TLS. */
public class TlsException extends NozzleException {
    public TlsException(String message, Throwable cause) {
        super(message, true, cause);
    }
}
