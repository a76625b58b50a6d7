package io.loggregator.cli.client;

/** An answer that is not what the protocol says. */
final class MalformedAnswer extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MalformedAnswer(String message) {
        super(message);
    }
}
