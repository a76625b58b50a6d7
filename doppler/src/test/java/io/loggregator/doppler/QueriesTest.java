package io.loggregator.doppler;

import static io.loggregator.doppler.RunningDoppler.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.link.v1.Query;
import io.loggregator.link.v1.ToDoppler;
import java.util.List;
import java.util.stream.IntStream;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.junit.jupiter.api.Test;

/** Recent logs and container metrics over a link. */
class QueriesTest {
    private static final long NANOS_PER_MILLI = 1_000_000;

    @Test
    void recentLogsAreTheNewestOldestFirst() {
        try (RunningDoppler doppler = RunningDoppler.plain();
                Emitter emitter = Emitter.plain(doppler);
                LinkClient link = LinkClient.open(doppler)) {
            emitter.emit(Envelopes.logs("app", 0, 250));
            emitter.emit(List.of(Envelopes.counter("app", 250), Envelopes.log("other", 251)));

            assertThat(Envelopes.numbers(recentLogs(link, "app", 0))).isEqualTo(Envelopes.numbers(150, 250));
            assertThat(Envelopes.numbers(recentLogs(link, "app", 10))).isEqualTo(Envelopes.numbers(240, 250));
            assertThat(Envelopes.numbers(recentLogs(link, "app", 1_000))).isEqualTo(Envelopes.numbers(150, 250));
            assertThat(Envelopes.numbers(recentLogs(link, "other", 0))).containsExactly(251);
            assertThat(recentLogs(link, "nobody", 0)).isEmpty();
            assertThat(recentLogs(link, "", 0)).isEmpty();
        }
    }

    @Test
    void containerMetricsAreTheNewestOfEachInstance() {
        try (RunningDoppler doppler = RunningDoppler.plain();
                Emitter emitter = Emitter.plain(doppler);
                LinkClient link = LinkClient.open(doppler)) {
            long now = System.currentTimeMillis() * NANOS_PER_MILLI;
            Envelope newest = Envelopes.containerMetric("app", 0, now);
            Envelope second = Envelopes.containerMetric("app", 1, now - 1_000);
            Envelope expired = Envelopes.containerMetric("app", 2, now - 121_000 * NANOS_PER_MILLI);
            emitter.emit(List.of(Envelopes.containerMetric("app", 0, now - 5), second, newest, expired));

            List<Envelope> metrics = envelopes(link.query(link.query("app", Query.Kind.CONTAINER_METRICS, 0)));

            assertThat(metrics).containsExactlyInAnyOrder(newest, second);
        }
    }

    @Test
    void longAnswersComeInPieces() {
        try (RunningDoppler doppler = RunningDoppler.plain("DOPPLER_RECENT_LOGS", "1000");
                Emitter emitter = Emitter.plain(doppler);
                LinkClient link = LinkClient.open(doppler)) {
            List<Envelope> sent = IntStream.range(0, 1_000)
                    .mapToObj(i -> Envelopes.log("app", i, 1_024))
                    .toList();
            emitter.emit(sent);

            List<LinkClient.Received> answer = link.query(link.query("app", Query.Kind.RECENT_LOGS, 0));

            assertThat(answer).hasSizeGreaterThan(3);
            assertThat(answer.subList(0, answer.size() - 1))
                    .noneMatch(piece -> piece.header().getAnswer().getLast());
            assertThat(envelopes(answer).equals(sent)).isTrue();
        }
    }

    @Test
    void withNoRecentLogsKeptContainerMetricsStillAre() {
        try (RunningDoppler doppler = RunningDoppler.plain("DOPPLER_RECENT_LOGS", "0");
                Emitter emitter = Emitter.plain(doppler);
                LinkClient link = LinkClient.open(doppler)) {
            Envelope metric = Envelopes.containerMetric("app", 0, System.currentTimeMillis() * NANOS_PER_MILLI);
            emitter.emit(List.of(Envelopes.log("app", 1), metric));

            assertThat(recentLogs(link, "app", 0)).isEmpty();
            assertThat(envelopes(link.query(link.query("app", Query.Kind.CONTAINER_METRICS, 0))))
                    .containsExactly(metric);
        }
    }

    @Test
    void answersToALinkThatDoesNotReadWaitForIt() {
        try (RunningDoppler doppler = RunningDoppler.plain(
                        "DOPPLER_RECENT_LOGS", "1000", "DOPPLER_LINK_BUFFER", "256KiB", "LINK_PING_INTERVAL", "1m");
                Emitter emitter = Emitter.plain(doppler);
                LinkClient link = LinkClient.open(doppler);
                LinkClient other = LinkClient.open(doppler)) {
            emitter.emit(IntStream.range(0, 1_000)
                    .mapToObj(i -> Envelopes.log("app", i, 1_024))
                    .toList());
            other.settle();
            link.pause();

            // A gigabyte of answers.
            List<Query.Builder> queries = IntStream.range(0, 950)
                    .mapToObj(i -> link.query("app", Query.Kind.RECENT_LOGS, 0))
                    .toList();
            queries.forEach(query -> link.send(ToDoppler.newBuilder().setQuery(query)));
            other.settle();
            assertThat(link.isClosed()).isFalse();

            link.cut();
            eventually(() -> assertThat(recentLogs(other, "app", 0)).hasSize(1_000));
        }
    }

    @Test
    void aLinkThatAsksAndAsksAndDoesNotReadIsClosed() {
        try (RunningDoppler doppler = RunningDoppler.plain(
                        "DOPPLER_RECENT_LOGS", "1000", "DOPPLER_LINK_BUFFER", "256KiB", "LINK_PING_INTERVAL", "1m");
                Emitter emitter = Emitter.plain(doppler);
                LinkClient link = LinkClient.open(doppler)) {
            emitter.emit(IntStream.range(0, 1_000)
                    .mapToObj(i -> Envelopes.log("app", i, 1_024))
                    .toList());
            link.settle();
            link.pause();

            for (int i = 0; i < 1_100; i++) {
                link.send(ToDoppler.newBuilder().setQuery(link.query("app", Query.Kind.RECENT_LOGS, 0)));
            }

            eventually(() -> assertThat(doppler.metric("link_refused_total", "reason=\"protocol\""))
                    .isEqualTo(1));
        }
    }

    @Test
    void theLastLaneSaysThatItWasTheLast() {
        try (RunningDoppler doppler = RunningDoppler.plain(3);
                LinkClient link = LinkClient.open(doppler)) {
            List<LinkClient.Received> answer = link.query(link.query("app", Query.Kind.RECENT_LOGS, 0));

            assertThat(answer)
                    .extracting(piece -> piece.header().getAnswer().getLast())
                    .containsExactly(false, false, true);
        }
    }

    private static List<Envelope> recentLogs(LinkClient link, String source, int limit) {
        return envelopes(link.query(link.query(source, Query.Kind.RECENT_LOGS, limit)));
    }

    private static List<Envelope> envelopes(List<LinkClient.Received> answer) {
        return answer.stream().flatMap(piece -> piece.envelopes().stream()).toList();
    }
}
