package io.loggregator.trafficcontroller.subscription;

import io.loggregator.stream.dispatch.Lag;

/**
 * A client as the fan-out sees it; an endpoint implements it. None of the calls may block; {@link Reading#confirm} and
 * {@link Reading#close} may be called from {@code take}.
 */
public interface Reader {
    /** What a client is told that has {@link #moved}. */
    String MOVED = "another connection goes on from this one's position";

    /** Whether more may be handed over now. When this turns true again, {@link Reading#room} must be called. */
    boolean writable();

    /** Takes envelopes; none, if the refinement held all of them back. */
    void take(Piece piece);

    /** Takes word of a loss. */
    void take(Loss loss);

    /**
     * Takes word that the client lags, whether it is {@link #writable} or not: it is to overtake what waits here, and has no
     * mark.
     *
     * @param number how many such words there were, this one included
     * @return whether there was a form for it in what the client reads
     */
    boolean take(Lag lag, long number);

    /**
     * It makes no progress, and is to be closed, with what its protocol has for that. Nothing is handed over any more, and
     * what it confirms does not count.
     *
     * @param pace how far from enough it was; the client is to be told
     */
    void tooSlow(Pace pace);

    /** This Traffic Controller stops: the same, for no fault of the reader's. */
    void stopping();

    /**
     * The same, because another connection goes on from the client's position, which only one can do at a time. Only readers
     * of a {@link Subscription} of their own are told.
     */
    default void moved() {
        stopping();
    }

    /** Bytes that were handed over and have not left this process; shrinks when the client takes some. */
    long waitingBytes();

    /** Through which endpoint it reads, one word for operators: {@code firehose}, {@code rlp}, ... */
    String endpoint();

    /** The client's address, for log lines and notices. */
    String remote();

    /** The values of the request's X-Forwarded-For, for events; nobody has checked them. Empty if there are none. */
    default String forwardedFor() {
        return "";
    }

    /** What the client asked for, for log lines; nothing secret. */
    String request();
}
