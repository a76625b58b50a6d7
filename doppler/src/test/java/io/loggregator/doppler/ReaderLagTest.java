package io.loggregator.doppler;

import static io.loggregator.doppler.RunningDoppler.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.link.v1.Hello;
import io.loggregator.link.v1.Join;
import java.util.List;
import java.util.stream.IntStream;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How far behind subscriptions are, as {@code /metrics} has it. */
class ReaderLagTest {
    private static final int PADDING = 1_024;

    private RunningDoppler doppler;
    private Emitter emitter;
    private LinkClient link;

    @BeforeEach
    void start() {
        doppler = RunningDoppler.plain(2);
        emitter = Emitter.plain(doppler);
        link = LinkClient.open(doppler, Hello.newBuilder().setGraceMillis(0).setGroupsInGrace(100));
    }

    @AfterEach
    void stop() {
        link.close();
        emitter.close();
        doppler.close();
    }

    /** A reader that takes nothing as long as its window is what it is. */
    private void joinStuck(long member, Join.Builder join) {
        link.join(join.setMember(member).setProtocol("v2").setWindowBytes(0), true);
    }

    private void emit(int count) {
        List<Envelope> logs = IntStream.range(0, count)
                .mapToObj(i -> Envelopes.log("app", i, PADDING))
                .toList();
        emitter.emit(logs);
    }

    private long behind(String unit, String label) {
        return doppler.metric("subscription_behind_" + unit, label);
    }

    private List<String> series() {
        return doppler.ask("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith("subscription_behind_seconds{"))
                .toList();
    }

    @Test
    void aReaderThatTakesNothingFallsBehindAndIsAtTheHeadWhenItHasTakenIt() {
        joinStuck(1, Join.newBuilder().setSubscription("slow"));
        link.join(2, "fast");
        emit(10);

        eventually(() -> {
            assertThat(behind("bytes", "subscription=\"slow\"")).isGreaterThan(10 * PADDING);
            assertThat(behind("seconds", "subscription=\"slow\"")).isPositive();
        });
        assertThat(behind("bytes", "subscription=\"fast\"")).isZero();
        assertThat(series())
                .hasSize(2)
                .anyMatch(line -> line.startsWith(
                        "subscription_behind_seconds{filter=\"all\",protocol=\"v2\",subscription=\"slow\"}"));

        link.window(1, LinkClient.WIDE);
        eventually(() -> {
            assertThat(behind("bytes", "subscription=\"slow\"")).isZero();
            assertThat(series()).allMatch(line -> line.endsWith(" 0.0"));
        });
    }

    @Test
    void clientsWithoutAnIdAreOne() {
        joinStuck(1, Join.newBuilder().setSubscription("secret 1").setAlone(true));
        emit(1);
        joinStuck(2, Join.newBuilder().setSubscription("secret 2").setAlone(true));
        emit(1);

        eventually(() -> assertThat(behind("bytes", "filter=\"alone\"")).isBetween(3L * PADDING, 4L * PADDING));
        assertThat(series()).hasSize(1).noneMatch(line -> line.contains("secret"));
    }

    @Test
    void aSubscriptionThatIsForgottenIsNoLongerBehind() {
        joinStuck(1, Join.newBuilder().setSubscription("slow"));
        emit(1);
        eventually(() -> assertThat(series()).hasSize(1));

        link.leave(1);

        eventually(() -> assertThat(series()).isEmpty());
    }
}
