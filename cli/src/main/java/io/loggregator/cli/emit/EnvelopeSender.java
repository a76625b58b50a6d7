package io.loggregator.cli.emit;

import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;

/** A way to send envelopes to a Doppler. Used by one thread. */
public interface EnvelopeSender extends AutoCloseable {
    /** Hands on one batch, as soon as there is room for it. */
    void send(EnvelopeBatch batch) throws IngressSender.Failed, InterruptedException;

    /** Ends it after everything that was sent, as far as the protocol can tell. */
    void finish() throws IngressSender.Failed, InterruptedException;

    /** Envelopes that were handed on so far. */
    long sent();

    @Override
    void close();
}
