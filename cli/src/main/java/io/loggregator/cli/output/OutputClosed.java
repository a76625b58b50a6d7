package io.loggregator.cli.output;

import java.io.IOException;

/** Standard output cannot be written any more: whoever read it has gone, like {@code head} when it has enough. */
public final class OutputClosed extends IOException {
    private static final long serialVersionUID = 1L;

    OutputClosed(IOException cause) {
        super(cause);
    }
}
