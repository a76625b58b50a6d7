package io.loggregator.rehearsal.network;

import java.util.Collection;
import java.util.stream.Collectors;

/** What happens to a share of the packets. */
public enum Harm {
    /** It is lost on the way. A packet that is dropped before it is sent is none: its sender's TCP is told. */
    LOSS("input", "drop", "no segment was sent again"),
    /** It takes a queue that is so slow that later packets are there before. */
    DISORDER("output", "meta priority set " + Queues.SLOW, "no segment was found out of order"),
    /** It arrives once more. */
    REPETITION("prerouting", "dup to 127.0.0.1 device \"lo\"", "no segment arrived twice");

    private final String hook;
    private final String statement;
    private final String otherwise;

    Harm(String hook, String statement, String otherwise) {
        this.hook = hook;
        this.statement = statement;
        this.otherwise = otherwise;
    }

    /** For {@code nft}: a table with a rule for each direction. */
    String rules(int percent, Collection<Integer> ports) {
        String all = ports.stream().sorted().map(Object::toString).collect(Collectors.joining(", "));
        StringBuilder rules = new StringBuilder("table ip rehearsal {\n chain harm {\n");
        rules.append("  type filter hook ").append(hook).append(" priority 0; policy accept;\n");
        for (String port : new String[] {"dport", "sport"}) {
            rules.append("  tcp ").append(port).append(" { ").append(all).append(" } numgen random mod 100 < ");
            rules.append(percent).append(" counter ").append(statement).append('\n');
        }
        return rules.append(" }\n}\n").toString();
    }

    /** How often TCP noticed it so far. */
    long noticed(TcpCounters counters) {
        return switch (this) {
            case LOSS -> counters.sentAgain();
            case DISORDER -> counters.reordered();
            case REPETITION -> counters.arrivedTwice();
        };
    }

    /** What is wrong if TCP did not notice. */
    String otherwise() {
        return otherwise;
    }
}
