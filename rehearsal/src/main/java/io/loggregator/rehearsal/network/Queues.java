package io.loggregator.rehearsal.network;

import io.loggregator.rehearsal.nodes.Command;
import java.io.IOException;
import java.util.Arrays;

/** The way out of loopback in two queues: what {@code nft} gives this priority waits in the slow one. */
final class Queues {
    static final String SLOW = "1:2";

    private static final String FAST = "1:1";
    /** A packet of the largest size each 0.75 ms: late, and not so slow that it is a link of that rate. */
    private static final String SLOW_RATE = "16mbit";

    private static final String ONE_PACKET = "1600";

    private Queues() {}

    static void divide() throws IOException, InterruptedException {
        Command.run("tc", "qdisc", "replace", "dev", "lo", "root", "handle", "1:", "htb", "default", "1");
        // Quantums keep the kernel from warning of those that it would compute.
        add(FAST, "10gbit", "quantum", "60000");
        add(SLOW, SLOW_RATE, "quantum", ONE_PACKET, "burst", ONE_PACKET, "cburst", ONE_PACKET);
    }

    private static void add(String name, String rate, String... more) throws IOException, InterruptedException {
        String[] begin = {"tc", "class", "add", "dev", "lo", "parent", "1:", "classid", name, "htb", "rate", rate};
        String[] command = Arrays.copyOf(begin, begin.length + more.length);
        System.arraycopy(more, 0, command, begin.length, more.length);
        Command.run(command);
    }

    /** As it was, divided or not. */
    static void join() throws IOException, InterruptedException {
        Command.run("tc", "qdisc", "replace", "dev", "lo", "root", "noqueue");
    }
}
