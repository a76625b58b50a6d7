package io.loggregator.nozzle;

/** The server answered the request for a stream with something else than a stream. */
public class RefusedException extends NozzleException {
    private final int status;

    /** @param status of HTTP; from 500 on, and 408 and 429, trying again may help */
    public RefusedException(String message, int status) {
        super(message, status < 500 && status != 408 && status != 429, null);
        this.status = status;
    }

    /** HTTP's status. */
    public int status() {
        return status;
    }
}
