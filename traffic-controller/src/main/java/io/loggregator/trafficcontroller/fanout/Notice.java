package io.loggregator.trafficcontroller.fanout;

import io.loggregator.stream.notice.LagNotice;
import io.loggregator.stream.selection.Selection;
import io.loggregator.trafficcontroller.subscription.Loss;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** Tells a v1 client, in its own stream, what it did not get, or that it lags. */
final class Notice {
    /** The app of what belongs to none. */
    static final String PLATFORM = "system";

    private Notice() {}

    /**
     * @param app whose stream it is; {@code system} for a firehose
     * @param client the client's address
     */
    static ByteBuf frames(Selection filter, String app, Loss loss, String client) {
        WebSocketFrames frames = new WebSocketFrames();
        loss.notice(filter, app, client).v1().forEach(frames::append);
        return Unpooled.wrappedBuffer(frames.bytes(), 0, frames.end());
    }

    /** Empty if there is no form for it in what the client reads. */
    static ByteBuf frames(LagNotice notice) {
        WebSocketFrames frames = new WebSocketFrames();
        notice.v1().forEach(frames::append);
        return Unpooled.wrappedBuffer(frames.bytes(), 0, frames.end());
    }
}
