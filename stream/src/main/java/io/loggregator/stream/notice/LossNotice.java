package io.loggregator.stream.notice;

import io.loggregator.stream.selection.Selection;
import io.loggregator.stream.selection.Selector;
import io.loggregator.wire.BatchCursor;
import io.loggregator.wire.v2.EnvelopeWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.cloudfoundry.dropsonde.events.EventFactory;
import org.cloudfoundry.dropsonde.events.LogFactory.LogMessage;
import org.cloudfoundry.dropsonde.events.MetricFactory.CounterEvent;

/**
 * Word of a loss: a log line for those who read logs, and a counter for those who read metrics, by the names that nozzles
 * have looked for since the first Loggregator.
 *
 * @param selection what the subscriber reads
 * @param app the source that the notice is put under; {@code system} for more than one
 * @param count how many envelopes now; 0 if nobody knows
 * @param total how many in this stream so far, these included
 * @param firstMillis when the first of them had arrived, milliseconds since the Unix epoch; 0 if nobody knows
 * @param lastMillis when the last of them had arrived; 0 if nobody knows
 * @param reason one word
 * @param client the subscriber's address
 */
public record LossNotice(
        Selection selection,
        String app,
        long count,
        long total,
        long firstMillis,
        long lastMillis,
        String reason,
        String client) {
    /** The reason of a loss that a Doppler took with it. */
    public static final String DOPPLER_LOST = "doppler_lost";

    /** The reason of what a subscription was to get while nobody read it. */
    static final String ABANDONED = "abandoned";

    static final String COUNTER_ORIGIN = "doppler";
    private static final String COUNTER = "TruncatingBuffer.DroppedMessages";

    /** The notice as marshalled v1 envelopes, one or two. */
    public List<byte[]> v1() {
        List<byte[]> envelopes = new ArrayList<>(2);
        long now = now();
        if (wantsLogs()) {
            envelopes.add(LgrLine.v1(app, text(), LogMessage.MessageType.ERR, now));
        }
        if (wantsCounters()) {
            envelopes.add(EventFactory.Envelope.newBuilder()
                    .setOrigin(COUNTER_ORIGIN)
                    .setEventType(EventFactory.Envelope.EventType.CounterEvent)
                    .setTimestamp(now)
                    .setCounterEvent(CounterEvent.newBuilder()
                            .setName(COUNTER)
                            .setDelta(count)
                            .setTotal(total))
                    .build()
                    .toByteArray());
        }
        return envelopes;
    }

    /** The notice as batch bytes: one or two v2 envelopes, their tags in the preferred form. */
    public byte[] v2() {
        EnvelopeWriter batch = new EnvelopeWriter();
        if (wantsLogs()) {
            begin(batch, LgrLine.ORIGIN).tag("source_type", LgrLine.SOURCE_TYPE).errorLog(text());
        }
        if (wantsCounters()) {
            begin(batch, COUNTER_ORIGIN).counter(COUNTER, count, total);
        }
        return batch.batch();
    }

    private EnvelopeWriter begin(EnvelopeWriter batch, String origin) {
        return begin(batch, app, origin, count, reason, firstMillis, lastMillis);
    }

    /** Begins an envelope with the tags by which readers of v2 know a loss. */
    static EnvelopeWriter begin(
            EnvelopeWriter batch,
            String app,
            String origin,
            long count,
            String reason,
            long firstMillis,
            long lastMillis) {
        batch.begin(now(), app, "")
                .tag("origin", origin)
                .tag("loss_count", Long.toString(count))
                .tag("loss_reason", reason);
        if (firstMillis > 0) {
            batch.tag("loss_first", Instant.ofEpochMilli(firstMillis).toString());
            batch.tag("loss_last", Instant.ofEpochMilli(lastMillis).toString());
        }
        return batch;
    }

    private boolean wantsLogs() {
        return wantsLogs(selection);
    }

    /** Also where neither is asked for, as every loss has its notice. */
    private boolean wantsCounters() {
        return wantsCounters(selection) || !wantsLogs();
    }

    static boolean wantsLogs(Selection selection) {
        return wants(selection, true, BatchCursor.LOG);
    }

    static boolean wantsCounters(Selection selection) {
        return wants(selection, false, BatchCursor.COUNTER);
    }

    private static boolean wants(Selection selection, boolean log, int kind) {
        if (selection.selectors().isEmpty()) {
            return selection.takes(log);
        }
        for (Selector selector : selection.selectors()) {
            if (selector.kind() == kind) {
                return true;
            }
        }
        return false;
    }

    private String text() {
        String dropped = count > 0
                ? dropped(count, total)
                : unnumbered() + " An unknown number of messages dropped (Total " + total + " messages dropped)";
        return dropped + " from " + LgrLine.ORIGIN + " to " + client + ".";
    }

    private String unnumbered() {
        if (reason.equals(ABANDONED)) {
            return "Nobody came back to read in time.";
        }
        if (!reason.equals(DOPPLER_LOST)) {
            return "The link to a Doppler was down for too long.";
        }
        return firstMillis == 0
                ? "A Doppler was lost."
                : "A Doppler was lost, last heard of at " + Instant.ofEpochMilli(firstMillis) + ".";
    }

    /** The words that readers of v1 look for. */
    static String dropped(long count, long total) {
        return "Log message output is too high. " + count + " messages dropped (Total " + total + " messages dropped)";
    }

    static long now() {
        return System.currentTimeMillis() * 1_000_000;
    }
}
