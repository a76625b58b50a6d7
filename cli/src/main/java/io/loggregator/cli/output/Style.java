package io.loggregator.cli.output;

/** Who reads the lines. */
public enum Style {
    /** A program or a file: an app's bytes stay what they are. */
    PIPE,
    /** A terminal without colour. */
    PLAIN_TERMINAL,
    /** A terminal with ANSI colour. */
    COLOUR;

    /** Whether control characters of an app could do harm. */
    boolean isTerminal() {
        return this != PIPE;
    }
}
