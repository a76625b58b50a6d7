package io.loggregator.benchmarks.reader;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.cloudfoundry.dropsonde.events.EventFactory;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope;

/**
 * How many logs a notice of loss tells as lost (docs/protocols.md): by a log line of source type {@code LGR}, which everybody
 * who reads logs gets. The counter beside it tells the same once more.
 */
final class Announced {
    private static final String SOURCE_TYPE = "LGR";
    private static final Pattern COUNT = Pattern.compile("(\\d+) messages dropped \\(Total");

    private Announced() {}

    /** By a v1 envelope; 0 if it is no notice, or knows no number. */
    static long v1(byte[] bytes, int from, int to) {
        try {
            var log = EventFactory.Envelope.parseFrom(ByteString.copyFrom(bytes, from, to - from))
                    .getLogMessage();
            return log.getSourceType().equals(SOURCE_TYPE)
                    ? inText(log.getMessage().toStringUtf8())
                    : 0;
        } catch (InvalidProtocolBufferException noEnvelope) {
            return 0;
        }
    }

    /** By a v2 envelope, in either form of tags. */
    static long v2(byte[] bytes, int from, int to) {
        try {
            var envelope = LoggregatorEnvelope.Envelope.parseFrom(ByteString.copyFrom(bytes, from, to - from));
            String sourceType = envelope.getTagsOrDefault(
                    "source_type",
                    envelope.getDeprecatedTagsOrDefault("source_type", LoggregatorEnvelope.Value.getDefaultInstance())
                            .getText());
            return sourceType.equals(SOURCE_TYPE)
                    ? inText(envelope.getLog().getPayload().toStringUtf8())
                    : 0;
        } catch (IOException noEnvelope) {
            return 0;
        }
    }

    /** By the text of a notice's log line. */
    static long inText(String text) {
        Matcher count = COUNT.matcher(text);
        return count.find() ? Long.parseLong(count.group(1)) : 0;
    }

    /** By the payload of a log of source type {@code LGR}. */
    static long inPayload(byte[] payload) {
        return inText(new String(payload, StandardCharsets.UTF_8));
    }
}
