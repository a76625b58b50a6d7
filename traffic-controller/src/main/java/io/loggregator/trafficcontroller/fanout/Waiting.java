package io.loggregator.trafficcontroller.fanout;

import io.loggregator.trafficcontroller.subscription.Reader;
import io.loggregator.trafficcontroller.subscription.Stall;
import java.util.function.LongSupplier;

/** How long something has waited for a reader without any of it being taken. */
final class Waiting {
    private final Reader reader;
    private final LongSupplier clock;
    private final Stall stall = new Stall();
    private Member member;

    /** @param clock as {@link System#nanoTime} */
    Waiting(Reader reader, LongSupplier clock) {
        this.reader = reader;
        this.clock = clock;
    }

    /** Before it is asked. */
    void of(Member readersMember) {
        this.member = readersMember;
    }

    /** Asked every second or so. */
    boolean isLongerThan(long nanos) {
        long now = clock.getAsLong();
        boolean idle = reader.writable() && !member.hasWaiting();
        stall.progressed(idle, reader.waitingBytes(), member.handedOver(), now);
        return stall.isLongerThan(nanos, now);
    }
}
