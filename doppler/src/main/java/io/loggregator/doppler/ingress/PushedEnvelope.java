package io.loggregator.doppler.ingress;

import io.loggregator.doppler.lane.V1Intake;
import io.loggregator.wire.ProtoBytes;

/** Finds the payload of a {@code plumbing.EnvelopeData} where it lies. */
final class PushedEnvelope {
    private static final int PAYLOAD = 1 << 3 | ProtoBytes.DELIMITED;

    private PushedEnvelope() {}

    /**
     * Takes in the payload of {@code message[start, end)}; a message that cannot be read, or has none, counts as an undecodable
     * envelope.
     */
    static V1Intake.Outcome accept(V1Intake intake, byte[] message, int start, int end) {
        int from = start;
        int to = start;
        int p = start;
        while (p >= 0 && p < end) {
            long tag = ProtoBytes.tag(message, p, end);
            if (tag < 0) {
                return intake.accept(message, start, start);
            }
            int value = ProtoBytes.high(tag);
            p = ProtoBytes.skip(message, value, end, ProtoBytes.low(tag), 0);
            if (p >= 0 && ProtoBytes.low(tag) == PAYLOAD) {
                from = ProtoBytes.high(ProtoBytes.span(message, value, end));
                to = p;
            }
        }
        return p < 0 ? intake.accept(message, start, start) : intake.accept(message, from, to);
    }
}
