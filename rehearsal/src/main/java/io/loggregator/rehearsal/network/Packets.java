package io.loggregator.rehearsal.network;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.loggregator.rehearsal.nodes.Command;
import java.io.IOException;
import java.util.Collection;

/**
 * Does harm to a share of the packets of some ports, from and to them. This process must be in a network of its own, where it
 * may do as it likes.
 */
public final class Packets {
    private static final String COUNTER = "counter";
    private static final String USUAL_MTU = "65536";
    private static final String USUAL_SEGMENTS = "65535";

    private Packets() {}

    /** What is done meanwhile. */
    @FunctionalInterface
    public interface Action {
        void run() throws IOException, InterruptedException;
    }

    /**
     * What was done.
     *
     * @param struck packets
     * @param noticed times that TCP noticed
     */
    public record Toll(long struck, long noticed) {}

    /**
     * Does it while an action runs.
     *
     * @param percent of the packets
     * @param ports on loopback that TCP connections lead to
     * @throws IOException nothing was done, or nobody noticed it: then nothing was rehearsed
     */
    public static Toll harm(Harm harm, int percent, Collection<Integer> ports, Action action)
            throws IOException, InterruptedException {
        try {
            // As on a real network: one packet of loopback may else be all that a sender has at a time.
            link("1500", "1");
            if (harm == Harm.DISORDER) {
                Queues.divide();
            }
            long before = harm.noticed(TcpCounters.now());
            Command.fed(harm.rules(percent, ports), "nft", "-f", "-");
            action.run();
            Toll toll = new Toll(
                    struck(Command.run("nft", "-j", "list", "ruleset")), harm.noticed(TcpCounters.now()) - before);
            if (toll.struck() == 0) {
                throw new IOException("no packet was touched");
            }
            if (toll.noticed() == 0) {
                throw new IOException(harm.otherwise());
            }
            return toll;
        } finally {
            Command.run("nft", "flush", "ruleset");
            Queues.join();
            link(USUAL_MTU, USUAL_SEGMENTS);
        }
    }

    private static void link(String mtu, String segments) throws IOException, InterruptedException {
        Command.run("ip", "link", "set", "lo", "mtu", mtu, "gso_max_segs", segments);
    }

    /** @param listing as {@code nft -j} prints rules */
    static long struck(String listing) throws IOException {
        long struck = 0;
        for (JsonNode each : new ObjectMapper().readTree(listing).path("nftables")) {
            for (JsonNode statement : each.path("rule").path("expr")) {
                struck += statement.path(COUNTER).path("packets").asLong();
            }
        }
        return struck;
    }
}
