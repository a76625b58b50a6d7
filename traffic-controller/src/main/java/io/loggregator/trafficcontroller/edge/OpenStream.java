package io.loggregator.trafficcontroller.edge;

/** A stream that a {@link Pipeline} serves. */
@FunctionalInterface
public interface OpenStream {
    /** Ends it: what was not written yet is not; the close frame carries the code and the reason. */
    void close(short code, String reason);
}
