package io.loggregator.trafficcontroller.upstream;

import io.loggregator.link.v1.Answer;
import io.loggregator.link.v1.Batch;
import io.loggregator.link.v1.Gap;
import io.loggregator.link.v1.Lag;
import io.loggregator.link.v1.Moved;

/** Told what Dopplers say; on the event loop of the sessions. Arrays are valid only during the call. */
public interface DopplerListener {
    /** The Doppler answered: it is to be told what this Traffic Controller wants. */
    void opened(DopplerSession session);

    /** Batch bytes came. */
    void batch(DopplerSession session, Batch header, byte[] bytes, int from, int to);

    /** Something will not come. */
    void gap(DopplerSession session, Gap gap);

    /** A member lags. */
    void lag(DopplerSession session, Lag lag);

    /** A member gets nothing more, since its client reads elsewhere. */
    void moved(Moved moved);

    /** Part of the answer to a query. */
    void answer(DopplerSession session, Answer answer, byte[] bytes, int from, int to);

    /** The session is over; it was open before. */
    void closed(DopplerSession session);

    /**
     * It was over before the Doppler had said goodbye: this run of it may be back, or lost with what it had taken in. Follows
     * {@link #closed}, of sessions of the kind {@link DopplerSession.Kind#LINK}.
     *
     * @param heardMillis when it was last heard of, as {@link io.loggregator.stream.SteadyClock#millis}
     */
    void brokeOff(DopplerSession session, long heardMillis);
}
