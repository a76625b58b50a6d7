package io.loggregator.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.loggregator.node.process.ExitCodes;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code loggregator ledger}, against ports whose answers the tests decide. */
class LedgerCommandTest {
    private static JsonObject subscription(String id, long accepted, long delivered, long lapped) {
        return new JsonObject()
                .put("protocol", "v1")
                .put("subscription", id)
                .put("selection", "ALL")
                .put("refinement", "")
                .put("alone", false)
                .put("clients", 2)
                .put("accepted", accepted)
                .put("delivered", delivered)
                .put("dropped", new JsonObject().put("lapped", lapped).put("stopped", 0))
                .put("unconfirmed", 10)
                .put("pending", accepted - delivered - lapped - 10)
                .put("behindBytes", 3 << 20)
                .put("behindSeconds", 4.5)
                .put("lastLoss", lastLoss("lapped", 30));
    }

    private static JsonObject lastLoss(String reason, long count) {
        return new JsonObject()
                .put("reason", reason)
                .put("count", count)
                .put("from", "2026-01-02T03:04:00Z")
                .put("to", "2026-01-02T03:04:05Z");
    }

    private static String doppler(JsonObject... subscriptions) {
        return new JsonObject()
                .put("server", "doppler")
                .put("time", "2026-01-02T03:05:00Z")
                .put("lanes", 1)
                .put("leftOut", 0)
                .put("subscriptions", new JsonArray(List.of((Object[]) subscriptions)))
                .encode();
    }

    private static String trafficController(JsonObject... clients) {
        return new JsonObject()
                .put("server", "traffic-controller")
                .put("time", "2026-01-02T03:05:00Z")
                .put("leftOut", 3)
                .put("clients", new JsonArray(List.of((Object[]) clients)))
                .encode();
    }

    @Test
    void theSameSubscriptionOfSeveralDopplersIsOneRow() throws IOException {
        try (DiagnosticsDouble one = DiagnosticsDouble.start()
                        .answering("/ledger", 200, doppler(subscription("nozzle", 1_000, 900, 40)));
                DiagnosticsDouble two = DiagnosticsDouble.start()
                        .answering(
                                "/ledger",
                                200,
                                doppler(subscription("nozzle", 2_000, 1_500, 60), subscription("b", 100, 90, 0)))) {
            CommandRun run = CommandRun.of("ledger", one.address(), two.address());

            assertThat(run.status()).as(run.err()).isZero();
            assertThat(run.err()).isEmpty();
            assertThat(run.out().lines().toList())
                    .hasSize(4)
                    .first()
                    .satisfies(title ->
                            assertThat(title).isEqualTo("2 Dopplers: " + one.address() + ", " + two.address()));
            assertThat(run.out().lines().skip(1).map(line -> line.replaceAll(" {2,}", "|")))
                    .containsExactly(
                            "READER|CLIENTS|BEHIND|BYTES|ACCEPTED|DELIVERED|PENDING|UNCERTAIN|LOST|WHY, AND WHEN LAST",
                            "v1 nozzle ALL|2|4.5 s|6.0 MiB|3,000|2,400|480|20|100|lapped 100; 30 lapped 55.0 s ago",
                            "v1 b ALL|2|4.5 s|3.0 MiB|100|90|0|10|0|30 lapped 55.0 s ago");
        }
    }

    @Test
    void aLedgerThatDoesNotAddUpIsAFailure() throws IOException {
        JsonObject wrong = subscription("nozzle", 1_000, 900, 40).put("pending", 49);
        try (DiagnosticsDouble doppler = DiagnosticsDouble.start().answering("/ledger", 200, doppler(wrong))) {
            CommandRun run = CommandRun.of("ledger", doppler.address());

            assertThat(run.status()).isEqualTo(ExitCodes.FAILED);
            assertThat(run.out()).contains("v1 nozzle ALL");
            assertThat(run.err())
                    .isEqualTo("loggregator: " + doppler.address() + ": v1 nozzle ALL does not add up:"
                            + " 1,000 accepted, but 999 delivered, lost, uncertain and pending\n");
        }
    }

    @Test
    void clientsOfATrafficControllerAreShown() throws IOException {
        String ledger = trafficController(
                new JsonObject()
                        .put("endpoint", "firehose")
                        .put("subscription", "noz\u001b[2Jzle")
                        .put("app", "")
                        .put("selection", "LOGS")
                        .put("remote", "10.0.0.1:4711")
                        .put("connected", "2026-01-02T03:00:00Z")
                        .put("delivered", 1_234)
                        .put("lost", 5)
                        .put("unnumberedLosses", 2)
                        .put("lastLoss", lastLoss("doppler_lost", 0))
                        .put("lastLagNotice", "2026-01-02T03:04:55Z")
                        .put("waitingBytes", 2_048),
                new JsonObject()
                        .put("endpoint", "stream")
                        .put("subscription", "")
                        .put("app", "app-1")
                        .put("selection", "")
                        .put("remote", "10.0.0.2:4711")
                        .put("connected", "2026-01-02T03:04:50Z")
                        .put("delivered", 7)
                        .put("lost", 0)
                        .put("unnumberedLosses", 0)
                        .put("waitingBytes", 0),
                new JsonObject()
                        .put("endpoint", "stream")
                        .put("subscription", "")
                        .put("app", "app-2")
                        .put("selection", "")
                        .put("remote", "10.0.0.2:4712")
                        .put("connected", "2026-01-02T03:04:50Z")
                        .put("delivered", 7)
                        .put("lost", 1_030)
                        .put("unnumberedLosses", 0)
                        .put("lastLoss", lastLoss("lapped", 30))
                        .put("waitingBytes", 0));
        try (DiagnosticsDouble controller = DiagnosticsDouble.start().answering("/ledger", 200, ledger)) {
            CommandRun run = CommandRun.of("ledger", controller.address());

            assertThat(run.status()).as(run.err()).isZero();
            assertThat(run.out().lines().map(line -> line.replaceAll(" {2,}", "|")))
                    .containsExactly(
                            "Traffic Controller " + controller.address(),
                            "CLIENT|FROM|CONNECTED|DELIVERED|TOLD LOST|WAITING|TOLD IT LAGS|LAST LOSS",
                            "firehose noz?[2Jzle LOGS|10.0.0.1:4711|5 min|1,234|5|2.0 KiB|5.0 s ago|doppler_lost 55.0 s ago; 2 without a number",
                            "stream app-1|10.0.0.2:4711|10.0 s|7|0|0 B|-",
                            "stream app-2|10.0.0.2:4712|10.0 s|7|1,030|0 B|-|30 lapped 55.0 s ago",
                            "... and 3 more");
        }
    }

