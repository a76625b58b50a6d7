package io.loggregator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.node.process.ExitCodes;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code loggregator top}, against ports whose answers the tests decide. */
class TopCommandTest {
    private static JsonObject rates(double envelopes, double lines, double bytes) {
        return new JsonObject()
                .put("envelopesPerSecond", envelopes)
                .put("linesPerSecond", lines)
                .put("bytesPerSecond", bytes);
    }

    private static String doppler(double seconds, JsonObject total, JsonObject... sources) {
        return total.put("server", "doppler")
                .put("coveredSeconds", seconds)
                .put("sources", new JsonArray(List.of((Object[]) sources)))
                .encode();
    }

    @Test
    void theSameSourceAtSeveralDopplersIsOneRow() throws IOException {
        try (DiagnosticsDouble one = DiagnosticsDouble.start()
                        .answering(
                                "/sources",
                                200,
                                doppler(
                                        10,
                                        rates(1_500, 900, 4_096),
                                        rates(1_000, 800, 3_072)
                                                .put("source", "app-1")
                                                .put("thinned", 1_200)
                                                .put("limited", 30),
                                        rates(500, 100, 1_024).put("source", "a\nb")));
                DiagnosticsDouble two = DiagnosticsDouble.start()
                        .answering(
                                "/sources",
                                200,
                                doppler(
                                        2.5,
                                        rates(0.25, 0, 4_096),
                                        rates(0.25, 0, 4_096).put("source", "app-1")))) {
            CommandRun run = CommandRun.of("top", one.address(), two.address());

            assertThat(run.status()).as(run.err()).isZero();
            assertThat(run.out().lines().map(line -> line.replaceAll(" {2,}", "|")))
                    .containsExactly(
                            "1,500 envelopes, 900 lines, 8.0 KiB a second at 2 Dopplers, in the last 2.5 s",
                            "SOURCE|ENVELOPES/S|LINES/S|BYTES/S|SHARE|THINNED|LIMITED",
                            "app-1|1,000|800|7.0 KiB|87.5%|1,200|30",
                            "a?b|500|100|1.0 KiB|12.5%|0|0");
        }
    }

    @Test
    void theMeasureAndTheNumberOfRowsAreAskedFor() throws IOException {
        String answer = doppler(
                10,
                rates(30, 10, 300),
                rates(10, 10, 100).put("source", "lines"),
                rates(20, 0, 200).put("source", "bytes"));
        try (DiagnosticsDouble doppler = DiagnosticsDouble.start().answering("/sources", 200, answer)) {
            CommandRun run = CommandRun.of("top", doppler.address(), "--by", "lines", "--limit", "1");

            assertThat(run.status()).as(run.err()).isZero();
            assertThat(doppler.asked()).containsExactly("/sources?by=lines&limit=500");
            assertThat(run.out().lines().skip(2))
                    .singleElement()
                    .satisfies(row -> assertThat(row).startsWith("lines ").endsWith(" 100.0%        0        0"));
        }
    }

    @Test
    void jsonIsWhatTheDopplerSays() throws IOException {
        String answer = doppler(10, rates(30, 10, 300));
        try (DiagnosticsDouble doppler = DiagnosticsDouble.start().answering("/sources", 200, answer)) {
            CommandRun run = CommandRun.of("top", "--json", "--limit", "7", doppler.address());

            assertThat(run.status()).as(run.err()).isZero();
            assertThat(new JsonObject(run.out())).isEqualTo(new JsonObject(answer).put("address", doppler.address()));
            assertThat(doppler.asked()).containsExactly("/sources?by=bytes&limit=7");
        }
    }

    @Test
    void aTrafficControllerHasNoSources() throws IOException {
        try (DiagnosticsDouble controller = DiagnosticsDouble.start()) {
            CommandRun run = CommandRun.of("top", controller.address());

            assertThat(run.status()).isEqualTo(ExitCodes.REFUSED);
            assertThat(run.err()).contains(controller.address() + " has no /sources: it is another port, another kind");
        }
    }

    @Test
    void aMeasureThatThereIsNotIsExplained() {
        CommandRun run = CommandRun.of("top", "--by", "colour");
        assertThat(run.status()).isEqualTo(ExitCodes.USAGE);
        assertThat(run.err()).contains("--by");
    }
}
