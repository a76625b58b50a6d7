package io.loggregator.nozzle;

/** Why a nozzle, or one of its connections, ended. Its message says what to do. */
public class NozzleException extends RuntimeException {
    private final boolean isFinal;

    /**
     * @param isFinal whether trying again cannot help
     * @param cause may be null
     */
    public NozzleException(String message, boolean isFinal, Throwable cause) {
        super(message, cause);
        this.isFinal = isFinal;
    }

    /** Whether trying again cannot help, so that somebody has to do something first. */
    public boolean isFinal() {
        return isFinal;
    }
}
