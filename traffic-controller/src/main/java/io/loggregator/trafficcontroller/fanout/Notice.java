package io.loggregator.trafficcontroller.fanout;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.loggregator.stream.dispatch.StreamFilter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope;
import org.cloudfoundry.dropsonde.events.LogFactory.LogMessage;
import org.cloudfoundry.dropsonde.events.MetricFactory.CounterEvent;

/**
 * Word of a loss in a v1 client's own stream, in the form that existing nozzles know: an {@code LGR} log line, and the
 * counter {@code TruncatingBuffer.DroppedMessages} of origin {@code doppler}.
 */
final class Notice {
    private static final String LINE_ORIGIN = "DopplerServer";
    private static final String COUNTER_ORIGIN = "doppler";
    private static final String COUNTER = "TruncatingBuffer.DroppedMessages";

    private Notice() {}

    /**
     * @param app whose stream it is; {@code system} for a firehose
     * @param lost how many envelopes now; 0 if nobody knows
     * @param total how many in this stream so far, these included
     * @param client the client's address
     */
    static ByteBuf frames(StreamFilter filter, String app, long lost, long total, String client) {
        WebSocketFrames frames = new WebSocketFrames();
        long now = System.currentTimeMillis() * 1_000_000;
        if (filter.takes(true)) {
            append(frames, line(app, text(lost, total, client), now));
        }
        if (filter.takes(false)) {
            append(frames, counter(lost, total, now));
        }
        return Unpooled.wrappedBuffer(frames.bytes(), 0, frames.end());
    }

    private static String text(long lost, long total, String client) {
        if (lost == 0) {
            return "The link to a Doppler was down for too long. An unknown number of messages dropped" + " (Total "
                    + total + " messages dropped) from " + LINE_ORIGIN + " to " + client + ".";
        }
        return "Log message output is too high. " + lost + " messages dropped (Total " + total
                + " messages dropped) from " + LINE_ORIGIN + " to " + client + ".";
    }

    private static Envelope line(String app, String text, long now) {
        return Envelope.newBuilder()
                .setOrigin(LINE_ORIGIN)
                .setEventType(Envelope.EventType.LogMessage)
                .setTimestamp(now)
                .setLogMessage(LogMessage.newBuilder()
                        .setMessage(ByteString.copyFromUtf8(text))
                        .setMessageType(LogMessage.MessageType.ERR)
                        .setTimestamp(now)
                        .setAppId(app)
                        .setSourceType("LGR"))
                .build();
    }

    private static Envelope counter(long lost, long total, long now) {
        return Envelope.newBuilder()
                .setOrigin(COUNTER_ORIGIN)
                .setEventType(Envelope.EventType.CounterEvent)
                .setTimestamp(now)
                .setCounterEvent(CounterEvent.newBuilder()
                        .setName(COUNTER)
                        .setDelta(lost)
                        .setTotal(total))
                .build();
    }

    private static void append(WebSocketFrames frames, MessageLite envelope) {
        frames.append(envelope.toByteArray());
    }
}
