package io.loggregator.doppler.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class BucketTest {
    private static Bucket lines(int most) {
        return new Bucket(new Rate(most, false), "", 100);
    }

    private static int taken(Bucket bucket, int second, int tries) {
        int taken = 0;
        for (int i = 0; i < tries; i++) {
            taken += bucket.take(second, 1_000) ? 1 : 0;
        }
        return taken;
    }

    @Test
    void everySecondBeginsAnew() {
        Bucket bucket = lines(3);
        assertThat(taken(bucket, 100, 5)).isEqualTo(3);
        assertThat(taken(bucket, 101, 5)).isEqualTo(3);
        assertThat(taken(bucket, 109, 2)).isEqualTo(2);
    }

    @Test
    void aLaneThatIsLateDrawsOnTheSecondThatHasBegun() {
        Bucket bucket = lines(3);
        assertThat(taken(bucket, 101, 2)).isEqualTo(2);
        assertThat(taken(bucket, 100, 5)).isEqualTo(1);
        assertThat(taken(bucket, 101, 5)).isZero();
    }

    @Test
    void ofBytesTheFirstLineIsTakenWhateverItsSize() {
        Bucket bucket = new Bucket(new Rate(1_500, true), "", 100);
        assertThat(bucket.take(100, 1_000)).isTrue();
        assertThat(bucket.take(100, 501)).isFalse();
        assertThat(bucket.take(100, 500)).isTrue();
        assertThat(bucket.take(101, 9_999)).isTrue();
        assertThat(bucket.take(101, 1)).isFalse();
    }

    @Test
    void ofNothingNothingIsTaken() {
        assertThat(taken(lines(0), 100, 3)).isZero();
    }

    @Test
    void whatIsGivenBackCanBeTaken() {
        Bucket bucket = lines(3);
        assertThat(taken(bucket, 100, 3)).isEqualTo(3);
        bucket.giveBack(100, 1_000);
        assertThat(taken(bucket, 100, 3)).isEqualTo(1);
        assertThat(taken(bucket, 101, 1)).isEqualTo(1);
        bucket.giveBack(100, 1_000);
        assertThat(taken(bucket, 101, 9)).as("that second was over").isEqualTo(2);
    }

    @Test
    void isRetiredWhenNobodyHasDrawnOnIt() {
        Bucket bucket = lines(3);
        taken(bucket, 130, 1);
        assertThat(bucket.retire(189, 60)).isFalse();
        assertThat(bucket.isRetired()).isFalse();
        assertThat(bucket.retire(190, 60)).isTrue();
        assertThat(bucket.isRetired()).isTrue();
    }

    @Test
    void lanesThatDrawAtOnceGetNoMoreTogether() throws Exception {
        Bucket bucket = lines(10_000);
        ExecutorService lanes = Executors.newFixedThreadPool(4);
        try {
            List<Callable<Integer>> draws = new ArrayList<>();
            for (int lane = 0; lane < 4; lane++) {
                draws.add(() -> {
                    int taken = 0;
                    for (int i = 0; i < 10_000; i++) {
                        if (bucket.take(100, 1)) {
                            taken++;
                            if (i % 3 == 0) {
                                bucket.giveBack(100, 1);
                                taken--;
                            }
                        }
                    }
                    return taken;
                });
            }
            int taken = 0;
            for (Future<Integer> draw : lanes.invokeAll(draws)) {
                taken += draw.get();
            }
            assertThat(taken).isLessThanOrEqualTo(10_000).isGreaterThan(5_000);
            assertThat(taken(bucket, 100, 20_000)).isEqualTo(10_000 - taken);
        } finally {
            lanes.shutdownNow();
        }
    }
}
