package io.loggregator.trafficcontroller.subscription;

import io.loggregator.stream.selection.Selector;
import io.loggregator.stream.selection.SelectorMessages;
import io.loggregator.wire.BatchCursor;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What a Doppler takes of one reader, over the link or at its router port. A reader that asks for more is refused here: a
 * Doppler would end the link, or refuse the stream, and the reader would wait for nothing.
 */
public final class DopplerLimits {
    /** Selectors, and with them the names in gauge selectors. */
    public static final int MOST_SELECTORS = 1_000;
    /** Bytes of all selectors together, encoded. */
    public static final int MOST_SELECTOR_BYTES = 64 * 1024;
    /** Bytes of a shard id, a deterministic name, a source id or a metric's name, in UTF-8. */
    public static final int LONGEST_NAME = 1_024;

    private DopplerLimits() {}

    /** How many selectors there are, with the names in gauge selectors. */
    public static int count(List<Selector> selectors) {
        int count = selectors.size();
        for (Selector selector : selectors) {
            count += selector.kind() == BatchCursor.GAUGE ? selector.names().size() : 0;
        }
        return count;
    }

    /** How many bytes they take together, encoded. */
    public static long bytes(List<Selector> selectors) {
        return selectors.stream()
                .mapToLong(selector -> SelectorMessages.write(selector).getSerializedSize())
                .sum();
    }

    /** Bytes of a name, in UTF-8. */
    public static int bytes(String name) {
        return name.getBytes(StandardCharsets.UTF_8).length;
    }

    /** Whether a name is longer than a Doppler takes. */
    public static boolean tooLong(String name) {
        // The first test spares the second for most.
        return name.length() > LONGEST_NAME || bytes(name) > LONGEST_NAME;
    }
}
