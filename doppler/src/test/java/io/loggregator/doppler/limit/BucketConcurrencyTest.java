package io.loggregator.doppler.limit;

import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/** Lanes that draw on one bucket at once get what they would have got one after the other, in some order. */
@Param(name = "second", gen = IntGen.class, conf = "100:102")
@Param(name = "bytes", gen = IntGen.class, conf = "1:3")
public class BucketConcurrencyTest {
    private final Bucket bucket = new Bucket(new Rate(4, true), "", 100);

    @Operation
    public boolean take(@Param(name = "second") int second, @Param(name = "bytes") int bytes) {
        return bucket.take(second, bytes);
    }

    @Operation
    public void giveBack(@Param(name = "second") int second, @Param(name = "bytes") int bytes) {
        bucket.giveBack(second, bytes);
    }

    @Test
    void isAsIfInTurn() {
        new ModelCheckingOptions()
                .iterations(20)
                .invocationsPerIteration(500)
                .threads(3)
                .actorsPerThread(2)
                .check(BucketConcurrencyTest.class);
    }
}
