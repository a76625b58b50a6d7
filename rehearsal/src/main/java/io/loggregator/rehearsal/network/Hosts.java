package io.loggregator.rehearsal.network;

import io.loggregator.rehearsal.nodes.Command;
import io.loggregator.rehearsal.nodes.Place;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A host for each server, in this process's own network: they meet at a bridge, where agents and clients are, and are watched
 * over another, which goes on whatever befalls the first.
 */
public final class Hosts implements Place, AutoCloseable {
    static final String MEETING = "meeting";
    static final String WATCHING = "watching";
    static final String MEET = "10.77.0.";
    static final String WATCH = "10.78.0.";
    static final String PREFIX = "/24";
    /** What the address of the first host ends with; that of this process with 1. */
    static final int FIRST = 10;

    private final Map<String, Host> hosts = new LinkedHashMap<>();
    private final Map<String, Integer> numbers = new LinkedHashMap<>();

    /**
     * Makes them.
     *
     * @param servers for each of these one
     */
    public Hosts(List<String> servers) throws IOException, InterruptedException {
        try {
            Command.fed(bridge(MEETING, MEET) + bridge(WATCHING, WATCH), "ip", "-batch", "-");
            for (String server : servers) {
                numbers.put(server, numbers.size());
                hosts.put(server, new Host(numbers.get(server)));
            }
        } catch (IOException | InterruptedException e) {
            close();
            throw e;
        }
    }

    private static String bridge(String name, String addresses) {
        return """
                link add name %s address %s type bridge
                address add %s1%s dev %s
                link set %s up
                """.formatted(name, hardware(1), addresses, PREFIX, name, name);
    }

    /**
     * Of a host or a bridge, always the same: else a bridge has another with every cable, and who knew the old one sends to
     * nobody for a while.
     */
    static String hardware(int last) {
        return String.format("02:00:00:00:00:%02x", last);
    }

    /** Why there can be none here, if so; this process must be in a network of its own. */
    public static Optional<String> lack() throws InterruptedException {
        try (Hosts trial = new Hosts(List.of("trial"))) {
            List<String> command = new ArrayList<>(trial.of("trial").entrance());
            command.add("true");
            Command.run(command.toArray(String[]::new));
            trial.host("trial").deafTo(trial.host("trial"));
            trial.host("trial").hear();
            return Optional.empty();
        } catch (IOException lacking) {
            return Optional.of(lacking.getMessage().lines().findFirst().orElse("no reason is told"));
        }
    }

    /** A server's. */
    public Host host(String server) {
        return hosts.get(server);
    }

    @Override
    public Site of(String server) {
        return host(server).site();
    }

    /** Removes a server's host, on which it must have ended, and makes another with its addresses. */
    public void replace(String server) throws IOException, InterruptedException {
        host(server).remove();
        hosts.put(server, new Host(numbers.get(server)));
    }

    /** Removes all, as far as there are any. */
    @Override
    public void close() {
        hosts.values().forEach(host -> removing(host::remove));
        removing(() -> Command.run("ip", "link", "delete", MEETING));
        removing(() -> Command.run("ip", "link", "delete", WATCHING));
    }

    private static void removing(Packets.Action removal) {
        try {
            removal.run();
        } catch (IOException none) {
            // There is nothing to remove, or it ends with this process.
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        }
    }
}
