package io.loggregator.trafficcontroller.router;

/** The sizes of a member's deliveries that are not confirmed, by their sequence numbers, which count from 1. */
final class Unconfirmed {
    private int[] sizes = new int[16];
    private long first = 1;
    private long next = 1;
    private long bytes;

    /** Notes the next delivery and answers its number. */
    long add(int size) {
        if (next - first == sizes.length) {
            int[] more = new int[sizes.length * 2];
            for (long i = first; i < next; i++) {
                more[slot(i, more)] = sizes[slot(i, sizes)];
            }
            sizes = more;
        }
        sizes[slot(next, sizes)] = size;
        bytes += size;
        return next++;
    }

    /** Takes off all up to and with a number; what was never delivered is not confirmed by it. */
    void confirm(long sequence) {
        long last = Math.min(sequence, next - 1);
        while (first <= last) {
            bytes -= sizes[slot(first++, sizes)];
        }
    }

    long bytes() {
        return bytes;
    }

    private static int slot(long sequence, int[] in) {
        return (int) (sequence & (in.length - 1));
    }
}
