package io.loggregator.nozzle;

/** The server has closed the connection because the handler took too long. What was not acknowledged comes again. */
public class SlowHandlerException extends NozzleException {
    public SlowHandlerException(String message) {
        super(message, false, null);
    }
}
