package io.loggregator.stream.own;

import io.loggregator.wire.v2.EnvelopeWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * What one component tells of itself in the stream. Counters are told by what they grew since the last pulse that
 * arrived, zero included, so a pulse that is lost only makes the next one larger. Declared at start; afterwards used by
 * one thread, {@link #event} by any.
 */
public final class OwnMetrics {
    private static final Map<String, String> VERSION = Map.of("metric_version", "2.0");
    /** More than happen between two pulses, unless something is very wrong. */
    private static final int MOST_EVENTS = 100;

    private final Component component;
    private final boolean totals;
    private final List<OwnCounter> counters = new ArrayList<>();
    private final List<OwnGauge> gauges = new ArrayList<>();
    private final List<OwnEvent> events = new ArrayList<>(); // guarded by itself
    private int eventsTelling; // guarded by events
    private CompletableFuture<Void> underWay;

    private record OwnEvent(long timestampNanos, String title, String body) {}

    private record OwnGauge(String name, String unit, DoubleSupplier value) {}

    private static final class OwnCounter {
        final String name;
        final Map<String, String> tags;
        final boolean versioned;
        final LongSupplier total;
        long told;
        long telling;

        OwnCounter(String name, Map<String, String> tags, boolean versioned, LongSupplier total) {
            this.name = name;
            this.tags = tags;
            this.versioned = versioned;
            this.total = total;
        }
    }

    /** @param totals whether counters carry their totals, too: an agent makes totals itself, nobody else does */
    public OwnMetrics(Component component, boolean totals) {
        this.component = component;
        this.totals = totals;
    }

    /** Declares a counter. Several may have one name and different tags. */
    public OwnMetrics counter(String name, Map<String, String> tags, LongSupplier total) {
        counters.add(new OwnCounter(name, tags, true, total));
        return this;
    }

    /** Declares a counter that the Go release tells without its tag {@code metric_version}. */
    public OwnMetrics unversionedCounter(String name, LongSupplier total) {
        counters.add(new OwnCounter(name, Map.of(), false, total));
        return this;
    }

    /** Declares a gauge. */
    public OwnMetrics gauge(String name, String unit, DoubleSupplier value) {
        gauges.add(new OwnGauge(name, unit, value));
        return this;
    }

    /** Something that happened, told with the next pulse that arrives; from any thread. */
    public void event(String title, String body) {
        synchronized (events) {
            if (events.size() < MOST_EVENTS) {
                events.add(new OwnEvent(now(), title, body));
            }
        }
    }

    /**
     * Sends a pulse, unless the last one is still on its way.
     *
     * @param way takes batch bytes; completes when they have arrived
     */
    public void tell(Function<byte[], CompletionStage<Void>> way) {
        CompletableFuture<Void> last = underWay;
        if (last != null) {
            if (!last.isDone()) {
                return;
            }
            if (!last.isCompletedExceptionally()) {
                arrived();
            }
        }
        underWay = way.apply(pulse()).toCompletableFuture();
    }

    /** The pulse that was sent last; completes when it has arrived, or will not. */
    public CompletionStage<Void> underWay() {
        return underWay == null ? CompletableFuture.completedFuture(null) : underWay;
    }

    /** A pulse: all metrics, and what has happened, as batch bytes. */
    byte[] pulse() {
        EnvelopeWriter batch = new EnvelopeWriter();
        long now = now();
        for (OwnCounter counter : counters) {
            counter.telling = counter.total.getAsLong();
            begin(batch, now).tags(counter.tags);
            if (counter.versioned) {
                batch.tags(VERSION);
            }
            batch.counter(counter.name, counter.telling - counter.told, totals ? counter.telling : 0);
        }
        for (OwnGauge gauge : gauges) {
            begin(batch, now).tags(VERSION).gauge(gauge.name, gauge.unit, gauge.value.getAsDouble());
        }
        synchronized (events) {
            for (OwnEvent event : events) {
                begin(batch, event.timestampNanos).tags(VERSION).event(event.title, event.body);
            }
            eventsTelling = events.size();
        }
        return batch.batch();
    }

    /** The last pulse has arrived: counters go on from what it told. */
    void arrived() {
        counters.forEach(counter -> counter.told = counter.telling);
        synchronized (events) {
            events.subList(0, eventsTelling).clear();
            eventsTelling = 0;
        }
    }

    private EnvelopeWriter begin(EnvelopeWriter batch, long timestampNanos) {
        return batch.begin(timestampNanos, component.sourceId(), component.instanceId())
                .tag("origin", component.origin());
    }

    private static long now() {
        return System.currentTimeMillis() * 1_000_000;
    }
}
