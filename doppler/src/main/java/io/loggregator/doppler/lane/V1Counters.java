package io.loggregator.doppler.lane;

import io.loggregator.stream.Tally;
import io.loggregator.wire.v1.V1ToV2;
import java.util.stream.Stream;

/**
 * What one way in brought a lane as v1; written by the lane, read from any thread. Every message is an envelope that was
 * taken in, or undecodable, or of an unknown type, or was refused before it was looked into.
 */
public final class V1Counters {
    final Tally messages = new Tally();
    final Tally bytes = new Tally();
    final Tally[] envelopes =
            Stream.generate(Tally::new).limit(V1ToV2.EVENT_TYPES.size()).toArray(Tally[]::new);
    final Tally undecodable = new Tally();
    final Tally unknownType = new Tally();

    /** Messages received, good or bad. */
    public long messages() {
        return messages.get();
    }

    /** Their bytes, without framing. */
    public long bytes() {
        return bytes.get();
    }

    /** Envelopes taken in that are of a type, a place in {@link V1ToV2#EVENT_TYPES}. */
    public long envelopes(int eventType) {
        return envelopes[eventType].get();
    }

    /** Messages that are no v1 envelope. */
    public long undecodable() {
        return undecodable.get();
    }

    /** Envelopes of a type that v2 cannot tell, left out. */
    public long unknownType() {
        return unknownType.get();
    }
}