    @Test
    void jsonIsWhatEachServerSaysOnALineOfItsOwn() throws IOException {
        try (DiagnosticsDouble one = DiagnosticsDouble.start().answering("/ledger", 200, doppler());
                DiagnosticsDouble two = DiagnosticsDouble.start().answering("/ledger", 200, trafficController())) {
            CommandRun run = CommandRun.of("ledger", "--json", one.address(), two.address());

            assertThat(run.status()).as(run.err()).isZero();
            assertThat(run.out().lines().map(JsonObject::new))
                    .containsExactly(
                            new JsonObject(doppler()).put("address", one.address()),
                            new JsonObject(trafficController()).put("address", two.address()));
        }
    }

    @Test
    void itIsShownAgainAndAgainIfAskedFor() throws IOException {
        try (DiagnosticsDouble doppler = DiagnosticsDouble.start().answering("/ledger", 200, doppler())) {
            AtTheThirdWriteClosed reader = new AtTheThirdWriteClosed();
            CommandRun run = CommandRun.writingTo(reader, "ledger", "--watch", "0.5", doppler.address());

            assertThat(run.status()).isEqualTo(ExitCodes.OUTPUT_CLOSED);
            assertThat(doppler.asked()).hasSize(3);
        }
    }

    /** A reader that has seen enough. */
    private static final class AtTheThirdWriteClosed extends OutputStream {
        private int writes;

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            if (++writes == 3) {
                throw new IOException("Broken pipe");
            }
        }
    }

    @Test
    void aPortWhereNobodyListensIsNamedWithWhatToDo() throws IOException {
        DiagnosticsDouble gone = DiagnosticsDouble.start();
        gone.close();

        CommandRun run = CommandRun.of("ledger", gone.address());

        assertThat(run.status()).isEqualTo(ExitCodes.UNAVAILABLE);
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .startsWith("loggregator: " + gone.address() + " does not answer: connection refused. Is the server")
                .contains("pprof bound to");
    }

    @Test
    void thatOneOfSeveralDoesNotAnswerIsSaidAndTheOthersAreShown() throws IOException {
        DiagnosticsDouble gone = DiagnosticsDouble.start();
        gone.close();
        try (DiagnosticsDouble doppler =
                DiagnosticsDouble.start().answering("/ledger", 200, doppler(subscription("nozzle", 1_000, 900, 40)))) {
            CommandRun run = CommandRun.of("ledger", doppler.address(), gone.address());

            assertThat(run.status()).isEqualTo(ExitCodes.UNAVAILABLE);
            assertThat(run.out()).contains("v1 nozzle ALL");
            assertThat(run.err()).contains(gone.address() + " does not answer");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "404, not found, 'has no /ledger'",
        "503, no answer within 3 s, 'answered 503: no answer within 3 s'",
        "200, ok, 'answered something else than JSON'",
        "200, [1], 'answered something else than JSON'"
    })
    void anAnswerOfNoUseIsExplained(int status, String body, String explanation) throws IOException {
        try (DiagnosticsDouble other = DiagnosticsDouble.start().answering("/ledger", status, body)) {
            CommandRun run = CommandRun.of("ledger", other.address());

            assertThat(run.status()).isEqualTo(ExitCodes.REFUSED);
            assertThat(run.err()).contains(other.address() + " " + explanation);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "--watch 0.1, --watch must be from 0.5 to 3600 seconds",
        "--watch x, --watch",
        "--watch 1 --once, --once and --watch exclude each other",
        "--limit 0, --limit must be from 1 to 5000",
        "127.0.0.1:99999, its port must be a number from 1 to 65535",
        "https://127.0.0.1:14825, diagnostics ports speak HTTP without TLS",
        "127.0.0.1:14825/ledger, must be HOST:PORT"
    })
    void aWrongCommandLineIsExplained(String args, String explanation) {
        CommandRun run = CommandRun.of(("ledger " + args).split(" "));
        assertThat(run.status()).isEqualTo(ExitCodes.USAGE);
        assertThat(run.err()).contains(explanation);
    }

    @Test
    void aStoppedServerIsWaitedForWhileWatching() throws IOException {
        try (DiagnosticsDouble stays = DiagnosticsDouble.start().answering("/ledger", 200, doppler())) {
            DiagnosticsDouble goes = DiagnosticsDouble.start().answering("/ledger", 200, doppler());
            CommandRun run = CommandRun.of("ledger", "--watch", "0.5", stays.address(), goes.address());
            await().until(() -> run.out().contains(goes.address()));
            goes.close();

            await().until(() -> run.err().contains(goes.address() + " does not answer"));
            assertThat(run.running()).isTrue();
        }
    }
}
