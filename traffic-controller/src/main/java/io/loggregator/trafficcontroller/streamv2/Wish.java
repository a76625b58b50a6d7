package io.loggregator.trafficcontroller.streamv2;

import io.loggregator.stream.selection.Selection;
import io.loggregator.stream.selection.Selector;
import io.loggregator.stream.selection.SelectorMessages;
import io.loggregator.streaming.v2.Start;
import io.loggregator.trafficcontroller.subscription.DopplerLimits;
import io.loggregator.trafficcontroller.subscription.Form;
import io.loggregator.trafficcontroller.subscription.Refinement;
import io.loggregator.trafficcontroller.subscription.Subscription;
import io.loggregator.wire.BatchCursor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress;

/**
 * What a client's path and query ask for, which its {@link Start} can only narrow down.
 *
 * @param subscription subscription id; empty: shared with nobody
 * @param app the only source; empty: any
 * @param filter one of {@link Selection#ALL}, {@link Selection#LOGS}, {@link Selection#METRICS}
 */
record Wish(String subscription, String app, Selection filter, Refinement refinement) {
    private static final String PROTOCOL = "v2";

    /** @throws Violation the start asks for what it cannot have */
    Subscription narrowed(Start start) throws Violation {
        if (!subscription.isEmpty() || start.getDeterministicName().isEmpty()) {
            limited(start.getDeterministicName());
            return new Subscription(
                    PROTOCOL,
                    subscription,
                    Selection.of(selectors(start.getSelectorsList()), !subscription.isEmpty()),
                    refinement,
                    start.getDeterministicName(),
                    start.getResume());
        }
        throw Violation.ofPolicy("deterministic_name is for the firehose");
    }

    private List<Selector> selectors(List<LoggregatorEgress.Selector> messages) throws Violation {
        if (messages.isEmpty()) {
            return kinds();
        }
        if (!filter.equals(Selection.ALL)) {
            throw Violation.ofPolicy("filter-type and selectors exclude each other");
        }
        List<Selector> selectors = new ArrayList<>(messages.size());
        for (LoggregatorEgress.Selector message : messages) {
            selectors.add(selector(message));
        }
        if (DopplerLimits.count(selectors) > DopplerLimits.MOST_SELECTORS) {
            throw Violation.ofPolicy("more than " + DopplerLimits.MOST_SELECTORS + " selectors");
        }
        // A path's source is in each of them.
        if (DopplerLimits.bytes(selectors) > DopplerLimits.MOST_SELECTOR_BYTES) {
            throw Violation.ofPolicy("selectors of more than " + DopplerLimits.MOST_SELECTOR_BYTES + " bytes");
        }
        for (Selector selector : selectors) {
            limited(selector.sourceId());
            for (String name : selector.names()) {
                limited(name);
            }
        }
        return selectors;
    }

    private static void limited(String name) throws Violation {
        if (DopplerLimits.tooLong(name)) {
            throw Violation.ofPolicy("a name of more than " + DopplerLimits.LONGEST_NAME + " bytes");
        }
    }

    private Selector selector(LoggregatorEgress.Selector message) throws Violation {
        Selector selector = SelectorMessages.read(message)
                .orElseThrow(() -> Violation.ofPolicy("a selector without log, counter, gauge, timer or event"));
        if (app.isEmpty() || selector.sourceId().equals(app)) {
            return selector;
        }
        if (!selector.sourceId().isEmpty()) {
            throw Violation.ofPolicy("a selector of another source than the path's");
        }
        return new Selector(app, selector.kind(), selector.names());
    }

    private List<Selector> kinds() {
        return IntStream.rangeClosed(BatchCursor.LOG, BatchCursor.EVENT)
                .filter(kind -> filter.takes(kind == BatchCursor.LOG))
                .mapToObj(kind -> new Selector(app, kind, List.of()))
                .toList();
    }

    /** @throws Violation the start asks for a form that there is not */
    static Form form(Start start) throws Violation {
        return switch (start.getTags()) {
            case AS_ACCEPTED -> Form.V2;
            case PREFERRED -> Form.V2_PREFERRED;
            case DEPRECATED -> Form.V2_DEPRECATED;
            case UNRECOGNIZED -> throw Violation.ofPolicy("tags: no such value: " + start.getTagsValue());
        };
    }
}
