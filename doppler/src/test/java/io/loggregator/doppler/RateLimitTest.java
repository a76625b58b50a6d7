package io.loggregator.doppler;

import static io.loggregator.doppler.RunningDoppler.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.loggregator.node.settings.InvalidSettings;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rate limits of a Doppler, from what agents send to what readers get. */
class RateLimitTest {
    private static final int SENT = 20_000;

    @TempDir
    private Path directory;

    private Path limits(String text) throws IOException {
        // At once: what is looked at while it is written counts as another change.
        Path written = Files.writeString(directory.resolve("limits.new"), text);
        return Files.move(written, directory.resolve("limits.yml"), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Of a source: what a reader got, and what it was told it did not. */
    private record Got(int lines, long told) {
        static Got of(String source, List<Envelope> envelopes) {
            int lines = 0;
            long told = 0;
            for (Envelope envelope : envelopes) {
                if (!envelope.getSourceId().equals(source)) {
                    continue;
                }
                String loss = envelope.getTagsMap().get("loss_count");
                lines += loss == null ? 1 : 0;
                told += loss == null ? 0 : Long.parseLong(loss);
            }
            return new Got(lines, told);
        }
    }

    @Test
    void whatAFloodSendsTooMuchIsToldInItsStreamAndNobodyElseLosesAnything() throws IOException {
        Path file = limits("source_id: 100\nsource_id.mute: 0\n");
        try (RunningDoppler doppler = RunningDoppler.plain(2, "RATE_LIMITS_FILE", file.toString());
                Emitter emitter = Emitter.plain(doppler);
                Emitter another = Emitter.plain(doppler);
                LinkClient reader = LinkClient.open(doppler)) {
            reader.join(1, "firehose");
            emitter.emit(Envelopes.logs("quiet", 0, 100));
            emitter.emit(Envelopes.logs("flood", 0, SENT));
            another.emit(Envelopes.logs("flood", SENT, 2 * SENT));
            another.emit(Envelopes.logs("mute", 0, 10));
            List<Envelope> counters = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                counters.add(Envelopes.counter("mute", i));
            }
            emitter.emit(counters);
            JsonObject sources = new JsonObject(doppler.ask("/sources").body());
            assertThat(sources.getJsonArray("sources").stream().map(JsonObject.class::cast))
                    .filteredOn(source -> source.getString("source").equals("flood"))
                    .first()
                    .satisfies(flood -> assertThat(flood.getLong("limited")).isPositive());

            doppler.stopAccepting();

            eventually(() -> {
                List<Envelope> got = reader.delivered(1);
                assertThat(Got.of("quiet", got)).isEqualTo(new Got(100, 0));
                assertThat(Got.of("mute", got)).as("metrics are not limited").isEqualTo(new Got(500, 10));
                Got flood = Got.of("flood", got);
                assertThat(flood.lines() + flood.told()).isEqualTo(2 * SENT);
            });
            Got flood = Got.of("flood", reader.delivered(1));
            assertThat(flood.lines()).isGreaterThanOrEqualTo(100);
            assertThat(doppler.metric("ingress_limited_total", "by=\"source_id\""))
                    .isEqualTo(flood.told() + 10);
            assertThat(doppler.metric("ingress_total"))
                    .isEqualTo(reader.delivered(1).size());
        }
    }

    @Test
    void aFileThatChangesHoldsWithoutARestart() throws IOException {
        Path file = limits("source_id.app: 0\n");
        try (RunningDoppler doppler = RunningDoppler.plain(
                        "RATE_LIMITS_FILE", file.toString(), "RATE_LIMITS_RELOAD_INTERVAL", "20ms");
                Emitter emitter = Emitter.plain(doppler);
                LinkClient reader = LinkClient.open(doppler)) {
            reader.join(1, "firehose");
            emitter.emit(Envelopes.logs("app", 0, 10));
            assertThat(doppler.metric("ingress_limited_total")).isEqualTo(10);

            limits("source_id.app: 1000000\n");
            eventually(() -> assertThat(doppler.metric("rate_limit_reloads_total", "outcome=\"ok\""))
                    .isEqualTo(1));
            emitter.emit(Envelopes.logs("app", 10, 20));

            eventually(() -> assertThat(reader.delivered(1)).hasSize(11));
            assertThat(reader.delivered(1).get(0).getTagsMap()).containsEntry("loss_count", "10");
            assertThat(Envelopes.numbers(reader.delivered(1).subList(1, 11))).isEqualTo(Envelopes.numbers(10, 20));
        }
    }

    @Test
    void aDopplerWhoseLimitsCannotBeUsedDoesNotStart() throws IOException {
        Path file = limits("source_id: some\nspace_id.x: -3\n");
        assertThatThrownBy(() -> RunningDoppler.settings(
                        Map.of("LOGGREGATOR_INSECURE", "true", "RATE_LIMITS_FILE", file.toString())))
                .isInstanceOf(InvalidSettings.class)
                .hasMessageContaining("RATE_LIMITS_FILE")
                .hasMessageContaining("source_id: \"some\"")
                .hasMessageContaining("space_id.x");
    }
}
