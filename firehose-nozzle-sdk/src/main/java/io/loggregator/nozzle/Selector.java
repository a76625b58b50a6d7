package io.loggregator.nozzle;

import io.loggregator.wire.BatchCursor;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.CounterSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EventSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.GaugeSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.LogSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.TimerSelector;

/**
 * What a nozzle wants: envelopes of one kind, of one source or of all. The server leaves out the rest.
 *
 * @param kind the kind of envelope
 * @param sourceId the source; empty: all
 * @param names a counter's name, one at most, or all names of a gauge's metrics; none: whatever the name
 */
public record Selector(Kind kind, Optional<String> sourceId, List<String> names) {
    /** The kinds of envelopes. */
    public enum Kind {
        LOG,
        COUNTER,
        GAUGE,
        TIMER,
        EVENT
    }

    /** @throws IllegalArgumentException if there are names that the kind does not have */
    public Selector {
        names = List.copyOf(names);
        if (!names.isEmpty() && kind != Kind.GAUGE && (kind != Kind.COUNTER || names.size() > 1)) {
            throw new IllegalArgumentException("a selector of " + kind + " with the names " + names);
        }
    }

    /** All log lines. */
    public static Selector logs() {
        return new Selector(Kind.LOG, Optional.empty(), List.of());
    }

    /** All counters. */
    public static Selector counters() {
        return new Selector(Kind.COUNTER, Optional.empty(), List.of());
    }

    /** The counters of this name. */
    public static Selector counter(String name) {
        return new Selector(Kind.COUNTER, Optional.empty(), List.of(name));
    }

    /** All gauges, or those that have just these metrics. */
    public static Selector gauges(String... names) {
        return new Selector(Kind.GAUGE, Optional.empty(), List.of(names));
    }

    /** All timers. */
    public static Selector timers() {
        return new Selector(Kind.TIMER, Optional.empty(), List.of());
    }

    /** All events. */
    public static Selector events() {
        return new Selector(Kind.EVENT, Optional.empty(), List.of());
    }

    /** The same, of this source only. */
    public Selector of(String source) {
        return new Selector(kind, Optional.of(source), names);
    }

    LoggregatorEgress.Selector message() {
        LoggregatorEgress.Selector.Builder message = LoggregatorEgress.Selector.newBuilder();
        sourceId.ifPresent(message::setSourceId);
        switch (kind) {
            case LOG -> message.setLog(LogSelector.getDefaultInstance());
            case COUNTER -> {
                CounterSelector.Builder counter = CounterSelector.newBuilder();
                names.forEach(counter::setName);
                message.setCounter(counter);
            }
            case GAUGE -> message.setGauge(GaugeSelector.newBuilder().addAllNames(names));
            case TIMER -> message.setTimer(TimerSelector.getDefaultInstance());
            case EVENT -> message.setEvent(EventSelector.getDefaultInstance());
        }
        return message.build();
    }

    /** Whether the envelope is wanted, as the server decides it; for servers that do not. */
    boolean takes(Envelope envelope) {
        if (sourceId.isPresent() && !sourceId.get().equals(envelope.sourceId())) {
            return false;
        }
        return switch (kind) {
            case LOG -> envelope instanceof Log;
            case COUNTER ->
                envelope instanceof Counter counter
                        && (names.isEmpty()
                                || names.get(0).isEmpty()
                                || names.get(0).equals(counter.name()));
            case GAUGE ->
                envelope instanceof Gauge gauge
                        && (names.isEmpty() || gauge.metrics().keySet().equals(Set.copyOf(names)));
            case TIMER -> envelope instanceof Timer;
            case EVENT -> envelope instanceof Event;
        };
    }

    /** Whether one of them wants the envelope that the cursor stands at; none: all are wanted. */
    static boolean anyTakes(List<Selector> selectors, BatchCursor at) {
        if (selectors.isEmpty()) {
            return true;
        }
        Envelope view = Envelope.at(at);
        return selectors.stream().anyMatch(selector -> selector.takes(view));
    }
}
