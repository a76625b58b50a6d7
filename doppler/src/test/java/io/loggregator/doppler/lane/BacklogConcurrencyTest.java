package io.loggregator.doppler.lane;

import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/**
 * Whoever takes the last of what stood in the way calls those who wait for room: one of all who write at once, not none.
 * Whoever fills it is likewise one.
 */
@Param(name = "bytes", gen = IntGen.class, conf = "1:4")
public class BacklogConcurrencyTest {
    private final ThreadLocal<Boolean> called = ThreadLocal.withInitial(() -> false);
    private final Backlog backlog = new Backlog(6, 2, () -> called.set(true));

    @Operation
    public boolean hasRoom() {
        return backlog.hasRoom();
    }

    /** Whether it was filled. */
    @Operation
    public boolean add(@Param(name = "bytes") int bytes) {
        return backlog.add(bytes);
    }

    /** Whether those who wait were called. */
    @Operation
    public boolean remove(@Param(name = "bytes") int bytes) {
        called.set(false);
        backlog.remove(bytes);
        return called.get();
    }

    @Test
    void isAsIfInTurn() {
        new ModelCheckingOptions()
                .iterations(20)
                .invocationsPerIteration(500)
                .threads(3)
                .actorsPerThread(3)
                .check(BacklogConcurrencyTest.class);
    }
}
