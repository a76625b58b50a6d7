package io.loggregator.stream;

import java.util.concurrent.atomic.AtomicLong;

/** A count that one event loop writes and any thread may read, a moment late at most. */
public final class Tally {
    private final AtomicLong value = new AtomicLong();

    /** Adds; only from the owning event loop. */
    public void add(long n) {
        value.lazySet(value.getPlain() + n);
    }

    /** The count; from any thread. */
    public long get() {
        return value.get();
    }
}
