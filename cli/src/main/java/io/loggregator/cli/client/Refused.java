package io.loggregator.cli.client;

/** The server was reached and said no; asking again with the same words is no use. */
public final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    Refused(String message) {
        super(message);
    }
}
