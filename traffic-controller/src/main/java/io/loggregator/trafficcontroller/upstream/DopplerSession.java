package io.loggregator.trafficcontroller.upstream;

import io.loggregator.link.v1.ToDoppler;
import java.time.Duration;

/**
 * What connects an event loop with one run of one Doppler. It is told in the link's messages (docs/link.md), and answers
 * in them through a {@link DopplerListener}, whatever is spoken on the wire. Members and sequence numbers are the
 * session's own. On its event loop.
 */
public interface DopplerSession {
    /** Ways to be connected. */
    enum Kind {
        /** docs/link.md. */
        LINK,
        /** The gRPC services of the Go release. */
        GRPC
    }

    /** Which way the Doppler is connected. */
    Kind kind();

    /** Names the run of the Doppler; no two sessions that are open at the same time have the same. */
    String epoch();

    /** How many lanes the Doppler has, 1 and more. */
    int lanes();

    /** Whether the Doppler can be told something. */
    boolean isOpen();

    /** The address that was dialled, as {@code host:port}. */
    String address();

    /**
     * Whether batches for members hold what these want already, as often as they want it. Otherwise they hold what all
     * of the batch's members want together.
     */
    boolean selects();

    /** How long nothing has been heard of the Doppler: what it sent since then may not have arrived. */
    Duration silence();

    /** Tells the Doppler something, after all that was confirmed before; does nothing when the session is over. */
    void send(ToDoppler message);

    /** Confirms all deliveries to a member up to a sequence number. */
    void confirm(long member, int lane, long sequence);
}
