package io.loggregator.nozzle;

/** The handler failed; its batch was not acknowledged, and comes again as far as the server keeps it. */
public class HandlerFailedException extends NozzleException {
    public HandlerFailedException(Throwable cause) {
        super("the handler failed: " + cause, false, cause);
    }
}
