package io.loggregator.endtoend;

import com.google.protobuf.ByteString;
import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;

/** Which numbered lines came, source by source, and how many of them came again. For any thread. */
final class Received {
    private final Map<String, BitSet> sources = new TreeMap<>(); // guarded by this
    private long duplicates; // guarded by this

    /** @param line of the form {@code source:number}; others are left out */
    synchronized void take(ByteString line) {
        int colon = line.size() - 1;
        int number = 0;
        int unit = 1;
        while (colon >= 0 && line.byteAt(colon) != ':') {
            number += (line.byteAt(colon) - '0') * unit;
            unit *= 10;
            colon--;
        }
        if (colon < 0) {
            return;
        }
        BitSet numbers = sources.computeIfAbsent(line.substring(0, colon).toStringUtf8(), first -> new BitSet());
        if (numbers.get(number)) {
            duplicates++;
        }
        numbers.set(number);
    }

    /** How many different lines of sources whose names begin so. */
    synchronized long distinct(String prefix) {
        return sources.entrySet().stream()
                .filter(source -> source.getKey().startsWith(prefix))
                .mapToLong(source -> source.getValue().cardinality())
                .sum();
    }

    synchronized long duplicates() {
        return duplicates;
    }
}
