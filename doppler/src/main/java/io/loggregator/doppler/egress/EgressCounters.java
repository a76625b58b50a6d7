package io.loggregator.doppler.egress;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** What was sent in one protocol; from any thread. */
public final class EgressCounters {
    final LongAdder envelopes = new LongAdder();
    final LongAdder bytes = new LongAdder();
    final LongAdder dropped = new LongAdder();
    final AtomicInteger streams = new AtomicInteger();

    private final String protocol;

    EgressCounters(String protocol) {
        this.protocol = protocol;
    }

    /** {@code v1} or {@code v2}. */
    public String protocol() {
        return protocol;
    }

    /** Envelopes written out, as the protocol counts them. */
    public long envelopes() {
        return envelopes.sum();
    }

    /** Bytes of the messages that carried them. */
    public long bytes() {
        return bytes.sum();
    }

    /** Envelopes that subscribers were told they did not get. */
    public long dropped() {
        return dropped.sum();
    }

    /** Streams that are open. */
    public int streams() {
        return streams.get();
    }
}
