package io.loggregator.trafficcontroller.fanout;

import io.loggregator.stream.notice.LossNotice;
import io.loggregator.stream.selection.Selection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** Tells a v1 client, in its own stream, what it did not get. */
final class Notice {
    /** The app of what belongs to none. */
    static final String PLATFORM = "system";

    private Notice() {}

    /**
     * @param app whose stream it is; {@code system} for a firehose
     * @param lost how many envelopes now; 0 if nobody knows
     * @param total how many in this stream so far, these included
     * @param client the client's address
     */
    static ByteBuf frames(Selection filter, String app, long lost, long total, String client) {
        WebSocketFrames frames = new WebSocketFrames();
        new LossNotice(filter, app, lost, total, 0, 0, "", client).v1().forEach(frames::append);
        return Unpooled.wrappedBuffer(frames.bytes(), 0, frames.end());
    }
}
