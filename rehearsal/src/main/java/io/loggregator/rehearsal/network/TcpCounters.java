package io.loggregator.rehearsal.network;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the kernel has counted of TCP in this process's network so far, by the names that it has for it. */
final class TcpCounters {
    private final Map<String, Long> counters = new HashMap<>();

    /** @param lines in pairs: names, then their values, each after a title */
    TcpCounters(List<String> lines) {
        for (int i = 0; i + 1 < lines.size(); i += 2) {
            String[] names = lines.get(i).split(" ");
            String[] values = lines.get(i + 1).split(" ");
            for (int j = 1; j < Math.min(names.length, values.length); j++) {
                counters.put(names[0] + names[j], Long.valueOf(values[j]));
            }
        }
    }

    /** As they are now. */
    static TcpCounters now() throws IOException {
        List<String> lines = new ArrayList<>(Files.readAllLines(Path.of("/proc/net/snmp")));
        lines.addAll(Files.readAllLines(Path.of("/proc/net/netstat")));
        return new TcpCounters(lines);
    }

    /** Segments that were sent again. */
    long sentAgain() {
        return of("Tcp:RetransSegs");
    }

    /** Times that a sender found that segments had arrived in another order. */
    long reordered() {
        return of("TcpExt:TCPSACKReorder") + of("TcpExt:TCPTSReorder") + of("TcpExt:TCPRenoReorder");
    }

    /** Segments that arrived when what they hold was there. */
    long arrivedTwice() {
        return of("TcpExt:TCPDSACKOldSent");
    }

    private long of(String name) {
        return counters.getOrDefault(name, 0L);
    }
}
