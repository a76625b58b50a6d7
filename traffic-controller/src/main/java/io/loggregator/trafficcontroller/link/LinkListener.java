package io.loggregator.trafficcontroller.link;

import io.loggregator.link.v1.Answer;
import io.loggregator.link.v1.Batch;
import io.loggregator.link.v1.Gap;

/** Told what happens on links; on their event loop. Arrays are valid only during the call. */
public interface LinkListener {
    /** The Doppler answered: it is to be told what this Traffic Controller wants. */
    void opened(LinkSession session);

    /** Batch bytes came. */
    void batch(LinkSession session, Batch header, byte[] bytes, int from, int to);

    /** Something will not come. */
    void gap(LinkSession session, Gap gap);

    /** Part of the answer to a query. */
    void answer(LinkSession session, Answer answer, byte[] bytes, int from, int to);

    /** The session is over; it was open before. */
    void closed(LinkSession session);
}
