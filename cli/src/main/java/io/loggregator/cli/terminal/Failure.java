package io.loggregator.cli.terminal;

import io.loggregator.node.process.ExitCodes;

/** Ends a command: the message goes to standard error as it is, without a stack trace. */
public final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int exitStatus;

    /** {@code message}: one sentence for the person at the terminal; {@code exitStatus}: one of {@link ExitCodes}. */
    public Failure(int exitStatus, String message) {
        super(message);
        this.exitStatus = exitStatus;
    }

    /** One of {@link ExitCodes}. */
    public int exitStatus() {
        return exitStatus;
    }
}
