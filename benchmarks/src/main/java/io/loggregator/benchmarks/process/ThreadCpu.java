package io.loggregator.benchmarks.process;

import java.util.Locale;

/**
 * CPU time of a process or thread as a line of {@code /proc/…/stat} tells it (proc(5)).
 *
 * @param name the kernel's name of it, at most 15 bytes
 * @param ticks user and system time, in hundredths of a second: USER_HZ is 100 on every Linux that Java runs on
 */
record ThreadCpu(String name, long ticks) {
    private static final int USER_TIME = 11;
    private static final int SYSTEM_TIME = 12;

    /** @throws IllegalArgumentException if it is no such line */
    static ThreadCpu parse(String line) {
        // The name is in parentheses and may hold spaces and parentheses itself.
        int open = line.indexOf('(');
        int close = line.lastIndexOf(')');
        if (open < 0 || close < open + 1 || close + 2 > line.length()) {
            throw new IllegalArgumentException("not a line of /proc/PID/stat: " + line);
        }
        String[] fields = line.substring(close + 2).trim().split(" ");
        if (fields.length <= SYSTEM_TIME) {
            throw new IllegalArgumentException("not a line of /proc/PID/stat: " + line);
        }
        return new ThreadCpu(
                line.substring(open + 1, close),
                Long.parseLong(fields[USER_TIME]) + Long.parseLong(fields[SYSTEM_TIME]));
    }

    /** Whether it is one of HotSpot's compiler threads. */
    boolean compiler() {
        return name.startsWith("C1 CompilerThre") || name.startsWith("C2 CompilerThre");
    }

    /** Whether it collects garbage: HotSpot's VM thread does with the serial collector. */
    boolean collector() {
        return name.equals("VM Thread") || name.toUpperCase(Locale.ROOT).startsWith("GC ") || name.startsWith("G1 ");
    }
}
