package io.loggregator.trafficcontroller.fanout;

import io.netty.channel.ChannelHandlerContext;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How long the end of a stream may wait for its client. One that takes nothing for two seconds, or not all in ten, is cut
 * off; one that has begun to read again need not have read everything at once.
 */
final class CloseLimit {
    static final long LOOK_SECONDS = 2;
    static final int LOOKS = 5;

    private final ChannelHandlerContext context;
    private final LongSupplier waiting;

    /** @param waiting bytes that the client has not taken */
    CloseLimit(ChannelHandlerContext context, LongSupplier waiting) {
        this.context = context;
        this.waiting = waiting;
    }

    /** Once the last bytes were written. */
    void begin() {
        look(waiting.getAsLong(), LOOKS);
    }

    private void look(long before, int left) {
        if (before == 0) {
            return;
        }
        context.executor().schedule(() -> lookAgain(before, left), LOOK_SECONDS, TimeUnit.SECONDS);
    }

    private void lookAgain(long before, int left) {
        long now = waiting.getAsLong();
        if (now == 0 || (now < before && left > 1)) {
            look(now, left - 1);
        } else {
            // From here on, because Vert.x's handler would wait until all is written.
            context.close();
        }
    }
}
