package io.loggregator.cli.output;

import java.io.IOException;
import java.io.OutputStream;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope;

/** A way to print envelopes. */
public interface EnvelopeFormat {
    /** Writes one envelope with the line ends it needs; whole lines only. */
    void write(Envelope envelope, OutputStream out) throws IOException;

    /** The same of a v2 envelope that v1 has no form for. */
    void write(LoggregatorEnvelope.Envelope envelope, OutputStream out) throws IOException;
}
