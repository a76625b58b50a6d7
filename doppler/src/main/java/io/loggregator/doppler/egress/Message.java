package io.loggregator.doppler.egress;

/**
 * A marshalled answer; nobody writes to its bytes any more, so calls may share it.
 *
 * @param envelopes how many it carries
 */
record Message(byte[] bytes, int envelopes) {
    /** No message has more, as in the Go release. */
    static final int MOST_ENVELOPES = 100;
    /** No message is larger, unless a single envelope is. */
    static final int LARGEST = 1 << 20;
}
