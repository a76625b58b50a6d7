package io.loggregator.doppler;

import static io.loggregator.doppler.RunningDoppler.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.link.v1.Hello;
import io.loggregator.link.v1.Join;
import io.vertx.core.http.WebSocketClientOptions;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A Traffic Controller that is there for TCP but does nothing any more, with its link full to the brim. */
class FrozenPeerTest {
    /** Of a bit more than a kibibyte each: more than a link and the sockets hold, less than the log. */
    private static final int SENT = 24 * 1_024;

    private static final int PADDING = 1_024;
    private static final int SMALL_BUFFER = 64 << 10;

    private RunningDoppler doppler;
    private Emitter emitter;

    @BeforeEach
    void start() {
        doppler = RunningDoppler.plain("DOPPLER_LINK_BUFFER", "256KiB", "LINK_PING_INTERVAL", "300ms");
        emitter = Emitter.plain(doppler);
    }

    @AfterEach
    void stop() {
        emitter.close();
        doppler.close();
    }

    @Test
    void whatWasUnderWayToItGoesToOthersAsSoonAsItIsFoundSilent() {
        try (LinkClient frozen =
                LinkClient.connect(doppler, new WebSocketClientOptions().setReceiveBufferSize(SMALL_BUFFER))) {
            frozen.hello(Hello.newBuilder().setGraceMillis(60_000).setGroupsInGrace(10));
            frozen.join(
                    Join.newBuilder()
                            .setMember(1)
                            .setProtocol("v1")
                            .setSubscription("shared")
                            .setWindowBytes(64 << 20),
                    false);
            frozen.settle();
            frozen.freeze();
            emitter.emit(IntStream.range(0, SENT)
                    .mapToObj(i -> Envelopes.log("app", i, PADDING))
                    .toList());
            eventually(() -> assertThat(doppler.metric("link_refused_total", "reason=\"silent\""))
                    .isEqualTo(1));

            try (LinkClient other = LinkClient.open(doppler)) {
                other.join(1, "shared");
                eventually(() -> assertThat(other.delivered(1)).hasSize(SENT));
                assertThat(other.gaps()).isEmpty();
                eventually(() -> assertThat(doppler.metric("egress_total")).isEqualTo(SENT));
            }
        }
    }
}
