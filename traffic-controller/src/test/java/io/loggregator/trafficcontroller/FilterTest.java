package io.loggregator.trafficcontroller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.loggregator.trafficcontroller.StreamClient.Library;
import io.loggregator.trafficcontroller.link.FakeDoppler;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.cloudfoundry.dropsonde.events.EventFactory;
import org.cloudfoundry.dropsonde.events.LogFactory.LogMessage;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Filters in the query of a v1 stream: what passes, what is counted, and who is told of it. Time is the test's. */
class FilterTest extends ControllerFixture {
    private static final String FIREHOSE = "/firehose/a?";
    private static final String APP_STREAM = "/apps/app/stream?";

    private static final int BATCH = 125;
    /** More than fits into sockets, in batches of half a megabyte. */
    private static final int BATCHES = 32;
    /** Of {@link Envelopes#largeLogs} it leaves all whose number does not end in 7. */
    private static final String NOT_OF_7 = "grep=%5B%5E7%5D-x";

    private final TestClock clock = new TestClock();
    private int streams;
    private long batches;

    @BeforeEach
    void start() throws Exception {
        doppler = FakeDoppler.start(vertx, "first run");
        controller = started(Map.of());
    }

    private void restart(Map<String, String> settings) throws Exception {
        controller.close();
        controller = started(settings);
    }

    private Controller started(Map<String, String> settings) throws Exception {
        return Controller.start(vertx, clock, settings, doppler);
    }

    // ---- what passes -------------------------------------------------------------------------------------------

    @ParameterizedTest
    @EnumSource(Filtered.class)
    void onlyWhatPassesComesAndTheRestIsCounted(Filtered filter) {
        StreamClient firehose = connect(FIREHOSE + filter.query());
        StreamClient appStream = connect(APP_STREAM + filter.query());
        send(Filtered.envelopes("app"));
        int passing = filter.texts().size();
        assertThat(Envelopes.texts(firehose.received(passing))).isEqualTo(filter.texts());
        assertThat(Envelopes.texts(appStream.received(passing))).isEqualTo(filter.texts());
        assertThat(controller.metric("held_back_total")).isEqualTo(2L * filter.heldBack());
        assertThat(controller.metric("egress_total{endpoint=\"firehose\"}")).isEqualTo(passing);
        assertThat(controller.metric("egress_total{endpoint=\"stream\"}")).isEqualTo(passing);
    }

    @Test
    void clientsThatShareABatchAreFilteredEachByItsOwn() {
        Map<Filtered, StreamClient> firehoses = new EnumMap<>(Filtered.class);
        Map<Filtered, StreamClient> appStreams = new EnumMap<>(Filtered.class);
        for (Filtered filter : Filtered.values()) {
            firehoses.put(filter, connect("/firehose/" + filter + "?" + filter.query()));
            appStreams.put(filter, connect(APP_STREAM + filter.query()));
        }
        StreamClient everything = connect("/firehose/everything");
        List<Envelope> all = Filtered.envelopes("app");
        send(all);
        for (Filtered filter : Filtered.values()) {
            int passing = filter.texts().size();
            assertThat(Envelopes.texts(firehoses.get(filter).received(passing))).isEqualTo(filter.texts());
            assertThat(Envelopes.texts(appStreams.get(filter).received(passing)))
                    .isEqualTo(filter.texts());
        }
        everything.received(all.size());
    }

    @Test
    void onlyWhatAClientWouldHaveGotWithoutItsFilterCountsAsHeldBack() {
        StreamClient logs = connect(FIREHOSE + "filter-type=logs&instance=1");
        StreamClient appStream = connect(APP_STREAM + "instance=1");
        List<Envelope> batch = new ArrayList<>(Filtered.envelopes("other"));
        batch.addAll(Filtered.envelopes("app"));
        send(batch);
        assertThat(Envelopes.texts(logs.received(2))).containsExactly("another panic", "another panic");
        assertThat(Envelopes.texts(appStream.received(2))).containsExactly("another panic", "ContainerMetric");
        assertThat(controller.metric("held_back_total"))
                .as("four lines, and of the app two lines and a metric")
                .isEqualTo(4 + 3);
    }

