package io.loggregator.node.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricsTest {
    private final Metrics metrics = new Metrics();

    @Test
    void aCounterWithoutLabelsIsExposedBeforeItsFirstIncrement() {
        metrics.counter("ingress", "Envelopes accepted.");
        assertThat(metrics.scrape())
                .contains(
                        "# HELP ingress_total Envelopes accepted.\n# TYPE ingress_total counter\ningress_total 0.0\n");
    }

    @Test
    void labelsAndValuesAppearInTheScrape() {
        metrics.counter("dropped_total", "Envelopes dropped.", "place", "reason")
                .labelValues("log", "lapped")
                .inc(3);
        metrics.gauge("clients", "Clients now.").set(7);
        assertThat(metrics.scrape())
                .contains("dropped_total{place=\"log\",reason=\"lapped\"} 3.0\n", "clients 7.0\n")
                .doesNotContain("_total_total");
    }

    @Test
    void observedValuesAreReadAtEachScrape() {
        AtomicLong value = new AtomicLong(1);
        metrics.observedCounter("seen", "Seen.", value::get);
        metrics.observedGauge("level", "Level.", () -> value.get() / 2.0);
        assertThat(metrics.scrape()).contains("seen_total 1.0\n", "level 0.5\n");
        value.set(5);
        assertThat(metrics.scrape()).contains("seen_total 5.0\n", "level 2.5\n");
    }

    @Test
    void aSupplierThatThrowsLosesOnlyItsOwnValue() {
        metrics.observedGauge("broken", "Broken.", () -> {
            throw new IllegalStateException("no value");
        });
        metrics.gauge("sound", "Sound.").set(2);
        assertThat(metrics.scrape()).contains("sound 2.0\n").doesNotContain("broken 0");
    }

    @Test
    void theJvmsOwnMetricsAreExposedButNotDescribed() {
        assertThat(metrics.scrape()).contains("jvm_memory_used_bytes");
        assertThat(metrics.described()).isEmpty();
    }

    @Test
    void aNameIsDeclaredOnlyOnceWhateverTheKind() {
        metrics.counter("ingress", "Envelopes accepted.");
        assertThatThrownBy(() -> metrics.counter("ingress_total", "Again."))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ingress_total is declared twice");
        metrics.gauge("clients", "Clients.");
        assertThatThrownBy(() -> metrics.observedGauge("clients", "Again.", () -> 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "7up", "a.b", "a-b", "a b", "größe"})
    void namesThatPrometheusWouldNotTakeAreRefused(String name) {
        assertThatThrownBy(() -> metrics.gauge(name, "Bad.")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void declarationsDescribeThemselvesForTheDocumentation() {
        metrics.counter("dropped", "Envelopes dropped, by place | reason.", "place", "reason");
        metrics.observedGauge("log_bytes", "Bytes held.", () -> 0);
        List<Described> described = metrics.described();
        assertThat(described)
                .containsExactly(
                        new Described(
                                "dropped_total",
                                "counter",
                                List.of("place", "reason"),
                                "Envelopes dropped, by place | reason."),
                        new Described("log_bytes", "gauge", List.of(), "Bytes held."));
        assertThat(Metrics.markdown("Doppler", described)).isEqualTo("""
                        ## Doppler

                        | metric | kind | labels | meaning |
                        | --- | --- | --- | --- |
                        | `dropped_total` | counter | `place`, `reason` | Envelopes dropped, by place \\| reason. |
                        | `log_bytes` | gauge | – | Bytes held. |
                        """);
    }
}
