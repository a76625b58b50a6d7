package io.loggregator.nozzle.micrometer;

import io.loggregator.nozzle.Health;
import io.loggregator.nozzle.Nozzle;
import io.loggregator.nozzle.Statistics;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;

/**
 * A nozzle's {@link Statistics} and {@link Health} as meters called {@code nozzle.…}, each with the nozzle's name in the tag
 * {@code subscription}. They are read from the nozzle when somebody looks at them, so they cost nothing else.
 *
 * <p>A registry keeps the first of two meters with the same name and tags. So two nozzles of one name need further tags, and
 * where a nozzle follows another, the metrics of the first are to be closed before those of the second are bound.
 *
 * <p>All methods may be called by any thread.
 */
public final class NozzleMetrics implements MeterBinder, AutoCloseable {
    private final Nozzle nozzle;
    private final Tags tags;
    private final List<Bound> bound = new ArrayList<>(); // guarded by this

    private record Bound(MeterRegistry registry, Meter meter) {}

    /** Of this nozzle, which need not be started. */
    public NozzleMetrics(Nozzle nozzle) {
        this(nozzle, Tags.empty());
    }

    /**
     * Of this nozzle, which need not be started.
     *
     * @param tags further tags of each meter
     */
    public NozzleMetrics(Nozzle nozzle, Iterable<Tag> tags) {
        this.nozzle = nozzle;
        this.tags = Tags.of("subscription", nozzle.name()).and(tags);
    }

    @Override
    public synchronized void bindTo(MeterRegistry registry) {
        counter(registry, "received.envelopes", null, "Handed to the handler", Statistics::envelopes);
        counter(registry, "received.bytes", "bytes", "Handed to the handler", Statistics::bytes);
        counter(registry, "received.batches", null, "Handed to the handler", Statistics::batches);
        counter(registry, "handled.batches", null, "Handled and acknowledged", Statistics::handled);
        counter(registry, "failed.batches", null, "That the handler failed for", Statistics::failedBatches);
        counter(registry, "gaps", null, "Gaps that were told", Statistics::gaps);
        counter(registry, "lost.envelopes", null, "Missing in gaps, as far as it is known", Statistics::lost);
        counter(registry, "malformed.messages", null, "Left out, as they hold no envelope", Statistics::malformed);
        counter(registry, "reconnects", null, "Opened after a connection's first", Statistics::reconnects);
        counter(registry, "failures", null, "Attempts and streams that broke", Statistics::failures);
        add(
                registry,
                Gauge.builder(
                                "nozzle.connections.streaming",
                                nozzle,
                                of -> of.health().streaming())
                        .description("Connections that have a stream")
                        .tags(tags)
                        .register(registry));
        add(
                registry,
                Gauge.builder(
                                "nozzle.buffered.bytes",
                                nozzle,
                                of -> of.statistics().bufferedBytes())
                        .description("That have come and wait to be handed out")
                        .baseUnit("bytes")
                        .tags(tags)
                        .register(registry));
        add(
                registry,
                TimeGauge.builder(
                                "nozzle.lag",
                                nozzle,
                                TimeUnit.NANOSECONDS,
                                of -> of.health().lag().toNanos())
                        .description("Age of the newest envelope when the last batch was handed out")
                        .tags(tags)
                        .register(registry));
    }

    /** @param unit as registries write it behind the name; null: none */
    private void counter(
            MeterRegistry registry, String name, String unit, String description, ToLongFunction<Statistics> count) {
        add(
                registry,
                FunctionCounter.builder("nozzle." + name, nozzle, of -> count.applyAsLong(of.statistics()))
                        .description(description)
                        .baseUnit(unit)
                        .tags(tags)
                        .register(registry));
    }

    private void add(MeterRegistry registry, Meter meter) {
        bound.add(new Bound(registry, meter));
    }

    /** Removes the meters from the registries that they were bound to. The nozzle goes on. */
    @Override
    public synchronized void close() {
        bound.forEach(one -> one.registry().remove(one.meter()));
        bound.clear();
    }
}
