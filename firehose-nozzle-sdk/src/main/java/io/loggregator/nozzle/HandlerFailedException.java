package io.loggregator.nozzle;

/**
 * The handler failed; its batch was not acknowledged, and comes again as far as the server keeps it. Where the handler
 * failed with a {@link NozzleException} that is {@linkplain #isFinal() final}, so is this, and the nozzle ends.
 */
public class HandlerFailedException extends NozzleException {
    public HandlerFailedException(Throwable cause) {
        super("the handler failed: " + told(cause), isFinal(cause), cause);
    }

    private static boolean isFinal(Throwable cause) {
        return cause instanceof NozzleException known && known.isFinal();
    }

    private static String told(Throwable cause) {
        return cause instanceof NozzleException ? cause.getMessage() : cause.toString();
    }
}
