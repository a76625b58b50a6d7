package io.loggregator.node.tls;

import java.nio.file.Path;

/** A certificate, key or CA file that cannot be used. The message names the file, what it is like, and what it should be. */
public final class InvalidTlsMaterial extends Exception {
    private final transient Path file;
    private final String expected;

    InvalidTlsMaterial(Path file, String found, String expected) {
        super(file + ": " + found + " (expected: " + expected + ")");
        this.file = file;
        this.expected = expected;
    }

    /** The file that is to blame. */
    public Path file() {
        return file;
    }

    /** What the file should be. */
    public String expected() {
        return expected;
    }
}
