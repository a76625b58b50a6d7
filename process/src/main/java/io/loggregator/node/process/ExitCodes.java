package io.loggregator.node.process;

/** Exit codes of the executables, from BSD's {@code sysexits.h} where it has one. */
public final class ExitCodes {
    /** Done, or stopped gracefully. */
    public static final int OK = 0;

    /** It failed for a reason that has no code of its own. */
    public static final int FAILED = 1;

    /** A graceful stop in which some step failed or overran its time. */
    public static final int STOP_INCOMPLETE = 1;

    /** The command line cannot be understood (EX_USAGE). */
    public static final int USAGE = 64;

    /** The server cannot be reached (EX_UNAVAILABLE). */
    public static final int UNAVAILABLE = 69;

    /** A fault in the program itself (EX_SOFTWARE). */
    public static final int INTERNAL = 70;

    /** The server was reached, and refused (EX_NOPERM). */
    public static final int REFUSED = 77;

    /** The configuration cannot be used (EX_CONFIG): settings, files they name, or a port that cannot be bound. */
    public static final int CONFIGURATION = 78;

    /** Cut short by a second Ctrl-C: 128 + SIGINT, as shells count. */
    public static final int INTERRUPTED = 130;

    /** The reader of standard output has gone away; what a shell reports for a program ended by SIGPIPE. */
    public static final int OUTPUT_CLOSED = 141;

    private ExitCodes() {}
}
