package io.loggregator.nozzles.syslog;

import io.loggregator.nozzle.Counter;
import io.loggregator.nozzle.Envelope;
import io.loggregator.nozzle.Event;
import io.loggregator.nozzle.Gauge;
import io.loggregator.nozzle.Log;
import io.loggregator.nozzle.Timer;
import io.loggregator.wire.ByteSink;
import io.loggregator.wire.v2.GoDouble;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntPredicate;

/**
 * Envelopes as RFC 5424 messages, in the form of Cloud Foundry's drains: a log's tags in {@code tags@47450}, a metric in
 * {@code gauge@47450} (a message for each metric of a gauge), {@code counter@47450}, {@code timer@47450} or {@code
 * event@47450} and an empty text. Where the drains would refuse an envelope because a field is too long or has characters
 * that syslog does not allow, the field is cut and these characters are left out. Parameters for which a message's structured
 * data has no room are left out, too: it has 65,536 characters at most, in a gauge's messages 4,194,304 in all.
 */
final class SyslogFormat {
    private static final int LONGEST_HOST = 255;
    private static final int LONGEST_LABEL = 63;
    private static final int LONGEST_APP = 48;
    private static final int LONGEST_PROCESS = 128;
    private static final int LONGEST_INSTANCE = 36;
    private static final int LONGEST_DATA = 64 << 10;
    private static final int LONGEST_GAUGE = 4 << 20;
    private static final int LONGEST_NUMBER = 64;
    private static final ByteBuffer NO_TEXT = ByteBuffer.allocate(0).asReadOnlyBuffer();
    private static final DateTimeFormatter SECONDS = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss", Locale.ROOT);

    private final String hostname;
    private final boolean metrics;

    /** @param hostname of envelopes that do not tell their app's name */
    SyslogFormat(String hostname, boolean metrics) {
        this.hostname = field(hostname, LONGEST_HOST);
        this.metrics = metrics;
    }

    /** Adds the envelope's messages, if it is of a kind that is wanted. */
    void write(Envelope envelope, SyslogFrames out) throws IOException, InterruptedException {
        if (!metrics && !(envelope instanceof Log)) {
            return;
        }
        Map<String, String> tags = new TreeMap<>(envelope.tags());
        if (envelope instanceof Log log) {
            String process = process(tags.getOrDefault("source_type", ""), envelope.instanceId());
            StructuredData data = new StructuredData(LONGEST_DATA).element("tags", tags);
            add(out, head(log.type() == Log.Type.ERR ? 11 : 14, envelope, tags, process), data, log.payload());
            return;
        }
        String head = head(14, envelope, tags, metricProcess(envelope.instanceId()));
        if (envelope instanceof Counter counter) {
            Map<String, String> parameters = parameters("name", counter.name());
            parameters.put("total", Long.toUnsignedString(counter.total()));
            parameters.put("delta", Long.toUnsignedString(counter.delta()));
            add(out, head, data("counter", parameters, LONGEST_DATA, tags), NO_TEXT);
        } else if (envelope instanceof Gauge gauge) {
            Map<String, Gauge.Metric> measured = gauge.metrics();
            // The tags are in the message of each metric: all of them together have to stay within what one envelope
            // may be.
            int limit = Math.min(LONGEST_DATA, LONGEST_GAUGE / Math.max(1, measured.size()));
            for (Map.Entry<String, Gauge.Metric> metric : measured.entrySet()) {
                Map<String, String> parameters = parameters("name", metric.getKey());
                parameters.put("value", number(metric.getValue().value()));
                parameters.put("unit", metric.getValue().unit());
                add(out, head, data("gauge", parameters, limit, tags), NO_TEXT);
            }
        } else if (envelope instanceof Timer timer) {
            Map<String, String> parameters = parameters("name", timer.name());
            parameters.put("start", Long.toString(timer.startNanos()));
            parameters.put("stop", Long.toString(timer.stopNanos()));
            add(out, head, data("timer", parameters, LONGEST_DATA, tags), NO_TEXT);
        } else if (envelope instanceof Event event) {
            Map<String, String> parameters = parameters("title", event.title());
            parameters.put("body", event.body());
            add(out, head, data("event", parameters, LONGEST_DATA, tags), NO_TEXT);
        } else {
            out.leaveOut(SyslogFrames.Reason.UNKNOWN_KIND);
        }
    }

