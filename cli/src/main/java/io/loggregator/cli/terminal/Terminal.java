package io.loggregator.cli.terminal;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Map;

/**
 * What a command reads from and writes to.
 *
 * @param in standard input
 * @param out standard output, unbuffered, and telling by an exception when its reader has gone
 * @param err standard error, for everything that is not the result itself
 * @param interactive whether a person looks at {@code out}
 * @param environment the environment variables
 */
public record Terminal(
        InputStream in, OutputStream out, PrintStream err, boolean interactive, Map<String, String> environment) {

    /** Those of this process. */
    public static Terminal ofProcess() {
        return new Terminal(
                System.in, new FileOutputStream(FileDescriptor.out), System.err, isInteractive(), System.getenv());
    }

    /** A line on standard error, marked as ours. */
    public void say(String line) {
        err.println("loggregator: " + line);
    }

    /** {@code NO_COLOR} with any value but the empty one switches colour off (no-color.org). */
    public boolean wantsColour() {
        String noColour = environment.getOrDefault("NO_COLOR", "");
        return interactive && noColour.isEmpty() && !"dumb".equals(environment.get("TERM"));
    }

    @SuppressWarnings("SystemConsoleNull") // null on JDK 17, and asked further on later ones
    private static boolean isInteractive() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            // From JDK 22 on there may be a console without a terminal.
            return (Boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException notThereBeforeJdk22) {
            return true;
        }
    }
}
