package io.loggregator.doppler;

import static io.loggregator.doppler.RunningDoppler.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.link.v1.Join;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code GET /sources} of the diagnostics port. */
class SourcesReportTest {
    private static final Offset<Double> NEARLY = Offset.offset(0.01);

    private RunningDoppler doppler;
    private Emitter emitter;

    @BeforeEach
    void start() {
        doppler = RunningDoppler.plain(2);
        emitter = Emitter.plain(doppler);
    }

    @AfterEach
    void stop() {
        emitter.close();
        doppler.close();
    }

    private JsonObject sources(String query) {
        HttpResponse<String> response = doppler.ask("/sources" + query);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return new JsonObject(response.body());
    }

    private static List<JsonObject> list(JsonObject answer) {
        return answer.getJsonArray("sources").stream()
                .map(JsonObject.class::cast)
                .toList();
    }

    private static List<String> names(JsonObject answer) {
        return list(answer).stream().map(source -> source.getString("source")).toList();
    }

    @Test
    void aDopplerThatTookNothingHasNoLoudSources() {
        JsonObject answer = sources("");
        assertThat(answer.getString("server")).isEqualTo("doppler");
        assertThat(answer.getInteger("lanes")).isEqualTo(2);
        assertThat(answer.getDouble("bytesPerSecond")).isZero();
        assertThat(list(answer)).isEmpty();
        assertThat(answer.getDouble("coveredSeconds")).isPositive().isLessThanOrEqualTo(10);
    }

    @Test
    void theLoudestIsFirstBytheMeasureThatIsAskedFor() {
        List<Envelope> envelopes = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            envelopes.add(Envelopes.log("chatty", i));
            envelopes.add(Envelopes.counter("counting", i));
            envelopes.add(Envelopes.counter("counting", i));
        }
        for (int i = 0; i < 10; i++) {
            envelopes.add(Envelopes.log("fat", i, 10_000));
        }
        emitter.emit(envelopes);

        assertThat(names(sources(""))).containsExactly("fat", "counting", "chatty");
        assertThat(names(sources("?by=lines"))).containsExactly("chatty", "fat", "counting");
        JsonObject byEnvelopes = sources("?by=envelopes");
        assertThat(names(byEnvelopes)).containsExactly("counting", "chatty", "fat");
        assertThat(list(byEnvelopes).get(0).getDouble("share")).isCloseTo(200 / 310.0, NEARLY);
        assertThat(list(byEnvelopes).get(0).getDouble("linesPerSecond")).isZero();
        assertThat(list(byEnvelopes).get(1).getDouble("linesPerSecond"))
                .isEqualTo(list(byEnvelopes).get(1).getDouble("envelopesPerSecond"));
        double all = list(byEnvelopes).stream()
                .mapToDouble(source -> source.getDouble("bytesPerSecond"))
                .sum();
        assertThat(all).isCloseTo(byEnvelopes.getDouble("bytesPerSecond"), Offset.offset(1.0));
    }

    @Test
    void ratesAreThoseOfTheTimeThatIsCovered() {
        emitter.emit(
                IntStream.range(0, 1_000).mapToObj(i -> Envelopes.log("app", i)).toList());

        JsonObject answer = sources("");
        // The Doppler has not run for much longer than that.
        assertThat(answer.getDouble("coveredSeconds")).isLessThan(10.0);
        assertThat(list(answer).get(0).getDouble("linesPerSecond") * answer.getDouble("coveredSeconds"))
                .isCloseTo(1_000, Offset.offset(1.0));
    }

    @Test
    void moreThanTheLogIsWalkedThroughOfALargeOneInSlices() {
        int sent = 12 * 1_024;
        emitter.emit(logs("app", sent));

        eventually(() -> assertThat(doppler.metric("ingress_total")).isEqualTo(sent));
        JsonObject answer = sources("");
        // All came over one connection, so to one lane; of that 4 MiB were counted.
        assertThat(answer.getDouble("bytesPerSecond") * answer.getDouble("coveredSeconds"))
                .isLessThanOrEqualTo(4.0 * 1024 * 1024 + 200_000)
                .isGreaterThan(3.0 * 1024 * 1024);
    }

    @Test
    void sourcesBeyondTheLimitAreLeftOutAndBeyondTheTableCountedTogether() {
        emitter.emit(IntStream.range(0, 12_000)
                .mapToObj(i -> Envelopes.log("source-" + i, i))
                .toList());

        eventually(() -> assertThat(doppler.metric("ingress_total")).isEqualTo(12_000));
        JsonObject answer = sources("?limit=10");
        assertThat(list(answer)).hasSize(10);
        assertThat(answer.getInteger("leftOut")).isEqualTo(10_000 - 10);
        assertThat(answer.getJsonObject("others").getDouble("linesPerSecond"))
                .isCloseTo(answer.getDouble("linesPerSecond") / 6, Offset.offset(1.0));
    }

    @Test
    void aSourceThatTheLogGaveUpIsToldEvenIfNothingOfItIsAmongTheNewest() {
        try (RunningDoppler small = RunningDoppler.plain(1, "LOG_BYTES", "12MiB");
                LinkClient link = LinkClient.open(small);
                Emitter emitter = Emitter.plain(small)) {
            link.join(
                    Join.newBuilder()
                            .setMember(1)
                            .setProtocol("v2")
                            .setSubscription("stuck")
                            .setWindowBytes(0),
                    false);
            link.settle();
            emitter.emit(logs("loud", 6 << 10));
            for (int i = 0; i < 10; i++) {
                emitter.emit(logs("quiet-" + i, 1 << 10));
            }
            eventually(() -> assertThat(small.metric("ingress_total")).isEqualTo(16 << 10));

            JsonObject answer = new JsonObject(small.ask("/sources").body());

            assertThat(list(answer))
                    .filteredOn(source -> source.getString("source").equals("loud"))
                    .singleElement()
                    .satisfies(loud -> {
                        assertThat(loud.getLong("thinned")).isPositive();
                        assertThat(loud.getDouble("bytesPerSecond")).isZero();
                        assertThat(loud.getDouble("share")).isZero();
                    });
        }
    }

    /** Of a KiB each. */
    private static List<Envelope> logs(String source, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Envelopes.log(source, i, 1_024))
                .toList();
    }

    @Test
    void manyWhoAskAtOnceAreAllAnswered() {
        emitter.emit(logs("app", 4_000));
        doppler.ask("/sources");

        List<CompletableFuture<List<String>>> answers = IntStream.range(0, 16)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> names(sources(""))))
                .toList();

        assertThat(answers).allSatisfy(answer -> assertThat(answer.join()).containsExactly("app"));
    }

    @ParameterizedTest
    @CsvSource({
        "limit=0, limit must be a whole number from 1 to 5000",
        "limit=5001, limit must be a whole number from 1 to 5000",
        "by=colour, 'by must be one of bytes, lines, envelopes'"
    })
    void whatIsNotUnderstoodIsRefused(String query, String explanation) {
        HttpResponse<String> response = doppler.ask("/sources?" + query);
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).isEqualTo(explanation + "\n");
    }
}
