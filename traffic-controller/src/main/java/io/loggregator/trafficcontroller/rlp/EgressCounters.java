package io.loggregator.trafficcontroller.rlp;

import io.loggregator.node.grpc.Refusals;

/** Told what calls get and do not get; from any event loop. */
public interface EgressCounters extends Refusals {
    /** Envelopes were sent. */
    void egress(int envelopes);

    /** An envelope was left out, because no client takes a message of its size. */
    void tooLarge();

    /** A notice of loss was sent. */
    void notice();

    /** A call was opened (1) or has ended (-1). */
    void open(int change);

    /** A call was refused, because as many are open as may be. */
    void rejected();
}
