package io.loggregator.doppler.ingress;

import io.loggregator.doppler.lane.V1Intake;
import io.loggregator.wire.ProtoBytes;

/** Finds the payload of a {@code plumbing.EnvelopeData} where it lies. */
final class PushedEnvelope {
    private static final int PAYLOAD = 1 << 3 | ProtoBytes.DELIMITED;

    private PushedEnvelope() {}

    /** Takes in the payload; a message that cannot be read, or has none, counts as an undecodable envelope. */
    static V1Intake.Outcome accept(V1Intake intake, byte[] message) {
        int from = 0;
        int to = 0;
        int p = 0;
        while (p >= 0 && p < message.length) {
            long tag = ProtoBytes.tag(message, p, message.length);
            if (tag < 0) {
                return intake.accept(message, 0, 0);
            }
            int value = ProtoBytes.high(tag);
            p = ProtoBytes.skip(message, value, message.length, ProtoBytes.low(tag), 0);
            if (p >= 0 && ProtoBytes.low(tag) == PAYLOAD) {
                from = ProtoBytes.high(ProtoBytes.span(message, value, message.length));
                to = p;
            }
        }
        return p < 0 ? intake.accept(message, 0, 0) : intake.accept(message, from, to);
    }
}
