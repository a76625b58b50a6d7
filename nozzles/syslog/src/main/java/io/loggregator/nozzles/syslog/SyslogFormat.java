package io.loggregator.nozzles.syslog;

import io.loggregator.nozzle.Counter;
import io.loggregator.nozzle.Envelope;
import io.loggregator.nozzle.Event;
import io.loggregator.nozzle.Gauge;
import io.loggregator.nozzle.Log;
import io.loggregator.nozzle.Timer;
import io.loggregator.wire.ByteSink;
import io.loggregator.wire.v2.GoDouble;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntPredicate;

/**
 * Envelopes as RFC 5424 messages, in the form of Cloud Foundry's drains: a log's tags in {@code tags@47450}, a metric in
 * {@code gauge@47450} (a message for each metric of a gauge), {@code counter@47450}, {@code timer@47450} or {@code
 * event@47450} and an empty text. Where the drains would refuse an envelope because a field is too long or has characters
 * that syslog does not allow, the field is cut and these characters are left out.
 */
final class SyslogFormat {
    private static final int LONGEST_HOST = 255;
    private static final int LONGEST_LABEL = 63;
    private static final int LONGEST_APP = 48;
    private static final int LONGEST_PROCESS = 128;
    private static final int LONGEST_INSTANCE = 36;
    private static final int LONGEST_NAME = 32;
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
    void write(Envelope envelope, SyslogFrames out) {
        if (!metrics && !(envelope instanceof Log)) {
            return;
        }
        Map<String, String> tags = new TreeMap<>(envelope.tags());
        if (envelope instanceof Log log) {
            String process = process(tags.getOrDefault("source_type", ""), envelope.instanceId());
            String data = data("tags", tags);
            out.add(
                    head(log.type() == Log.Type.ERR ? 11 : 14, envelope, tags, process) + (data.isEmpty() ? "-" : data)
                            + " ",
                    log.payload());
            return;
        }
        String head = head(14, envelope, tags, metricProcess(envelope.instanceId()));
        String tail = data("tags", tags) + " ";
        if (envelope instanceof Counter counter) {
            out.add(
                    head + "[counter@47450" + parameter("name", counter.name())
                            + parameter("total", Long.toUnsignedString(counter.total()))
                            + parameter("delta", Long.toUnsignedString(counter.delta())) + "]" + tail,
                    NO_TEXT);
        } else if (envelope instanceof Gauge gauge) {
            gauge.metrics()
                    .forEach((name, metric) -> out.add(
                            head + "[gauge@47450" + parameter("name", name)
                                    + parameter("value", number(metric.value()))
                                    + parameter("unit", metric.unit()) + "]" + tail,
                            NO_TEXT));
        } else if (envelope instanceof Timer timer) {
            out.add(
                    head + "[timer@47450" + parameter("name", timer.name())
                            + parameter("start", Long.toString(timer.startNanos()))
                            + parameter("stop", Long.toString(timer.stopNanos())) + "]" + tail,
                    NO_TEXT);
        } else if (envelope instanceof Event event) {
            out.add(
                    head + "[event@47450" + parameter("title", event.title()) + parameter("body", event.body()) + "]"
                            + tail,
                    NO_TEXT);
        }
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

    private static boolean printable(int c) {
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

    private static String data(String id, Map<String, String> parameters) {
        if (parameters.isEmpty()) {
            return "";
        }
        StringBuilder data = new StringBuilder("[").append(id).append("@47450");
        parameters.forEach((name, value) -> data.append(parameter(name, value)));
        return data.append(']').toString();
    }

    private static String parameter(String name, String value) {
        String allowed = only(name, LONGEST_NAME, c -> printable(c) && c != '=' && c != ']' && c != '"');
        StringBuilder text = new StringBuilder(value.length() + allowed.length() + 4);
        text.append(' ').append(allowed.isEmpty() ? "_" : allowed).append("=\"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\' || c == ']') {
                text.append('\\');
            }
            if (c != 0) {
                text.append(c);
            }
        }
        return text.append('"').toString();
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

    private static String only(String text, int longest, IntPredicate allowed) {
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
