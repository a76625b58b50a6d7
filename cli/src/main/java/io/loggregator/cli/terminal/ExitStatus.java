package io.loggregator.cli.terminal;

/** Exit statuses of the program. From 64 to 78 they are those of BSD's {@code sysexits.h}. */
public final class ExitStatus {
    /** The command did what it was asked to do. */
    public static final int OK = 0;
    /** It failed for a reason that has no status of its own. */
    public static final int FAILED = 1;
    /** The command line is wrong. */
    public static final int USAGE = 64;
    /** The server cannot be reached. */
    public static final int UNAVAILABLE = 69;
    /** An error in the program itself. */
    public static final int SOFTWARE = 70;
    /** The server was reached, and refused. */
    public static final int REFUSED = 77;
    /** A setting or a file named by an option is wrong. */
    public static final int CONFIG = 78;
    /** The reader of standard output has gone away; what a shell reports for a program ended by SIGPIPE. */
    public static final int OUTPUT_CLOSED = 141;

    private ExitStatus() {}
}
