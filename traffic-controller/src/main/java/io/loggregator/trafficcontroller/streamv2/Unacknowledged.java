package io.loggregator.trafficcontroller.streamv2;

import java.util.Arrays;

/** What was sent and not acknowledged yet: marks, in their order, with their bytes. */
final class Unacknowledged {
    private long[] marks = new long[64];
    private long[] sizes = new long[64];
    private int first;
    private int count;
    private long bytes;
    private long lastSent;
    private long acknowledged;
    /** Not sent, because nothing was left of it; has arrived when all before it has. */
    private long skipped;

    void sent(long mark, long size) {
        if (count == marks.length) {
            grow();
        }
        int at = first + count & marks.length - 1;
        marks[at] = mark;
        sizes[at] = size;
        count++;
        bytes += size;
        lastSent = mark;
    }

    private void grow() {
        marks = unrolled(marks);
        sizes = unrolled(sizes);
        first = 0;
    }

    private long[] unrolled(long[] ring) {
        long[] larger = Arrays.copyOf(Arrays.copyOfRange(ring, first, ring.length), ring.length * 2);
        System.arraycopy(ring, 0, larger, ring.length - first, first);
        return larger;
    }

    /**
     * Notes a mark that the client does not get to see.
     *
     * @return the mark up to which everything has arrived with it; 0: as before
     */
    long skip(long mark) {
        skipped = mark;
        return count == 0 ? mark : 0;
    }

    /**
     * Notes an acknowledgement.
     *
     * @return the mark up to which everything has arrived; 0: as before
     * @throws Violation the mark was not sent
     */
    long acknowledge(long mark) throws Violation {
        if (Long.compareUnsigned(mark, lastSent) > 0) {
            throw Violation.ofProtocol("an ack of mark " + Long.toUnsignedString(mark) + " after mark " + lastSent);
        }
        if (mark <= acknowledged) {
            return 0;
        }
        acknowledged = mark;
        while (count > 0 && marks[first] <= mark) {
            bytes -= sizes[first];
            first = first + 1 & marks.length - 1;
            count--;
        }
        return count == 0 ? Math.max(mark, skipped) : mark;
    }

    long bytes() {
        return bytes;
    }

    /** The last mark that the client was sent; 0: none. */
    long lastSent() {
        return lastSent;
    }
}
