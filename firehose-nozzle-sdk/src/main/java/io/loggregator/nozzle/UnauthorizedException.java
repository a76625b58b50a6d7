package io.loggregator.nozzle;

/** The server, or the UAA, refused the token or the credentials. */
public class UnauthorizedException extends NozzleException {
    public UnauthorizedException(String message) {
        super(message, true, null);
    }
}
