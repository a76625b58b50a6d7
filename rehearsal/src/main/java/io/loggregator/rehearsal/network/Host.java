package io.loggregator.rehearsal.network;

import io.loggregator.rehearsal.nodes.Command;
import io.loggregator.rehearsal.nodes.Place;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A network namespace with two cables, pairs of {@code veth}: one to where all hosts meet, and one to whoever watches it, for
 * whom faults are none. A process holds it that ends when this one does, however that comes about.
 */
public final class Host {
    private final int number;
    private final Process holder;

    /**
     * Makes one.
     *
     * @param number which no other host has; so are its addresses
     */
    Host(int number) throws IOException, InterruptedException {
        this.number = number;
        // Its input ends with this process, and then so does it.
        holder = new ProcessBuilder("unshare", "--net", "sh", "-c", "echo && exec cat")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            if (holder.getInputStream().read() < 0) {
                throw new IOException("there can be no network namespace within the rehearsal's");
            }
            connect();
        } catch (IOException | InterruptedException e) {
            end();
            throw e;
        }
    }

    private void connect() throws IOException, InterruptedException {
        Command.fed(
                cable(cable(), "eth0", Hosts.MEETING) + cable(watch(), "watch", Hosts.WATCHING), "ip", "-batch", "-");
        run("link set lo up\n" + address(address(), "eth0") + address(watched(), "watch"), "ip", "-batch", "-");
    }

    private String cable(String here, String there, String bridge) {
        return """
                link add %s type veth peer name %s address %s netns %d
                link set %s master %s up
                """.formatted(here, there, Hosts.hardware(last()), holder.pid(), here, bridge);
    }

    private static String address(String address, String device) {
        return """
                address add %s dev %s
                link set %s up
                """.formatted(address + Hosts.PREFIX, device, device);
    }

    private String cable() {
        return "cable-" + number;
    }

    private String watch() {
        return "watch-" + number;
    }

    private int last() {
        return Hosts.FIRST + number;
    }

    private String address() {
        return Hosts.MEET + last();
    }

    private String watched() {
        return Hosts.WATCH + last();
    }

    Place.Site site() {
        // A server, too, ends with this process: with its thread that starts it, which is the one that rehearses.
        List<String> entrance = new ArrayList<>(entrance());
        entrance.addAll(List.of("setpriv", "--pdeathsig", "KILL", "--"));
        return new Place.Site(address(), watched(), entrance);
    }

    private List<String> entrance() {
        return List.of("nsenter", "--target", Long.toString(holder.pid()), "--net", "--");
    }

    /** Runs a program of the system there. */
    private String run(String input, String... command) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(entrance());
        all.addAll(Arrays.asList(command));
        return Command.fed(input, all.toArray(String[]::new));
    }

    /** Pulls the cable out of where all hosts meet: what is under way is lost, and nobody is told. */
    public void unplug() throws IOException, InterruptedException {
        Command.run("ip", "link", "set", cable(), "down");
    }

    /** Puts it in again. */
    public void plug() throws IOException, InterruptedException {
        Command.run("ip", "link", "set", cable(), "up");
    }

    /** From now on packets from another host are lost on their way to this one. */
    public void deafTo(Host other) throws IOException, InterruptedException {
        run(lossOf(other.address()), "nft", "-f", "-");
    }

    static String lossOf(String sender) {
        return """
                table ip rehearsal {
                 chain deaf {
                  type filter hook input priority 0; policy accept;
                  ip saddr %s counter drop
                 }
                }
                """.formatted(sender);
    }

    /**
     * Ends that.
     *
     * @return how many were lost
     */
    public long hear() throws IOException, InterruptedException {
        long lost = Packets.struck(run("", "nft", "-j", "list", "ruleset"));
        run("", "nft", "flush", "ruleset");
        return lost;
    }

    /** Takes its cables away; what still runs there keeps it and reaches nobody. */
    void remove() throws IOException, InterruptedException {
        Command.fed("link delete " + cable() + "\nlink delete " + watch() + "\n", "ip", "-batch", "-");
        end();
    }

    private void end() {
        holder.destroyForcibly();
    }
}
