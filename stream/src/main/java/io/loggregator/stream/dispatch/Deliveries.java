package io.loggregator.stream.dispatch;

import io.loggregator.stream.selection.Share;
import java.util.Arrays;

/** Which members a batch is for, each with the sequence number of the delivery and with its share of it. Reused. */
public final class Deliveries {
    private long[] members = new long[4];
    private long[] sequences = new long[4];
    private Share[] shares = new Share[4];
    private int size;

    void clear() {
        size = 0;
    }

    void add(long member, long sequence, Share share) {
        if (size == members.length) {
            members = Arrays.copyOf(members, size * 2);
            sequences = Arrays.copyOf(sequences, size * 2);
            shares = Arrays.copyOf(shares, size * 2);
        }
        members[size] = member;
        shares[size] = share;
        sequences[size++] = sequence;
    }

    /** How many members. */
    public int size() {
        return size;
    }

    /** The i-th member's id. */
    public long member(int i) {
        return members[i];
    }

    /** The i-th member's sequence number of this delivery. */
    public long sequence(int i) {
        return sequences[i];
    }

    /** The i-th member's share; {@link Share#ALL} if the whole batch is for it. */
    public Share share(int i) {
        return shares[i];
    }
}
