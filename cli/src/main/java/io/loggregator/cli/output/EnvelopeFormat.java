package io.loggregator.cli.output;

import java.io.IOException;
import java.io.OutputStream;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope;

/** A way to print a v1 envelope. */
@FunctionalInterface
public interface EnvelopeFormat {
    /** Writes one envelope with the line ends it needs; whole lines only. */
    void write(Envelope envelope, OutputStream out) throws IOException;
}
