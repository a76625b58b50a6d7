package io.loggregator.cli.output;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope;
import org.cloudfoundry.dropsonde.events.LogFactory.LogMessage;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope;

/**
 * Lines as the cf CLI prints them: {@code    2026-11-22T13:05:41.07+0100 [APP/PROC/WEB/0] OUT text}. Further lines of
 * the same log stand below the text. A metric is one line, with its kind in place of {@code [APP/PROC/WEB/0] OUT}. With
 * sources, the app or the component stands before that, for streams of more than one.
 */
public final class LineFormat implements EnvelopeFormat {
    private static final String RESET = "\u001b[0m";
    private static final String RED = "\u001b[31m";
    private static final String GREEN = "\u001b[32m";
    private static final String FAINT = "\u001b[2m";
    /** Readable on dark and light ground; none of them means trouble. */
    private static final String[] SOURCE_COLOURS = {
        "\u001b[36m", "\u001b[33m", "\u001b[35m", "\u001b[34m", "\u001b[96m", "\u001b[93m", "\u001b[95m", "\u001b[94m"
    };

    private final DateTimeFormatter time;
    private final Style style;
    private final boolean sources;

    /** {@code sources}: whether to name the app or component on each line. */
    public LineFormat(ZoneId zone, Style style, boolean sources) {
        this.time = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSZ", Locale.ROOT)
                .withZone(zone);
        this.style = style;
        this.sources = sources;
    }

    @Override
    public void write(Envelope envelope, OutputStream out) throws IOException {
        if (envelope.hasLogMessage()) {
            log(envelope.getLogMessage(), out);
        } else {
            metric(envelope, out);
        }
    }

    @Override
    public void write(LoggregatorEnvelope.Envelope envelope, OutputStream out) throws IOException {
        int indent = head(envelope.getTimestamp(), envelope.getSourceId(), "", V2Text.kind(envelope) + " ", GREEN, out);
        LogText.write(ByteString.copyFromUtf8(V2Text.describe(envelope)), indent, style, out);
    }

    private void log(LogMessage log, OutputStream out) throws IOException {
        String type = log.getSourceType().isEmpty() ? "-" : log.getSourceType();
        String bracket = "[" + type + (log.getSourceInstance().isEmpty() ? "" : "/" + log.getSourceInstance()) + "] ";
        boolean error = log.getMessageType() == LogMessage.MessageType.ERR;
        int indent = head(log.getTimestamp(), log.getAppId(), bracket, error ? "ERR " : "OUT ", error ? RED : "", out);
        LogText.write(log.getMessage(), indent, style, out);
    }

    private void metric(Envelope envelope, OutputStream out) throws IOException {
        int indent = head(
                envelope.getTimestamp(), MetricText.source(envelope), "", MetricText.kind(envelope) + " ", GREEN, out);
        LogText.write(ByteString.copyFromUtf8(MetricText.describe(envelope)), indent, style, out);
    }

    /** Writes all that stands before the text, and returns its width. */
    private int head(long nanos, String source, String bracket, String kind, String kindColour, OutputStream out)
            throws IOException {
        String at = "   " + time.format(Instant.ofEpochSecond(0, nanos)) + " ";
        String who = sources ? (source.isEmpty() ? "-" : LogText.visible(source)) + " " : "";
        String where = LogText.visible(bracket);
        StringBuilder head = new StringBuilder(160);
        if (style == Style.COLOUR) {
            String sourceColour = SOURCE_COLOURS[Math.floorMod(source.hashCode(), SOURCE_COLOURS.length)];
            head.append(FAINT).append(at).append(RESET);
            head.append(sourceColour).append(who).append(where).append(RESET);
            head.append(kindColour).append(kind).append(kindColour.isEmpty() ? "" : RESET);
        } else {
            head.append(at).append(who).append(where).append(kind);
        }
        out.write(head.toString().getBytes(StandardCharsets.UTF_8));
        return at.length() + who.length() + where.length() + kind.length();
    }
}
