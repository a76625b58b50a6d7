package io.loggregator.doppler;

import static io.loggregator.doppler.RunningDoppler.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one connection to the router port may ask for, whether or not its client keeps to that by itself. */
class Http2LimitsTest {
    private static final int STREAMS = 1_000;
    private static final int RESETS = 10_000;
    private static final int LARGEST_HEADERS = 16 << 10;
    private static final Map<String, String> PLAIN = Map.of("LOGGREGATOR_INSECURE", "true");

    @Test
    void aClientThatPingsTooOftenIsCut() {
        try (RunningDoppler doppler = RunningDoppler.start(1, PLAIN)) {
            Http2Frames frames = new Http2Frames();
            for (int i = 0; i < 4; i++) {
                frames.ping();
            }

            assertThat(answer(doppler, frames)).contains("too_many_pings");

            eventually(() -> assertThat(bitten(doppler, "pings")).isEqualTo(1));
        }
    }

    @Test
    void aCallWithTooLargeHeadersIsRefusedAndNoOther() {
        try (RunningDoppler doppler = RunningDoppler.start(1, PLAIN)) {
            Http2Frames frames = new Http2Frames()
                    .call(1, LARGEST_HEADERS - 1_000)
                    .call(3, LARGEST_HEADERS - 300)
                    .callWithoutMessage(5);

            assertThat(answerUntilLeft(doppler, frames))
                    .contains(Http2Frames.protocolError(3))
                    .doesNotContain(Http2Frames.protocolError(1), Http2Frames.protocolError(5));

            eventually(() -> assertThat(bitten(doppler, "headers")).isEqualTo(1));
        }
    }

    @Test
    void headersWithoutEndEndTheConnection() {
        try (RunningDoppler doppler = RunningDoppler.start(1, PLAIN)) {
            assertThat(answer(doppler, new Http2Frames().callInTwo(1, LARGEST_HEADERS)))
                    .contains("Header size exceeded");

            eventually(() -> assertThat(bitten(doppler, "headers")).isEqualTo(1));
        }
    }

    @Test
    void aStreamTooManyIsRefused() {
        try (RunningDoppler doppler = RunningDoppler.start(1, PLAIN)) {
            Http2Frames frames = new Http2Frames();
            for (int i = 0; i <= STREAMS; i++) {
                frames.call(2 * i + 1);
            }

            assertThat(answerUntilLeft(doppler, frames))
                    .contains(Http2Frames.refused(2 * STREAMS + 1))
                    .doesNotContain(Http2Frames.refused(2 * STREAMS - 1));

            eventually(() -> assertThat(bitten(doppler, "streams")).isEqualTo(1));
        }
    }

    @Test
    void whoGivesUpStreamsWithoutEndIsCut() {
        try (RunningDoppler doppler = RunningDoppler.start(1, PLAIN)) {
            Http2Frames frames = new Http2Frames();
            for (int i = 0; i <= RESETS; i++) {
                frames.call(2 * i + 1).reset(2 * i + 1);
            }

            assertThat(answer(doppler, frames)).contains("too_many_rststreams");

            eventually(() -> assertThat(bitten(doppler, "flood")).isEqualTo(1));
        }
    }

    @Test
    void aClientThatKeepsToItWaitsForAStreamToEnd(@TempDir Path directory) throws Exception {
        Certificates platform = new Certificates(directory, "platform");
        try (RunningDoppler doppler = RunningDoppler.start(1, platform.settings());
                Emitter emitter = Emitter.tls(
                        doppler,
                        platform.of("metron").clientContext("doppler", "h2").build())) {
            List<Upload<byte[], byte[]>> open = new ArrayList<>();
            for (int i = 0; i < STREAMS; i++) {
                open.add(emitter.rawBatchSender());
            }
            eventually(() -> assertThat(bitten(doppler, "streams")).isEqualTo(1));
            Upload<byte[], byte[]> further = emitter.rawBatchSender()
                    .send(Envelopes.batch(Envelopes.log("app", 0)).toByteArray());
            open.get(0).send(Envelopes.batch(Envelopes.logs("app", 0, 10)).toByteArray());
            eventually(() -> assertThat(doppler.metric("ingress_total")).isEqualTo(10));

            assertThat(open.get(0).complete()).returns(Status.Code.OK, Status::getCode);

            assertThat(further.complete()).returns(Status.Code.OK, Status::getCode);
            assertThat(doppler.metric("ingress_total")).isEqualTo(11);
        }
    }

    private static String answer(RunningDoppler doppler, Http2Frames frames) {
        try (RawConnection client = new RawConnection(doppler.ingressPort())) {
            return client.send(frames.bytes()).readToEnd();
        }
    }

    /** What is answered to a client that has no more to say, so that the Doppler closes. */
    private static String answerUntilLeft(RunningDoppler doppler, Http2Frames frames) {
        try (RawConnection client = new RawConnection(doppler.ingressPort())) {
            return client.send(frames.bytes()).endOutput().readToEnd();
        }
    }

    private static long bitten(RunningDoppler doppler, String limit) {
        return doppler.metric("ingress_http2_limits_total", "limit=\"" + limit + "\"");
    }
}
