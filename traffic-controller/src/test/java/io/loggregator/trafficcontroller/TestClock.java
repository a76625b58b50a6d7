package io.loggregator.trafficcontroller;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** A clock that stands still until a test moves it. */
final class TestClock implements LongSupplier {
    private final AtomicLong nanos = new AtomicLong(1_000_000_000);
    private final AtomicLong looks = new AtomicLong();

    @Override
    public long getAsLong() {
        looks.incrementAndGet();
        return nanos.get();
    }

    /** Moves on, and waits until somebody has looked after each of so many clients at the new time. */
    void advance(Duration time, int clients) {
        nanos.addAndGet(time.toNanos());
        // A round looks once, and up to three times for each client; the first may have begun before.
        long enough = looks.get() + 2 * (1 + 3L * clients);
        await().until(() -> looks.get() >= enough);
    }

    void advance(Duration time) {
        nanos.addAndGet(time.toNanos());
    }
}
