package io.loggregator.nozzle;

/** What the server sent is not what the protocol allows. */
public class ProtocolException extends NozzleException {
    public ProtocolException(String message) {
        super(message, true, null);
    }
}
