package io.loggregator.stream.dispatch;

import java.util.ArrayDeque;

/** One client's part in a group, as one lane sees it. Owned by the lane. */
public final class Member {
    private final long id;
    private final Group group;
    private final Port port;
    private final ArrayDeque<Delivery> out = new ArrayDeque<>();
    private long window;
    private long outBytes;
    private long lastSequence;

    Member(long id, Group group, Port port, long window) {
        this.id = id;
        this.group = group;
        this.port = port;
        this.window = window;
    }

    long id() {
        return id;
    }

    Group group() {
        return group;
    }

    Port port() {
        return port;
    }

    /** Sets how many bytes may be out unconfirmed; 0: nothing more is sent. */
    void window(long bytes) {
        this.window = bytes;
    }

    /** Whether that much more may be sent. Where a window is open at all, one thing may be out, however large. */
    boolean takes(long bytes) {
        return port.outlet().writable() && (out.isEmpty() ? window > 0 : outBytes + bytes <= window);
    }

    /** How much more may be sent within the window; 0 if the link takes nothing. */
    long room() {
        return port.outlet().writable() ? Math.max(0, window - outBytes) : 0;
    }

    /** Notes what is about to be sent; returns its sequence number. */
    long sending(Delivery delivery) {
        lastSequence++;
        out.add(delivery.numbered(lastSequence));
        outBytes += delivery.bytes();
        return lastSequence;
    }

    /** Takes the confirmation of everything up to a sequence number; returns how many envelopes that confirms. */
    long confirm(long sequence) {
        long envelopes = 0;
        while (!out.isEmpty() && out.peek().sequence() <= sequence) {
            Delivery delivery = out.poll();
            outBytes -= delivery.bytes();
            envelopes += delivery.envelopes();
        }
        return envelopes;
    }

    /** Everything unconfirmed, oldest first; the member has nothing out afterwards. */
    ArrayDeque<Delivery> takeBack() {
        ArrayDeque<Delivery> back = new ArrayDeque<>(out);
        out.clear();
        outBytes = 0;
        return back;
    }

    /** Whether everything that was sent, word of gaps included, has been confirmed. */
    boolean settled() {
        return out.isEmpty();
    }

    /** Envelopes sent and not confirmed. */
    long unconfirmed() {
        long envelopes = 0;
        for (Delivery delivery : out) {
            envelopes += delivery.envelopes();
        }
        return envelopes;
    }
}
