package io.loggregator.doppler;

import static io.loggregator.doppler.RunningDoppler.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.link.v1.Filter;
import io.loggregator.link.v1.Hello;
import io.loggregator.link.v1.Join;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code GET /ledger} of the diagnostics port. */
class LedgerReportTest {
    private static final int LANES = 2;
    private static final int PADDING = 1_024;
    private static final int LOG_MIB = 2;

    private RunningDoppler doppler;
    private Emitter emitter;
    private LinkClient link;

    @BeforeEach
    void start() {
        doppler = RunningDoppler.plain(
                LANES,
                "LOG_BYTES",
                LANES * LOG_MIB + "MiB",
                "DOPPLER_LINK_BUFFER",
                "16MiB",
                "LINK_PING_INTERVAL",
                "1m");
        emitter = Emitter.plain(doppler);
        link = LinkClient.open(doppler);
    }

    @AfterEach
    void stop() {
        link.close();
        emitter.close();
        doppler.close();
    }

    private JsonObject ledger() {
        HttpResponse<String> response = doppler.ask("/ledger");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return new JsonObject(response.body());
    }

    private List<JsonObject> subscriptions() {
        return ledger().getJsonArray("subscriptions").stream()
                .map(JsonObject.class::cast)
                .toList();
    }

    private JsonObject subscription(String id) {
        return subscriptions().stream()
                .filter(each -> each.getString("subscription").equals(id))
                .findFirst()
                .orElseThrow();
    }

    private void emit(int count) {
        emitter.emit(IntStream.range(0, count)
                .mapToObj(i -> Envelopes.log("app", i, PADDING))
                .toList());
    }

    /** What was accepted is what was delivered, dropped, uncertain or on its way. */
    private static void addsUp(JsonObject subscription) {
        long dropped = subscription.getJsonObject("dropped").stream()
                .mapToLong(drop -> ((Number) drop.getValue()).longValue())
                .sum();
        assertThat(subscription.getLong("delivered")
                        + dropped
                        + subscription.getLong("unconfirmed")
                        + subscription.getLong("pending"))
                .as(subscription.encode())
                .isEqualTo(subscription.getLong("accepted"));
    }

    @Test
    void aDopplerWithoutReadersHasAnEmptyLedger() {
        JsonObject ledger = ledger();
        assertThat(ledger.getString("server")).isEqualTo("doppler");
        assertThat(ledger.getInteger("lanes")).isEqualTo(LANES);
        assertThat(ledger.getInteger("leftOut")).isZero();
        assertThat(ledger.getJsonArray("subscriptions")).isEmpty();
        assertThat(Instant.parse(ledger.getString("time")))
                .isBefore(Instant.now().plusSeconds(1));
    }

    @Test
    void whatWasConfirmedAndWhatIsOnItsWayIsTold() {
        link.join(1, "nozzle");
        link.join(2, "nozzle");
        link.join(3, "lazy", Filter.LOGS, false);
        emit(10);

        eventually(() -> assertThat(subscription("nozzle").getLong("delivered")).isEqualTo(10));
        JsonObject nozzle = subscription("nozzle");
        assertThat(nozzle.getString("protocol")).isEqualTo("v1");
        assertThat(nozzle.getString("selection")).isEqualTo("ALL");
        assertThat(nozzle.getBoolean("alone")).isFalse();
        assertThat(nozzle.getLong("clients")).isEqualTo(2);
        assertThat(nozzle.getLong("accepted")).isEqualTo(10);
        assertThat(nozzle.getLong("pending")).isZero();
        assertThat(nozzle.getLong("behindBytes")).isZero();
        assertThat(nozzle.getDouble("behindSeconds")).isZero();
        assertThat(nozzle.containsKey("lastLoss")).isFalse();
        JsonObject lazy = subscription("lazy");
        assertThat(lazy.getString("selection")).isEqualTo("LOGS");
        assertThat(lazy.getLong("clients")).isEqualTo(1);
        assertThat(lazy.getLong("pending")).isEqualTo(10);
        subscriptions().forEach(LedgerReportTest::addsUp);
    }

    @Test
    void aReaderThatTakesNothingIsBehindAndLosesWhatTheLogHasNoRoomFor() {
        link.join(
                Join.newBuilder()
                        .setMember(1)
                        .setProtocol("v1")
                        .setSubscription("slow")
                        .setWindowBytes(0),
                false);
        link.join(2, "fast");
        int sent = 2 * LOG_MIB * 1_024;
        emit(sent);

        eventually(() -> assertThat(subscription("fast").getLong("delivered")).isEqualTo(sent));
        JsonObject slow = subscription("slow");
        assertThat(subscriptions().get(0).getString("subscription"))
                .as("the one furthest behind")
                .isEqualTo("slow");
        assertThat(slow.getLong("accepted")).isEqualTo(sent);
        assertThat(slow.getJsonObject("dropped").getLong("thinned")).isPositive();
        assertThat(slow.getLong("behindBytes")).isGreaterThan((long) sent * PADDING);
        assertThat(slow.getDouble("behindSeconds")).isNotNegative();
        JsonObject loss = slow.getJsonObject("lastLoss");
        assertThat(loss.getString("reason")).isEqualTo("thinned");
        assertThat(loss.getLong("count")).isPositive();
        assertThat(Instant.parse(loss.getString("from"))).isBeforeOrEqualTo(Instant.parse(loss.getString("to")));
        subscriptions().forEach(LedgerReportTest::addsUp);
    }

