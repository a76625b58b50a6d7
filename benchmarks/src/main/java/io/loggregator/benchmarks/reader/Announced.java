package io.loggregator.benchmarks.reader;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.loggregator.streaming.v2.Gap;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.cloudfoundry.dropsonde.events.EventFactory;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope;

/**
 * What an envelope that is nothing of the load announces (docs/protocols.md): by a log line of source type {@code LGR}, which
 * everybody who reads logs gets. The counter beside it tells the same once more. Clients that acknowledge get a gap instead.
 * Lines of that source type which tell of no loss announce nothing.
 *
 * @param lost how many logs as lost; 0 if it is no notice, or knows no number
 * @param lostDoppler whether it tells that a Doppler is lost, nobody knows with how many
 * @param unknown whether it tells of any other loss of which nobody knows how many
 */
record Announced(long lost, boolean lostDoppler, boolean unknown) {
    static final Announced NOTHING = new Announced(0, false, false);

    private static final String SOURCE_TYPE = "LGR";
    private static final String LOST_DOPPLER = "A Doppler was lost";
    private static final String LOST_DOPPLER_REASON = "doppler_lost";
    private static final String UNKNOWN = "An unknown number of messages dropped";
    private static final Pattern COUNT = Pattern.compile("(\\d+) messages dropped \\(Total");

    /** By a v1 envelope. */
    static Announced v1(byte[] bytes, int from, int to) {
        try {
            var log = EventFactory.Envelope.parseFrom(ByteString.copyFrom(bytes, from, to - from))
                    .getLogMessage();
            return log.getSourceType().equals(SOURCE_TYPE)
                    ? inText(log.getMessage().toStringUtf8())
                    : NOTHING;
        } catch (InvalidProtocolBufferException noEnvelope) {
            return NOTHING;
        }
    }

    /** By a v2 envelope, in either form of tags. */
    static Announced v2(byte[] bytes, int from, int to) {
        try {
            var envelope = LoggregatorEnvelope.Envelope.parseFrom(ByteString.copyFrom(bytes, from, to - from));
            String sourceType = envelope.getTagsOrDefault(
                    "source_type",
                    envelope.getDeprecatedTagsOrDefault("source_type", LoggregatorEnvelope.Value.getDefaultInstance())
                            .getText());
            return sourceType.equals(SOURCE_TYPE)
                    ? inText(envelope.getLog().getPayload().toStringUtf8())
                    : NOTHING;
        } catch (IOException noEnvelope) {
            return NOTHING;
        }
    }

    /** By the payload of a log of source type {@code LGR}. */
    static Announced inPayload(byte[] payload) {
        return inText(new String(payload, StandardCharsets.UTF_8));
    }

    /** By a gap of {@code loggregator.stream.v2}. */
    static Announced by(Gap gap) {
        boolean lostDoppler = gap.getReason().equals(LOST_DOPPLER_REASON);
        return new Announced(gap.getCount(), lostDoppler, gap.getCount() == 0 && !lostDoppler);
    }

    private static Announced inText(String text) {
        Matcher count = COUNT.matcher(text);
        boolean lostDoppler = text.startsWith(LOST_DOPPLER);
        return new Announced(
                count.find() ? Long.parseLong(count.group(1)) : 0, lostDoppler, !lostDoppler && text.contains(UNKNOWN));
    }
}
