package io.loggregator.nozzle;

/** The server cannot be reached, or the connection to it ended. Trying again helps when that is over. */
public class UnavailableException extends NozzleException {
    /** @param cause may be null */
    public UnavailableException(String message, Throwable cause) {
        super(message, false, cause);
    }
}
