package io.loggregator.cli.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.cloudfoundry.dropsonde.events.HttpFactory.Method;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;
import org.junit.jupiter.api.Test;

class TrafficSourceTest {
    private static final long START = 1_800_000_000_000_000_000L;
    private static final long TICK = TimeUnit.MILLISECONDS.toNanos(100);

    @Test
    void theSameSeedAndTimesGiveTheSameTraffic() {
        assertThat(run(7, 100, 20)).isEqualTo(run(7, 100, 20));
        assertThat(run(7, 100, 20)).isNotEqualTo(run(8, 100, 20));
    }

    @Test
    void comesAtTheRateItWasGiven() {
        long events = run(1, 200, 30).stream()
                .filter(envelope -> !envelope.hasGauge() && !envelope.hasCounter())
                .count();
        assertThat(events).isBetween(30 * 200L - 3, 30 * 200L + 3);
    }

    @Test
    void ofATimeNobodyAskedForItMakesUpOneSecond() {
        List<Envelope> all = new ArrayList<>();
        TrafficSource source = new TrafficSource(1, 50);
        source.advanceTo(START, all::addAll);
        all.clear();
        source.advanceTo(START + TimeUnit.HOURS.toNanos(1), all::addAll);
        assertThat(all.stream().filter(Envelope::hasTimer)).hasSizeBetween(16, 18);
    }

    @Test
    void batchesHoldAHundredAtMost() {
        List<Integer> sizes = new ArrayList<>();
        TrafficSource source = new TrafficSource(1, 10_000);
        source.advanceTo(START, batch -> sizes.add(batch.size()));
        source.advanceTo(START + TimeUnit.SECONDS.toNanos(1), batch -> sizes.add(batch.size()));
        assertThat(sizes).allMatch(size -> size >= 1 && size <= 100).contains(100);
    }

    @Test
    void everyAppLogsFromEachOfItsInstances() {
        Map<String, List<String>> instances = run(3, 200, 60).stream()
                .filter(envelope -> envelope.hasLog()
                        && envelope.getTagsOrThrow("source_type").startsWith("APP"))
                .collect(Collectors.groupingBy(
                        Envelope::getSourceId,
                        Collectors.mapping(
                                Envelope::getInstanceId,
                                Collectors.collectingAndThen(
                                        Collectors.toSet(),
                                        set -> set.stream().sorted().toList()))));
        for (SampleApp app : SampleApp.all()) {
            assertThat(instances.get(app.id())).hasSize(app.instances());
        }
    }

    @Test
    void nowAndThenAnExceptionComesWithItsStackTraceInOneLog() {
        List<Envelope> errors = run(3, 200, 60).stream()
                .filter(envelope -> envelope.hasLog() && envelope.getLog().getType() == Log.Type.ERR)
                .toList();
        assertThat(errors)
                .isNotEmpty()
                .allSatisfy(error -> assertThat(error.getLog().getPayload().toStringUtf8())
                        .contains("\n\tat org.example.")
                        .doesNotContain("%"));
    }

    @Test
    void everyRequestHasAnAccessLineAndATimerThatV1CanExpress() {
        List<Envelope> all = run(3, 100, 20);
        List<Envelope> timers = all.stream().filter(Envelope::hasTimer).toList();
        List<String> accessLines = all.stream()
                .filter(envelope -> envelope.hasLog()
                        && envelope.getTagsOrThrow("source_type").equals("RTR"))
                .map(envelope -> envelope.getLog().getPayload().toStringUtf8())
                .toList();
        assertThat(accessLines).hasSameSizeAs(timers);
        for (int i = 0; i < timers.size(); i++) {
            Envelope timer = timers.get(i);
            Map<String, String> tags = timer.getTagsMap();
            assertThat(accessLines.get(i))
                    .contains("vcap_request_id:\"" + UUID.fromString(tags.get("request_id")) + "\"")
                    .doesNotContain("%");
            assertThat(tags).containsEntry("peer_type", "Server");
            assertThat(Method.valueOf(tags.get("method"))).isIn(Method.GET, Method.POST);
            assertThat(timer.getTimer().getStop())
                    .isGreaterThan(timer.getTimer().getStart());
        }
    }

    @Test
    void containersReportTheFiveMetricsOfAContainerEveryFifteenSeconds() {
        List<Envelope> gauges =
                run(3, 0, 44).stream().filter(Envelope::hasGauge).toList();
        int instances = SampleApp.all().stream().mapToInt(SampleApp::instances).sum();
        assertThat(gauges).hasSize(3 * instances);
        assertThat(gauges).allSatisfy(gauge -> {
            assertThat(gauge.getGauge().getMetricsMap())
                    .containsOnlyKeys("cpu", "memory", "disk", "memory_quota", "disk_quota");
            assertThat(gauge.getGauge().getMetricsMap().values()).allMatch(value -> value.getValue() > 0);
        });
    }

    @Test
    void countersAddUp() {
        Map<String, Long> sums = new HashMap<>();
        List<Envelope> counters =
                run(3, 100, 31).stream().filter(Envelope::hasCounter).toList();
        assertThat(counters).hasSize(14);
        for (Envelope envelope : counters) {
            long sum = sums.merge(
                    envelope.getCounter().getName(), envelope.getCounter().getDelta(), Long::sum);
            assertThat(envelope.getCounter().getTotal()).isEqualTo(sum);
        }
        assertThat(sums.get("total_requests")).isGreaterThan(900);
    }

    @Test
    void aRateBelowZeroIsRefused() {
        assertThatThrownBy(() -> new TrafficSource(1, -1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TrafficSource(1, Double.NaN)).isInstanceOf(IllegalArgumentException.class);
    }

    private static List<Envelope> run(long seed, double rate, int seconds) {
        List<Envelope> all = new ArrayList<>();
        TrafficSource source = new TrafficSource(seed, rate);
        for (long now = START; now <= START + TimeUnit.SECONDS.toNanos(seconds); now += TICK) {
            source.advanceTo(now, all::addAll);
        }
        return all;
    }
}
