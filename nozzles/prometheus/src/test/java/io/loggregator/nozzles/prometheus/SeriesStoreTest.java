package io.loggregator.nozzles.prometheus;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How long series are kept, and how many. */
class SeriesStoreTest {
    private static final Labels NO_LABELS = Labels.EMPTY;

    private long nanos = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(5);
    private final SeriesStore store = new SeriesStore(2, Duration.ofSeconds(10), () -> nanos);

    @Test
    void aSeriesEndsWhenNothingCameForLong() {
        store.set("quiet", NO_LABELS, 1);
        pass(6);
        store.set("busy", NO_LABELS, 1);
        pass(4);
        assertThat(names()).containsExactlyInAnyOrder("quiet", "busy");
        pass(1);
        assertThat(names()).containsExactly("busy");
    }

    @Test
    void whereThereIsNoRoomWhatHasEndedMakesIt() {
        store.set("a", NO_LABELS, 1);
        store.set("b", NO_LABELS, 1);
        store.set("c", NO_LABELS, 1);
        assertThat(names()).containsExactlyInAnyOrder("a", "b");
        assertThat(store.refused()).isEqualTo(1);
        pass(11);
        store.set("c", NO_LABELS, 1);
        assertThat(names()).containsExactly("c");
        assertThat(store.refused()).isEqualTo(1);
    }

    private List<String> names() {
        return store.snapshot(List.of()).stream()
                .map(MetricSnapshot::getMetadata)
                .map(metadata -> metadata.getName())
                .toList();
    }

    private void pass(int seconds) {
        nanos += TimeUnit.SECONDS.toNanos(seconds);
    }
}
