package io.loggregator.stream.selection;

import io.loggregator.wire.BatchCursor;
import java.util.List;
import java.util.Optional;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.CounterSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EventSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.GaugeSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.LogSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.TimerSelector;

/** Selectors as they travel, to {@link Selector} and back. */
public final class SelectorMessages {
    private SelectorMessages() {}

    /** Empty if the message does not say which kind of envelope it wants. */
    public static Optional<Selector> read(LoggregatorEgress.Selector message) {
        return Optional.ofNullable(
                switch (message.getMessageCase()) {
                    case LOG -> selector(message, BatchCursor.LOG, List.of());
                    case COUNTER -> {
                        String name = message.getCounter().getName();
                        yield selector(message, BatchCursor.COUNTER, name.isEmpty() ? List.of() : List.of(name));
                    }
                    case GAUGE ->
                        selector(message, BatchCursor.GAUGE, message.getGauge().getNamesList());
                    case TIMER -> selector(message, BatchCursor.TIMER, List.of());
                    case EVENT -> selector(message, BatchCursor.EVENT, List.of());
                    case MESSAGE_NOT_SET -> null;
                });
    }

    private static Selector selector(LoggregatorEgress.Selector message, int kind, List<String> names) {
        return new Selector(message.getSourceId(), kind, names);
    }

    /** The message that {@link #read} makes the selector of. */
    public static LoggregatorEgress.Selector write(Selector selector) {
        LoggregatorEgress.Selector.Builder message =
                LoggregatorEgress.Selector.newBuilder().setSourceId(selector.sourceId());
        List<String> names = selector.names();
        switch (selector.kind()) {
            case BatchCursor.LOG -> message.setLog(LogSelector.getDefaultInstance());
            case BatchCursor.COUNTER ->
                message.setCounter(CounterSelector.newBuilder().setName(names.isEmpty() ? "" : names.get(0)));
            case BatchCursor.GAUGE ->
                message.setGauge(GaugeSelector.newBuilder().addAllNames(names));
            case BatchCursor.TIMER -> message.setTimer(TimerSelector.getDefaultInstance());
            case BatchCursor.EVENT -> message.setEvent(EventSelector.getDefaultInstance());
            default -> throw new IllegalArgumentException("no kind of envelope: " + selector.kind());
        }
        return message.build();
    }
}
