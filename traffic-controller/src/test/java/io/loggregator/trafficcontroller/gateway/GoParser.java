package io.loggregator.trafficcontroller.gateway;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads a stream by the rules of go-loggregator's RLPGatewayClient: it knows lines, not events; throws away two lines
 * after the head of a heartbeat, whatever they are; and takes {@code data: } only with the space.
 */
final class GoParser {
    final List<String> batches = new ArrayList<>();
    final List<String> unknown = new ArrayList<>();
    boolean closed;
    private final StringBuilder data = new StringBuilder();
    private int discard;

    /** Takes a line without its end. */
    void line(String line) {
        if (closed) {
            return;
        }
        if (discard > 0) {
            discard--;
        } else if (line.startsWith("event: heartbeat")) {
            discard = 2;
        } else if (line.startsWith("event: closing")) {
            closed = true;
        } else if (line.startsWith("data: ")) {
            data.append(line.substring("data: ".length()));
        } else if (line.isEmpty()) {
            // An empty event is a batch that cannot be read.
            batches.add(data.toString());
            data.setLength(0);
        } else if (!line.startsWith("heartbeat: ")) {
            unknown.add(line);
        }
    }
}
