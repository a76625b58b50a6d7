package io.loggregator.trafficcontroller.edge;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what is refused, and writes a line about it: for each reason at most one in ten seconds, saying how many it
 * stands for. Owned by one event loop.
 */
final class Refusals {
    private static final Logger LOG = LoggerFactory.getLogger(EdgeVerticle.class);
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Consumer<String> counter;
    private final Map<Refusal, Line> lines = new EnumMap<>(Refusal.class);

    Refusals(Consumer<String> counter) {
        this.counter = counter;
    }

    /** {@code client} is shown as the address that the refused came from. */
    void refuse(Refusal reason, Object client, String detail) {
        refuse(reason, client, detail, null);
    }

    /** With the cause, if it is not null, in the line. */
    void refuse(Refusal reason, Object client, String detail, Throwable cause) {
        counter.accept(reason.label());
        long now = System.nanoTime();
        Line line = lines.computeIfAbsent(reason, r -> new Line(now - PAUSE_NANOS));
        line.unsaid++;
        if (now - line.lastNanos >= PAUSE_NANOS) {
            LOG.info(
                    "refused ({}, {} since the last such line): {}, from {}",
                    reason.label(),
                    line.unsaid,
                    detail,
                    String.valueOf(client).replaceAll("[^ -~]", "?"),
                    cause);
            line.lastNanos = now;
            line.unsaid = 0;
        }
    }

    private static final class Line {
        long lastNanos;
        long unsaid;

        Line(long lastNanos) {
            this.lastNanos = lastNanos;
        }
    }
}
