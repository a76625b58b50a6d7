package io.loggregator.trafficcontroller.subscription;

/** A client as the fan-out sees it; an endpoint implements it. None of the calls may block or call the fan-out back. */
public interface Reader {
    /** Whether more may be handed over now. When this turns true again, {@link Reading#room} must be called. */
    boolean writable();

    /** Takes envelopes. */
    void take(Piece piece);

    /** Takes word of a loss. */
    void take(Loss loss);

    /** It makes no progress, or this Traffic Controller stops: it is to be closed, with what its protocol has for that. */
    void end(End why);

    /** Bytes that were handed over and have not left this process; shrinks when the client takes some. */
    long waitingBytes();

    /** The client's address, for log lines and notices. */
    String remote();

    /** What the client asked for, for log lines; nothing secret. */
    String request();

    /** Why a reader is ended by this side. */
    enum End {
        SLOW,
        STOPPING
    }
}
