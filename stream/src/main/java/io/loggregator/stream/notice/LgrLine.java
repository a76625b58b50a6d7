package io.loggregator.stream.notice;

import com.google.protobuf.ByteString;
import java.util.Map;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope;
import org.cloudfoundry.dropsonde.events.LogFactory.LogMessage;

/** A log line that Loggregator itself puts into a v1 subscriber's stream. */
public final class LgrLine {
    /** The origin of such lines. */
    static final String ORIGIN = "DopplerServer";
    /** Their source type. */
    static final String SOURCE_TYPE = "LGR";

    private LgrLine() {}

    /**
     * The line as a marshalled v1 envelope.
     *
     * @param app whose stream it is put into; {@code system} for more than one
     * @param now nanoseconds since the Unix epoch
     */
    public static byte[] v1(String app, String text, LogMessage.MessageType type, long now) {
        return v1(app, text, type, now, Map.of());
    }

    static byte[] v1(String app, String text, LogMessage.MessageType type, long now, Map<String, String> tags) {
        return Envelope.newBuilder()
                .putAllTags(tags)
                .setOrigin(ORIGIN)
                .setEventType(Envelope.EventType.LogMessage)
                .setTimestamp(now)
                .setLogMessage(LogMessage.newBuilder()
                        .setMessage(ByteString.copyFromUtf8(text))
                        .setMessageType(type)
                        .setTimestamp(now)
                        .setAppId(app)
                        .setSourceType(SOURCE_TYPE))
                .build()
                .toByteArray();
    }
}
