package io.loggregator.stream.own;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.junit.jupiter.api.Test;

class OwnMetricsTest {
    private final AtomicLong total = new AtomicLong();
    private final OwnMetrics own = new OwnMetrics(new Component("loggregator.doppler", "doppler", "d-1"), true)
            .counter("dropped", Map.of("direction", "egress"), total::get)
            .gauge("subscriptions", "subscriptions", () -> 3);

    @Test
    void aPulseTellsEveryMetricWithItsOriginAndTags() throws Exception {
        total.set(7);

        List<Envelope> pulse = pulse();

        assertThat(pulse).hasSize(2).allSatisfy(envelope -> {
            assertThat(envelope.getSourceId()).isEqualTo("doppler");
            assertThat(envelope.getInstanceId()).isEqualTo("d-1");
            assertThat(envelope.getTagsMap())
                    .containsEntry("origin", "loggregator.doppler")
                    .containsEntry("metric_version", "2.0");
            assertThat(envelope.getDeprecatedTagsMap()).isEmpty();
        });
        assertThat(pulse.get(0).getTagsMap()).containsEntry("direction", "egress");
        assertThat(pulse.get(0).getCounter().getName()).isEqualTo("dropped");
        assertThat(pulse.get(0).getCounter().getDelta()).isEqualTo(7);
        assertThat(pulse.get(0).getCounter().getTotal()).isEqualTo(7);
        assertThat(pulse.get(1).getGauge().getMetricsMap().get("subscriptions").getUnit())
                .isEqualTo("subscriptions");
        assertThat(pulse.get(1).getGauge().getMetricsMap().get("subscriptions").getValue())
                .isEqualTo(3);
    }

    @Test
    void countersAreToldByWhatTheyGrewSinceTheLastPulseThatArrived() throws Exception {
        total.set(5);
        pulse();
        own.arrived();
        assertThat(delta()).isZero();

        total.set(8);
        assertThat(delta()).isEqualTo(3);
        total.set(9);
        assertThat(delta()).as("the one before did not arrive").isEqualTo(4);
        own.arrived();
        assertThat(delta()).isZero();
    }

    @Test
    void anAgentGetsNoTotalsAsItMakesThem() throws Exception {
        OwnMetrics forAgent =
                new OwnMetrics(new Component("o", "s", ""), false).counter("egress", Map.of(), total::get);
        total.set(4);

        Envelope counter = EnvelopeBatch.parseFrom(forAgent.pulse()).getBatch(0);

        assertThat(counter.getCounter().getDelta()).isEqualTo(4);
        assertThat(counter.getCounter().getTotal()).isZero();
    }

    @Test
    void anEventIsToldUntilItHasArrived() throws Exception {
        own.event("title", "body");

        assertThat(pulse().get(2).getEvent().getTitle()).isEqualTo("title");
        assertThat(pulse()).as("the one before did not arrive").hasSize(3);
        own.event("later", "body");
        own.arrived();
        assertThat(pulse().get(2).getEvent().getTitle()).isEqualTo("later");
        own.arrived();
        assertThat(pulse()).hasSize(2);
    }

    @Test
    void aCounterMayBeToldWithoutTheVersionTag() throws Exception {
        own.unversionedCounter("connects", total::get);

        assertThat(pulse().get(1).getCounter().getName()).isEqualTo("connects");
        assertThat(pulse().get(1).getTagsMap()).containsOnlyKeys("origin");
    }

    @Test
    void aPulseThatCouldNotBeMadeLeavesNothingToTheNextOne() throws Exception {
        AtomicBoolean broken = new AtomicBoolean(true);
        own.gauge("load", "1", () -> {
            if (broken.get()) {
                throw new IllegalStateException("not now");
            }
            return 1;
        });
        assertThatThrownBy(own::pulse).hasMessage("not now");
        broken.set(false);

        assertThat(pulse()).hasSize(3);
    }

    @Test
    void eventsThatNobodyTakesDoNotPileUp() throws Exception {
        for (int i = 0; i < 1000; i++) {
            own.event("title", "body");
        }

        assertThat(pulse()).hasSize(102);
    }

    @Test
    void aPulseWaitsForTheOneBeforeIt() throws Exception {
        List<byte[]> sent = new ArrayList<>();
        CompletableFuture<Void> first = new CompletableFuture<>();
        total.set(2);
        own.tell(batch -> {
            sent.add(batch);
            return first;
        });
        own.tell(batch -> {
            throw new AssertionError("the first is under way");
        });

        first.completeExceptionally(new IOException("no agent"));
        total.set(3);
        own.tell(batch -> {
            sent.add(batch);
            return CompletableFuture.completedFuture(null);
        });
        own.tell(batch -> {
            sent.add(batch);
            return CompletableFuture.completedFuture(null);
        });

        assertThat(sent.stream().map(OwnMetricsTest::delta)).containsExactly(2L, 3L, 0L);
    }

    private static long delta(byte[] batch) {
        try {
            return EnvelopeBatch.parseFrom(batch).getBatch(0).getCounter().getDelta();
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private long delta() throws InvalidProtocolBufferException {
        return pulse().get(0).getCounter().getDelta();
    }

    private List<Envelope> pulse() throws InvalidProtocolBufferException {
        return EnvelopeBatch.parseFrom(own.pulse()).getBatchList();
    }
}
