package io.loggregator.cli.output;

import java.util.Locale;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Event;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Timer;

/** What a v2 envelope says that v1 has no form for, in words short enough for one line. */
final class V2Text {
    private V2Text() {}

    /** The kind in capitals, as wide as it needs to be. */
    static String kind(Envelope envelope) {
        return switch (envelope.getMessageCase()) {
            case LOG -> "LOG";
            case COUNTER -> "COUNTER";
            case GAUGE -> "GAUGE";
            case TIMER -> "TIMER";
            case EVENT -> "EVENT";
            case MESSAGE_NOT_SET -> "EMPTY";
        };
    }

    static String describe(Envelope envelope) {
        return LogText.visible(
                switch (envelope.getMessageCase()) {
                    case TIMER -> timer(envelope.getTimer());
                    case EVENT -> event(envelope.getEvent());
                    default -> "(empty)";
                });
    }

    private static String timer(Timer timer) {
        return String.format(Locale.ROOT, "%s %.2f ms", timer.getName(), (timer.getStop() - timer.getStart()) / 1e6);
    }

    private static String event(Event event) {
        return event.getTitle() + ": " + event.getBody();
    }
}
