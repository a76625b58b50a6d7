package io.loggregator.nozzle;

import java.util.concurrent.Flow;

/** Other ways to consume what a nozzle reads. */
public final class Nozzles {
    private Nozzles() {}

    /**
     * A publisher of envelopes. Each subscriber has a nozzle of its own, which starts when it subscribes and stops when it
     * cancels. What a subscriber does not request waits, first in the nozzle's buffer and then at the server. A batch is
     * acknowledged when all of its envelopes have been taken by {@code onNext}. The subscriber is told of an end by {@code
     * onError} with a {@link NozzleException}; a stream that nobody cancels has no other end.
     *
     * @param builder all but a handler; used at every subscription
     */
    public static Flow.Publisher<Envelope> publisher(Nozzle.Builder builder) {
        return subscriber -> new EnvelopeSubscription(subscriber).start(builder);
    }
}
