package io.loggregator.doppler.egress;

import io.loggregator.wire.ByteSink;
import io.loggregator.wire.v1.V1Output;
import java.util.Arrays;
import java.util.List;

/** Rendered v1 envelopes, each as the field {@code payload} of a response, so that any run of them is a message. Reused. */
final class PayloadFrames extends V1Output {
    private static final byte PAYLOAD = 1 << 3 | 2;
    /** What an array that grew beyond the ordinary is given back for. */
    private static final int ORDINARY = 1 << 20;

    private int[] ends = new int[256];
    private int count;

    void clear() {
        count = 0;
        end = 0;
        if (bytes.length > ORDINARY) {
            bytes = new byte[ORDINARY];
        }
    }

    /** How many envelopes there are. */
    int count() {
        return count;
    }

    /** Forgets all envelopes but the first so many. */
    void cutTo(int kept) {
        count = kept;
        end = kept == 0 ? 0 : ends[kept - 1];
    }

    @Override
    protected int headroom(int length) {
        return 1 + ByteSink.varintSize(length);
    }

    @Override
    protected void finished(int from, int to) {
        int start = from - headroom(to - from);
        bytes[start] = PAYLOAD;
        ByteSink.putVarint(bytes, start + 1, (long) to - from);
        if (count == ends.length) {
            ends = Arrays.copyOf(ends, 2 * count);
        }
        ends[count++] = to;
        end = to;
    }

    /** Adds an envelope that was rendered elsewhere. */
    void append(byte[] envelope) {
        int from = end + headroom(envelope.length);
        if (from + envelope.length > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(from + envelope.length, 2 * bytes.length));
        }
        System.arraycopy(envelope, 0, bytes, from, envelope.length);
        finished(from, from + envelope.length);
    }

    /** All envelopes as one message. */
    byte[] all() {
        return Arrays.copyOf(bytes, end);
    }

    /** Adds messages of at most so many envelopes that together hold all of them. */
    void cut(int mostEnvelopes, List<Message> messages) {
        int from = 0;
        int first = 0;
        for (int i = 1; i <= count; i++) {
            if (i == count || i - first == mostEnvelopes || ends[i] - from > Message.LARGEST) {
                messages.add(new Message(Arrays.copyOfRange(bytes, from, ends[i - 1]), i - first));
                from = ends[i - 1];
                first = i;
            }
        }
    }
}