    @Test
    void aDeliveryOfWhichAFirehoseGetsNothingIsConfirmedAllTheSame() {
        connect(FIREHOSE + "grep=panic");
        send(Envelopes.logs("app", "calm", 0, 3));
        await().until(() -> doppler.confirmed(doppler.member("a"), 0) == 1);
    }

    // ---- who is told -------------------------------------------------------------------------------------------

    @Test
    void whoAsksIsToldEveryTenSecondsHowManyWereHeldBackIfAnyWere() {
        StreamClient firehose = connect(FIREHOSE + "grep=b-&report=held-back");
        StreamClient appStream = connect(APP_STREAM + "grep=b-&report=held-back");
        List<StreamClient> told = List.of(firehose, appStream);
        List<StreamClient> others =
                List.of(connect("/firehose/b?grep=b-"), connect(APP_STREAM + "grep=b-&report=something"));

        send(List.of(Envelopes.log("app", "a-0"), Envelopes.log("app", "b-0"), Envelopes.log("app", "a-1")));
        clock.advance(Duration.ofMillis(9_999), 4);
        send(Envelopes.logs("app", "b", 1, 2));
        assertReceived(told, "b-0", "b-1");
        clock.advance(Duration.ofMillis(1));
        assertReceived(told, "b-0", "b-1", "The filter held back 2 envelopes.");
        assertIsOfLoggregator(firehose.received().get(2), "system");
        assertIsOfLoggregator(appStream.received().get(2), "app");

        // Nothing was held back since.
        clock.advance(Duration.ofSeconds(10), 4);
        send(Envelopes.logs("app", "b", 2, 3));
        assertLast(told, 4, "b-2");
        // Ten seconds are over already; from here on they count again.
        send(Envelopes.logs("app", "a", 2, 3));
        assertLast(told, 5, "The filter held back 1 envelopes.");
        send(Envelopes.logs("app", "a", 3, 6));
        clock.advance(Duration.ofSeconds(9), 4);
        send(Envelopes.logs("app", "b", 3, 4));
        assertLast(told, 6, "b-3");
        clock.advance(Duration.ofSeconds(1));
        assertLast(told, 7, "The filter held back 3 envelopes.");

        assertReceived(others, "b-0", "b-1", "b-2", "b-3");
        assertThat(controller.metric("held_back_total"))
                .as("told of or not, by each of the four")
                .isEqualTo(4 * 6);
        assertThat(controller.metric("loss_notices_total")).isZero();
    }

    private static void assertReceived(List<StreamClient> clients, String... texts) {
        for (StreamClient client : clients) {
            assertThat(Envelopes.texts(client.received(texts.length))).containsExactly(texts);
        }
    }

    private static void assertLast(List<StreamClient> clients, int count, String text) {
        for (StreamClient client : clients) {
            assertThat(Envelopes.texts(client.received(count))).last().isEqualTo(text);
        }
    }

    private static void assertIsOfLoggregator(EventFactory.Envelope envelope, String app) {
        LogMessage line = envelope.getLogMessage();
        assertThat(envelope.getOrigin()).isEqualTo("DopplerServer");
        assertThat(line.getSourceType()).isEqualTo("LGR");
        assertThat(line.getMessageType()).isEqualTo(LogMessage.MessageType.OUT);
        assertThat(line.getAppId()).isEqualTo(app);
        assertThat(Duration.ofNanos(line.getTimestamp()).toSeconds())
                .isCloseTo(System.currentTimeMillis() / 1_000, Offset.offset(60L));
    }

    // ---- behind ------------------------------------------------------------------------------------------------