    @Test
    void clientsWithoutAnIdAreToldTogetherAndTheirSecretsAreNot() {
        for (int member = 1; member <= 3; member++) {
            link.join(
                    Join.newBuilder()
                            .setMember(member)
                            .setProtocol("v2")
                            .setSubscription("secret " + member)
                            .setAlone(true)
                            .setWindowBytes(LinkClient.WIDE),
                    true);
        }
        emit(5);

        eventually(() -> assertThat(subscription("").getLong("delivered")).isEqualTo(15));
        assertThat(subscriptions()).hasSize(1);
        assertThat(subscription("").getBoolean("alone")).isTrue();
        assertThat(subscription("").getLong("groups")).isEqualTo(3);
        assertThat(subscription("").getLong("clients")).isEqualTo(3);
        assertThat(doppler.ask("/ledger").body()).doesNotContain("secret");
        addsUp(subscription(""));
    }

    @Test
    void whatBecameOfClientsThatHaveGoneStaysInTheLedger() {
        try (LinkClient other = LinkClient.open(doppler, Hello.newBuilder().setGraceMillis(0))) {
            other.join(
                    Join.newBuilder()
                            .setMember(1)
                            .setProtocol("v2")
                            .setSubscription("alone")
                            .setAlone(true)
                            .setWindowBytes(LinkClient.WIDE),
                    false);
            emit(5);
            eventually(() -> assertThat(other.delivered(1)).hasSize(5));
            other.leave(1);
        }

        eventually(() -> assertThat(subscription("").getString("selection")).isEqualTo("gone"));
        assertThat(subscription("").getLong("accepted")).isEqualTo(5);
        assertThat(subscription("").getLong("clients")).isZero();
        assertThat(subscription("").getJsonObject("dropped").getLong("abandoned"))
                .isEqualTo(5);
        addsUp(subscription(""));
        assertThat(doppler.metric("subscription_envelopes_total", "filter=\"alone\"", "what=\"abandoned\""))
                .isEqualTo(5);
    }

    @Test
    void whatWaitedForASubscriptionThatIsForgottenStaysInItsLedgerAndItGoesOnCounting() {
        try (LinkClient other = LinkClient.open(doppler, Hello.newBuilder().setGraceMillis(0))) {
            other.join(1, "nozzle", Filter.ALL, false);
            emit(5);
            eventually(() -> assertThat(other.delivered(1)).hasSize(5));
            other.leave(1);
        }

        eventually(() -> assertThat(doppler.metric("subscriptions")).isZero());
        JsonObject forgotten = subscription("nozzle");
        assertThat(forgotten.getLong("groups")).isZero();
        assertThat(forgotten.getLong("clients")).isZero();
        assertThat(forgotten.getLong("pending")).isZero();
        assertThat(forgotten.getJsonObject("dropped").getLong("abandoned")).isEqualTo(5);
        assertThat(forgotten.getJsonObject("lastLoss").getString("reason")).isEqualTo("abandoned");
        addsUp(forgotten);
        assertThat(counted("abandoned")).isEqualTo(5);

        link.join(1, "nozzle");
        emit(2);
        eventually(() -> assertThat(counted("delivered")).isEqualTo(2));
        assertThat(counted("accepted")).isEqualTo(7);
        assertThat(counted("abandoned")).isEqualTo(5);
        assertThat(subscriptions()).singleElement().satisfies(nozzle -> {
            assertThat(nozzle.getLong("groups")).isEqualTo(1);
            assertThat(nozzle.getLong("accepted")).isEqualTo(7);
            addsUp(nozzle);
        });
    }

    private long counted(String what) {
        return doppler.metric("subscription_envelopes_total", "subscription=\"nozzle\"", "what=\"" + what + "\"");
    }

    @Test
    void aSelectionIsNamed() {
        try (Subscriber reader = Subscriber.plain(doppler)) {
            reader.v2("shard", Subscriber.log(""));
            Envelope log = Envelopes.log("app", 1);
            emitter.emit(List.of(log));

            eventually(
                    () -> assertThat(subscription("shard").getLong("accepted")).isEqualTo(1));
            assertThat(subscription("shard").getString("protocol")).isEqualTo("v2");
            assertThat(subscription("shard").getString("selection")).isNotEqualTo("ALL");
        }
    }

    @Test
    void noMoreThanTheLimitIsTold() {
        link.join(1, "a");
        link.join(2, "b");
        link.join(3, "c");

        JsonObject two = new JsonObject(doppler.ask("/ledger?limit=2").body());
        assertThat(two.getJsonArray("subscriptions")).hasSize(2);
        assertThat(two.getInteger("leftOut")).isEqualTo(1);
        HttpResponse<String> wrong = doppler.ask("/ledger?limit=0");
        assertThat(wrong.statusCode()).isEqualTo(400);
        assertThat(wrong.body()).isEqualTo("limit must be a whole number from 1 to 10000\n");
    }
}
