package io.loggregator.stream.notice;

import io.loggregator.stream.dispatch.Lag;
import io.loggregator.stream.selection.Selection;
import io.loggregator.wire.v2.EnvelopeWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.cloudfoundry.dropsonde.events.EventFactory;
import org.cloudfoundry.dropsonde.events.LogFactory.LogMessage;
import org.cloudfoundry.dropsonde.events.MetricFactory.CounterEvent;

/**
 * Word to a reader that it lags, before it loses anything by that: a log line for those who read logs, a counter for those who
 * read counters, and nothing of a kind that was not asked for. Nothing in it is like {@link LossNotice}'s, by which readers
 * count what they miss.
 *
 * @param selection what the subscriber reads
 * @param app the source that the notice is put under; {@code system} for more than one
 * @param total how many such notices there were in this stream, this one included
 * @param client the subscriber's address
 */
public record LagNotice(Selection selection, String app, Lag lag, long total, String client) {
    /** How long at least after one notice a reader is not told again, however many say that it lags. */
    public static final long PAUSE_SECONDS = 30;

    private static final String COUNTER = "LaggingReader.Notices";
    private static final double KIB = 1_024;

    /** Whether the subscriber asked for something that it can be told by. */
    public boolean hasForm() {
        return LossNotice.wantsLogs(selection) || LossNotice.wantsCounters(selection);
    }

    /** The notice as marshalled v1 envelopes, two at most. */
    public List<byte[]> v1() {
        List<byte[]> envelopes = new ArrayList<>(2);
        long now = LossNotice.now();
        if (LossNotice.wantsLogs(selection)) {
            envelopes.add(LgrLine.v1(app, text(), LogMessage.MessageType.OUT, now, tags()));
        }
        if (LossNotice.wantsCounters(selection)) {
            envelopes.add(EventFactory.Envelope.newBuilder()
                    .setOrigin(LossNotice.COUNTER_ORIGIN)
                    .setEventType(EventFactory.Envelope.EventType.CounterEvent)
                    .setTimestamp(now)
                    .putAllTags(tags())
                    .setCounterEvent(CounterEvent.newBuilder()
                            .setName(COUNTER)
                            .setDelta(1)
                            .setTotal(total))
                    .build()
                    .toByteArray());
        }
        return envelopes;
    }

    /** The notice as batch bytes: two v2 envelopes at most, their tags in the preferred form. */
    public byte[] v2() {
        EnvelopeWriter batch = new EnvelopeWriter();
        if (LossNotice.wantsLogs(selection)) {
            begin(batch, LgrLine.ORIGIN).tag("source_type", LgrLine.SOURCE_TYPE).log(text());
        }
        if (LossNotice.wantsCounters(selection)) {
            begin(batch, LossNotice.COUNTER_ORIGIN).counter(COUNTER, 1, total);
        }
        return batch.batch();
    }

    private EnvelopeWriter begin(EnvelopeWriter batch, String origin) {
        return batch.begin(LossNotice.now(), app, "").tag("origin", origin).tags(tags());
    }

    private Map<String, String> tags() {
        return Map.of(
                "lag_millis", Long.toString(lag.millis()),
                "lag_bytes", Long.toString(lag.bytes()),
                "lag_limit_bytes", Long.toString(lag.limitBytes()));
    }

    private String text() {
        return String.format(
                Locale.ROOT,
                "This reader lags: %s is %.1f s (%s of the log) behind. From %s on, the noisiest sources are thinned for it"
                        + " first.",
                client,
                lag.millis() / 1e3,
                size(lag.bytes()),
                size(lag.limitBytes()));
    }

    private static String size(long bytes) {
        return bytes < KIB * KIB
                ? String.format(Locale.ROOT, "%.1f KiB", bytes / KIB)
                : String.format(Locale.ROOT, "%.1f MiB", bytes / KIB / KIB);
    }
}
