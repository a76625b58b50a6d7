package io.loggregator.rehearsal.nodes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SamplesTest {
    private static final String LEDGER =
            "subscription_envelopes_total{protocol=\"v1\",subscription=\"alone\",filter=\"\",";

    private static final String ALONE = Samples.ofSubscription("alone");

    private final Samples samples = new Samples(List.of(
            "# TYPE ingress_total counter",
            "ingress_total 1.5E3",
            "dropped_total{direction=\"egress\"} 3.0",
            "dropped_total{direction=\"ingress\"} 4.0",
            LEDGER + "what=\"accepted\"} 100.0",
            LEDGER + "what=\"delivered\"} 80.0",
            LEDGER + "what=\"lapped\"} 10.0",
            LEDGER + "what=\"unconfirmed\"} 5.0",
            LEDGER + "what=\"abandoned\"} 2.0",
            LEDGER + "what=\"redelivered\"} 7.0",
            LEDGER + "what=\"retold\"} 4.0",
            "subscription_behind_seconds{protocol=\"v1\",subscription=\"alone\",filter=\"\"} 0.0",
            LEDGER.replace("alone", "forgotten") + "what=\"accepted\"} 1.0",
            "subscription_envelopes_total{protocol=\"v2\",subscription=\"\",filter=\"alone\",what=\"accepted\"} 9.0"));

    @Test
    void addsUpWhatHasTheLabelsAskedFor() {
        assertThat(samples.sum("ingress_total")).isEqualTo(1_500);
        assertThat(samples.sum("dropped_total")).isEqualTo(7);
        assertThat(samples.sum("dropped_total", "direction=\"ingress\"")).isEqualTo(4);
        assertThat(samples.sum("nothing_of_the_kind")).isZero();
    }

    @Test
    void tellsWhatIsStillUnderWayToASubscription() {
        assertThat(samples.delivered(ALONE)).isEqualTo(80);
        assertThat(samples.pending(ALONE)).isEqualTo(3);
        assertThat(samples.pending(Samples.ofSubscription("another"))).isZero();
        assertThat(samples.redelivered(ALONE)).isEqualTo(7);
        assertThat(samples.retold(ALONE)).isEqualTo(4);
    }

    @Test
    void tellsWhetherThereIsASubscription() {
        assertThat(samples.knows(ALONE)).isTrue();
        assertThat(samples.knows(Samples.ofSubscription("al"))).isFalse();
        assertThat(samples.knows(Samples.ofSubscription("forgotten"))).isFalse();
        assertThat(samples.accepted(ALONE)).isEqualTo(100);
    }

    @Test
    void tellsApartThoseWhoShareWithNobody() {
        assertThat(samples.accepted(Samples.OF_ALONE)).isEqualTo(9);
        assertThat(samples.pending(Samples.OF_ALONE)).isEqualTo(9);
    }
}
