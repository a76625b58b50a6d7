package io.loggregator.stream.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Counter;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Gauge;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.GaugeValue;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;
import org.junit.jupiter.api.Test;

/** How the stream is parted, so that everybody who computes it comes to the same. */
class ShareTest {
    /** The check value of CRC-64/XZ: what it makes of the digits 1 to 9. */
    private static final long CHECK = 0x995DC9BBDF1939FAL;

    @Property(tries = 300, shrinking = ShrinkingMode.OFF)
    void eachEnvelopeIsInOneShare(@ForAll long seed, @ForAll @IntRange(min = 1, max = 50) int count) {
        byte[] envelope = new Drawn(seed).envelope();
        assertThat(IntStream.range(0, count).filter(index -> takes(new Share(index, count), envelope)))
                .containsExactly(indexOf(envelope, count));
    }

    @Test
    void theWholeStreamTakesEverything() {
        assertThat(takes(Share.ALL, counter("requests").build().toByteArray())).isTrue();
    }

    @Test
    void countersGoByTheChecksumOfTheirNameAsInTheGoRelease() {
        for (int count = 1; count < 1_000; count++) {
            assertThat(indexOf(counter("123456789").build().toByteArray(), count))
                    .isEqualTo((int) Long.remainderUnsigned(CHECK, count));
            assertThat(indexOf(counter("").build().toByteArray(), count)).isZero();
        }
    }

    @Test
    void countersOfOneNameStayTogetherWhateverElseTheyAre() {
        for (int i = 0; i < 100; i++) {
            Envelope.Builder other =
                    counter("123456789").setSourceId("app-" + i).setTimestamp(i).putTags("tag", "value " + i);
            assertThat(indexOf(other.build().toByteArray(), 7)).isEqualTo((int) Long.remainderUnsigned(CHECK, 7));
        }
    }

    @Test
    void gaugesGoByTheSumOfTheChecksumsOfTheirNames() {
        assertThat(indexOf(gauge(List.of("123456789")), 1_000)).isEqualTo((int) Long.remainderUnsigned(CHECK, 1_000));
        assertThat(indexOf(gauge(List.of()), 1_000)).isZero();
        int count = 1 << 16;
        int cpu = indexOf(gauge(List.of("cpu")), count);
        assertThat(indexOf(gauge(List.of("123456789", "cpu")), count)).isEqualTo((int) (CHECK + cpu & count - 1));
    }

    @Test
    void theOrderOfAGaugesMetricsDoesNotMatter() {
        List<String> names = new ArrayList<>(List.of("cpu", "memory", "disk", "memory_quota", "disk_quota"));
        int share = indexOf(gauge(names), 1_000);
        Random random = new Random(1);
        for (int i = 0; i < 100; i++) {
            Collections.shuffle(names, random);
            assertThat(indexOf(gauge(names), 1_000)).isEqualTo(share);
        }
    }

    @Test
    void otherEnvelopesAreSpreadEvenlyHoweverTheirTimesFollowEachOther() {
        for (long step : new long[] {1, 2, 1_000, 1_000_000_000, 1L << 33}) {
            int[] shares = new int[4];
            for (int i = 0; i < 10_000; i++) {
                Envelope.Builder log = Envelope.newBuilder()
                        .setTimestamp(1_600_000_000_000_000_000L + i * step)
                        .setLog(Log.getDefaultInstance());
                shares[indexOf(log.build().toByteArray(), 4)]++;
            }
            // Even chances are outside this less than once in a thousand million times; times are always the same.
            assertThat(shares)
                    .as("step %d", step)
                    .satisfies(
                            each -> assertThat(IntStream.of(each)).allMatch(share -> share > 2_200 && share < 2_800));
        }
    }

    @Test
    void aShareIsOneOfThoseThatThereAre() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Share(0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new Share(-1, 3));
        assertThatIllegalArgumentException().isThrownBy(() -> new Share(3, 3));
    }

    private static Envelope.Builder counter(String name) {
        return Envelope.newBuilder().setCounter(Counter.newBuilder().setName(name));
    }

    /** Its metrics on the wire in the order of the names. */
    private static byte[] gauge(List<String> names) {
        Gauge.Builder gauge = Gauge.newBuilder();
        names.forEach(name -> gauge.putMetrics(name, GaugeValue.getDefaultInstance()));
        assertThat(gauge.build().getMetricsMap().keySet()).containsExactlyElementsOf(names);
        return Envelope.newBuilder().setGauge(gauge).build().toByteArray();
    }

    private static int indexOf(byte[] envelope, int count) {
        return Share.indexOf(Drawn.cursor(envelope), count);
    }

    private static boolean takes(Share share, byte[] envelope) {
        return share.takes(Drawn.cursor(envelope));
    }
}