    /** @param limit characters that the tags may take it to */
    private static StructuredData data(
            String kind, Map<String, String> parameters, int limit, Map<String, String> tags) {
        return new StructuredData(LONGEST_DATA)
                .element(kind, parameters)
                .within(limit)
                .element("tags", tags);
    }

    private static Map<String, String> parameters(String name, String value) {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put(name, value);
        return parameters;
    }

    private static void add(SyslogFrames out, String head, StructuredData data, ByteBuffer text)
            throws IOException, InterruptedException {
        if (data.isCut()) {
            out.leaveOut(SyslogFrames.Reason.LARGE_DATA);
        }
        out.add(head + data + " ", text);
    }

    private String head(int priority, Envelope envelope, Map<String, String> tags, String process) {
        return "<" + priority + ">1 " + time(envelope.timestamp()) + " " + host(tags) + " "
                + field(envelope.sourceId(), LONGEST_APP) + " " + process + " - ";
    }

    /** As Go writes it: microseconds without the zeros at their end. */
    private static String time(Instant instant) {
        OffsetDateTime time = instant.truncatedTo(ChronoUnit.MICROS).atOffset(ZoneOffset.UTC);
        String seconds = SECONDS.format(time);
        if (time.getNano() == 0) {
            return seconds + "+00:00";
        }
        String micros = String.format(Locale.ROOT, "%06d", time.getNano() / 1000);
        int end = micros.length();
        while (micros.charAt(end - 1) == '0') {
            end--;
        }
        return seconds + "." + micros.substring(0, end) + "+00:00";
    }

    private String host(Map<String, String> tags) {
        String organization = tags.get("organization_name");
        String space = tags.get("space_name");
        String app = tags.get("app_name");
        return organization == null && space == null && app == null
                ? hostname
                : label(organization) + "." + label(space) + "." + label(app);
    }

    /** Spaces become dashes; what host names do not have, and dashes at the end, are left out. */
    private static String label(String name) {
        if (name == null) {
            return "";
        }
        String label = only(name.replaceAll("\\s+", "-"), LONGEST_LABEL * 4, SyslogFormat::ofHosts);
        int end = label.length();
        while (end > 0 && label.charAt(end - 1) == '-') {
            end--;
        }
        return label.substring(0, Math.min(end, LONGEST_LABEL));
    }

    private static boolean ofHosts(int c) {
        return c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    static boolean printable(int c) {
        return c > ' ' && c < 0x7f;
    }

    private static String process(String sourceType, String instance) {
        String type =
                only(sourceType.toUpperCase(Locale.ROOT).replace(' ', '-'), LONGEST_PROCESS, SyslogFormat::printable);
        String index = only(instance, LONGEST_PROCESS, SyslogFormat::printable);
        if (index.isEmpty()) {
            return "[" + cut(type, LONGEST_PROCESS - 2) + "]";
        }
        int room = LONGEST_PROCESS - 3;
        if (type.length() + index.length() > room) {
            index = cut(index, LONGEST_INSTANCE);
        }
        return "[" + cut(type, room - index.length()) + "/" + index + "]";
    }

    private static String metricProcess(String instance) {
        return "[" + only(instance, LONGEST_PROCESS - 2, SyslogFormat::printable) + "]";
    }

    private static String number(double value) {
        ByteSink sink = new ByteSink(LONGEST_NUMBER, LONGEST_NUMBER);
        GoDouble.text(value, sink);
        return new String(sink.bytes(), 0, sink.end(), StandardCharsets.US_ASCII);
    }

    /** A field of the header, in which nothing is said by a dash. */
    private static String field(String text, int longest) {
        String field = only(text, longest, SyslogFormat::printable);
        return field.isEmpty() ? "-" : field;
    }

    static String only(String text, int longest, IntPredicate allowed) {
        if (text.length() <= longest && text.chars().allMatch(allowed)) {
            return text;
        }
        StringBuilder kept = new StringBuilder();
        text.chars().filter(allowed).limit(longest).forEach(c -> kept.append((char) c));
        return kept.toString();
    }

    private static String cut(String text, int longest) {
        return text.length() <= longest ? text : text.substring(0, longest);
    }
}
