package io.loggregator.doppler;

import static io.loggregator.doppler.RunningDoppler.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.doppler.LinkClient.Received;
import io.loggregator.link.v1.Hello;
import io.loggregator.link.v1.Join;
import io.loggregator.link.v1.Lag;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A Traffic Controller is told that a client lags, before the client loses anything, if it knows that message. */
class LinkLagTest {
    private static final int LOG = 4 << 20;
    /** Of {@link #LOG}, what is not for what has been thinned. */
    private static final int WHOLE = LOG / 4 * 3;

    private static final int PADDING = 1_024;

    private RunningDoppler doppler;
    private Emitter emitter;
    private int sent;

    @BeforeEach
    void start() {
        doppler = RunningDoppler.plain("LOG_BYTES", "4MiB");
        emitter = Emitter.plain(doppler);
    }

    @AfterEach
    void stop() {
        emitter.close();
        doppler.close();
    }

    private LinkClient link(boolean takesLags) {
        LinkClient link = LinkClient.open(
                doppler,
                Hello.newBuilder().setGraceMillis(60_000).setGroupsInGrace(10).setTakesLags(takesLags));
        link.join(
                Join.newBuilder()
                        .setMember(7)
                        .setProtocol("v1")
                        .setSubscription(takesLags ? "told" : "old")
                        .setWindowBytes(0),
                false);
        link.settle();
        return link;
    }

    private void emit(int bytes) {
        int count = bytes / PADDING;
        emitter.emit(IntStream.range(sent, sent + count)
                .mapToObj(i -> Envelopes.log("app", i, PADDING))
                .toList());
        sent += count;
    }

    private static List<Lag> lags(LinkClient link) {
        return link.received().stream()
                .map(Received::header)
                .filter(header -> header.hasLag())
                .map(header -> header.getLag())
                .toList();
    }

    private JsonObject ledger(String subscription) {
        JsonArray all = new JsonObject(doppler.ask("/ledger").body()).getJsonArray("subscriptions");
        return all.stream()
                .map(JsonObject.class::cast)
                .filter(each -> each.getString("subscription").equals(subscription))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void itIsToldBeforeTheFirstLossHowFarBehindAClientIs() {
        try (LinkClient link = link(true)) {
            emit(WHOLE / 4);
            link.settle();
            assertThat(lags(link)).isEmpty();
            assertThat(ledger("told").getBoolean("lags")).isFalse();

            emit(WHOLE / 2);
            eventually(() -> assertThat(lags(link)).hasSize(1));
            Lag lag = lags(link).get(0);
            assertThat(lag.getMember()).isEqualTo(7);
            assertThat(lag.getLane()).isZero();
            assertThat(lag.getBehindBytes()).isBetween(WHOLE / 3L, WHOLE * 3L / 4);
            assertThat(lag.getLimitBytes()).isBetween(WHOLE * 9L / 10, (long) WHOLE);
            assertThat(lag.getBehindMillis()).isBetween(0L, 60_000L);
            assertThat(doppler.metric("dropped_total")).isZero();
            assertThat(doppler.metric("lag_notices_total")).isEqualTo(1);
            assertThat(ledger("told").getBoolean("lags")).isTrue();

            // What it says is no part of the member's sequence.
            link.window(7, LinkClient.WIDE);
            eventually(() -> assertThat(link.delivered(7)).hasSize(sent));
            assertThat(link.sequences(7).get(0).get(0)).isEqualTo(1);
            assertThat(link.gaps()).isEmpty();
        }
    }

    @Test
    void onlyOneThatSaysThatItKnowsTheMessageIsSentIt() {
        try (LinkClient old = link(false);
                LinkClient link = link(true)) {
            emit(WHOLE);
            eventually(() -> assertThat(lags(link)).hasSize(1));
            old.settle();
            assertThat(lags(old)).isEmpty();
            assertThat(doppler.metric("lag_notices_total")).isEqualTo(1);
            assertThat(ledger("old").getBoolean("lags")).isTrue();
        }
    }
}
