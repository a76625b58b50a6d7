package io.loggregator.doppler.egress;

import io.loggregator.stream.SteadyClock;
import io.loggregator.stream.dispatch.Gap;
import io.loggregator.stream.dispatch.Lag;
import io.loggregator.stream.notice.LossNotice;
import io.loggregator.stream.selection.Selection;
import io.loggregator.stream.selection.Share;
import java.util.List;

/** How a subscription's envelopes become messages. One for each call and lane; on the lane's loop. */
interface Form {
    /**
     * Messages of what a lane hands out.
     *
     * @param end the log position behind {@code bytes[from, to)}
     * @param share what of it is for the subscriber
     * @return valid until the next call; empty if nothing of it is for the subscriber
     */
    List<Message> messages(long end, byte[] bytes, int from, int to, Share share);

    /** Word of a loss, {@code total} envelopes in this stream so far. */
    List<Message> notice(Gap gap, long total, String client);

    /** Word that the subscriber lags, of which {@code total} is the number in this stream; empty if it reads nothing of such a kind. */
    List<Message> notice(Lag lag, long total, String client);

    /** Word of a loss before it has a form, with times as the system's clock has them. */
    static LossNotice lossNotice(Selection selection, String app, Gap gap, long total, String client) {
        return new LossNotice(
                selection,
                app,
                gap.count(),
                total,
                SteadyClock.toSystem(gap.firstMillis()),
                SteadyClock.toSystem(gap.lastMillis()),
                gap.reason(),
                client);
    }
}