    @Test
    void anAppStreamThatCatchesUpIsFilteredTheSameAndNothingCountsTwice() throws Exception {
        restart(Map.of("SLOW_CONSUMER_TIMEOUT", "1h"));
        try (BareWebSocket client = behind()) {
            List<Integer> passing = passing();
            assertThat(controller.metric("egress_total{endpoint=\"stream\"}"))
                    .as("it is behind")
                    .isLessThan(passing.size());
            clock.advance(Duration.ofSeconds(10), 2);
            List<EventFactory.Envelope> got = client.readEnvelopes(passing.size() + 1);
            assertThat(Envelopes.numbers(got)).isEqualTo(passing);
            int heldBack = BATCHES * BATCH - passing.size();
            assertThat(Envelopes.texts(got).get(passing.size()))
                    .as("told once it is not behind any more")
                    .isEqualTo("The filter held back " + heldBack + " envelopes.");
            // At the head again.
            doppler.tails(BATCHES + 1, Envelopes.largeLogs("app", 7, 9));
            assertThat(Envelopes.numbers(client.readEnvelopes(1))).containsExactly(8);
            assertThat(controller.metric("held_back_total")).isEqualTo(heldBack + 1);
        }
    }

    @Test
    void whatAFilterHoldsBackIsNotLostToAnAppStreamThatIsLapped() throws Exception {
        restart(Map.of("SLOW_CONSUMER_TIMEOUT", "1h", "LOG_BYTES", "4MiB"));
        try (BareWebSocket client = behind()) {
            List<Integer> passing = passing();
            List<EventFactory.Envelope> got = new ArrayList<>();
            while (Envelopes.numbers(got).size() + Envelopes.announced(got) < passing.size()) {
                got.addAll(client.readEnvelopes(1));
            }
            long lost = Envelopes.announced(got);
            assertThat(lost).isPositive();
            assertThat(Envelopes.numbers(got))
                    .isSubsetOf(passing)
                    .isSorted()
                    .doesNotHaveDuplicates()
                    .hasSize((int) (passing.size() - lost));
            assertThat(controller.dropped("lapped") + controller.dropped("thinned"))
                    .isEqualTo(lost);
            // All of the log has been read by then.
            doppler.tails(BATCHES + 1, Envelopes.largeLogs("app", 8, 9));
            assertThat(Envelopes.numbers(client.readEnvelopes(1))).containsExactly(8);
            assertThat(controller.metric("held_back_total")).isEqualTo(BATCHES * BATCH - passing.size());
        }
    }

    /** An app stream that reads nothing yet of all that has come for it. */
    private BareWebSocket behind() throws IOException {
        BareWebSocket client =
                BareWebSocket.connectNarrow(controller.port(), APP_STREAM + NOT_OF_7 + "&report=held-back");
        await().until(() -> FakeDoppler.followed(doppler.linked()).contains("app"));
        for (int i = 0; i < BATCHES; i++) {
            doppler.tails(i + 1, Envelopes.largeLogs("app", i * BATCH, (i + 1) * BATCH));
        }
        // Comes behind the batches, so all of them have.
        StreamClient last = Library.VERTX.connect(vertx, controller.port(), "/firehose/last");
        doppler.deliver(doppler.member("last"), 1, Envelopes.logs("app", "last", 0, 1));
        last.received(1);
        return client;
    }

    /** The numbers of all lines that {@link #behind} lets through. */
    private static List<Integer> passing() {
        return IntStream.range(0, BATCHES * BATCH)
                .filter(number -> number % 10 != 7)
                .boxed()
                .toList();
    }

    // ------------------------------------------------------------------------------------------------------------

    /** Returns when what is sent from now on reaches the client. */
    private StreamClient connect(String path) {
        StreamClient client = Library.VERTX.connect(vertx, controller.port(), path);
        streams++;
        await().until(() ->
                FakeDoppler.joins(doppler.linked()).size() + controller.metric("doppler_proxy_app_streams") == streams);
        return client;
    }

    private void send(List<Envelope> envelopes) {
        batches++;
        doppler.toAll(batches, envelopes);
    }
}
