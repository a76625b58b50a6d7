package io.loggregator.doppler;

import static io.loggregator.doppler.RunningDoppler.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.loggregator.rpc.RawMethods;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.cloudfoundry.loggregator.plumbing.BatchResponse;
import org.cloudfoundry.loggregator.plumbing.DopplerGrpc;
import org.cloudfoundry.loggregator.v2.EgressGrpc;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EgressBatchRequest;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Readers that ask for too much, or do not read. */
class EgressLimitsTest {
    private static final int MOST_SELECTORS = 1_000;

    @TempDir
    private Path directory;

    @Test
    void selectorsAndNamesBeyondTheLimitsAreRefusedWithWhatIsWrong() {
        try (RunningDoppler doppler = RunningDoppler.plain();
                Subscriber subscriber = Subscriber.plain(doppler)) {
            LoggregatorEgress.Selector[] many = IntStream.range(0, MOST_SELECTORS)
                    .mapToObj(i -> Subscriber.log("app-" + i))
                    .toArray(LoggregatorEgress.Selector[]::new);
            Download<EnvelopeBatch> most = subscriber.v2("", many);
            assertThat(most.hasEnded()).isFalse();

            refused(
                    subscriber.v2(EgressBatchRequest.newBuilder()
                            .addAllSelectors(List.of(many))
                            .addSelectors(Subscriber.log("one more"))
                            .build()),
                    "selectors and names in them: 1001, at most 1000");
            refused(
                    subscriber.v2(
                            "",
                            Subscriber.gauge(
                                    "",
                                    IntStream.range(0, MOST_SELECTORS)
                                            .mapToObj(Integer::toString)
                                            .toArray(String[]::new))),
                    "selectors and names in them: 1001, at most 1000");
            String longName = "é".repeat(513);
            refused(subscriber.v2(longName, Subscriber.log("")), "shard_id has more than 1024 bytes");
            refused(subscriber.v2("", Subscriber.log(longName)), "selectors.source_id has more than 1024 bytes");
            refused(
                    subscriber.v2("", Subscriber.counter("", longName)),
                    "a selector's metric name has more than 1024 bytes");
            refused(
                    subscriber.v2("", Subscriber.gauge("", longName)),
                    "a selector's metric name has more than 1024 bytes");
            refused(subscriber.v1(longName, null), "shardID has more than 1024 bytes");
            refused(subscriber.v1("", Subscriber.app(longName)), "filter.appID has more than 1024 bytes");
            eventually(() -> assertThat(doppler.metric("ingress_refused_total", "code=\"INVALID_ARGUMENT\""))
                    .isEqualTo(8));
            eventually(() -> assertThat(doppler.metric("egress_streams")).isEqualTo(1));
        }
    }

    private static void refused(Download<?> stream, String why) {
        assertThat(stream.end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(stream.end().getDescription()).isEqualTo(why);
    }

    @Test
    void whatIsNoRequestIsRefused() {
        try (RunningDoppler doppler = RunningDoppler.plain();
                Subscriber subscriber = Subscriber.plain(doppler)) {
            byte[] garbage = {0x0A, 0x7F, 0x01};
            for (var method : List.of(
                    RawMethods.batchedReceiver(),
                    RawMethods.subscribe(),
                    RawMethods.batchSubscribe(),
                    RawMethods.recentLogs(),
                    RawMethods.containerMetrics())) {
                assertThat(Download.of(subscriber.channel(), method, garbage)
                                .end()
                                .getCode())
                        .isEqualTo(Status.Code.INVALID_ARGUMENT);
            }
            eventually(() -> assertThat(doppler.metric("egress_streams")).isZero());
        }
    }

    @Test
    void streamsBeyondTheLimitAreRefusedUntilOthersEnd() {
        try (RunningDoppler doppler = RunningDoppler.plain("DOPPLER_EGRESS_STREAMS", "2");
                Subscriber subscriber = Subscriber.plain(doppler)) {
            Download<BatchResponse> first = subscriber.v1("", null);
            subscriber.v2("", Subscriber.log(""));

            Download<BatchResponse> third = subscriber.v1("", null);
            assertThat(third.end().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(third.end().getDescription())
                    .isEqualTo("this Doppler serves at most 2 streams (DOPPLER_EGRESS_STREAMS)");

            first.cancel();
            eventually(() -> assertThat(doppler.metric("egress_streams")).isEqualTo(1));
            assertThat(subscriber.v1("", null).hasEnded()).isFalse();
        }
    }

    @Test
    void aFloodOfStreamsLeavesNothingBehind() {
        try (RunningDoppler doppler = RunningDoppler.plain(2);
                Emitter emitter = Emitter.plain(doppler)) {
            for (int round = 0; round < 5; round++) {
                try (Subscriber subscriber = Subscriber.plain(doppler)) {
                    for (int i = 0; i < 200; i++) {
                        Download.paused(
                                subscriber.channel(),
                                EgressGrpc.getBatchedReceiverMethod(),
                                EgressBatchRequest.newBuilder()
                                        .addSelectors(Subscriber.log(""))
                                        .build());
                    }
                    emitter.emit(Envelopes.logs("app", 0, 1_000));
                }
            }

            eventually(() -> assertThat(doppler.metric("egress_streams")).isZero());
            eventually(() -> assertThat(doppler.metric("subscriptions")).isZero());
            eventually(() ->
                    assertThat(doppler.metric("egress_stream_waiting_bytes")).isZero());
        }
    }

    @Test
    void streamsThatAreNeverReadTakeNoMoreThanTheirMemoryAndNobodyElsesTurn() {
        int padding = 1_024;
        int streams = 200;
        int sent = 4_000;
        try (RunningDoppler doppler = RunningDoppler.plain(
                        2, "DOPPLER_EGRESS_BYTES", "4MiB", "LOG_BYTES", "32MiB", "DOPPLER_EGRESS_TIMEOUT", "500ms");
                Emitter emitter = Emitter.plain(doppler);
                Subscriber never = Subscriber.plain(doppler);
                Subscriber reading = Subscriber.plain(doppler)) {
            List<Download<BatchResponse>> unread = new ArrayList<>();
            for (int i = 0; i < streams; i++) {
                unread.add(Download.paused(
                                never.channel(), DopplerGrpc.getBatchSubscribeMethod(), Subscriber.request("", null))
                        .opened());
            }
            Download<EnvelopeBatch> read = reading.v2("", Subscriber.log(""));
            long most = 0;
            for (int i = 0; i < sent; i += 100) {
                emitter.emit(IntStream.range(i, i + 100)
                        .mapToObj(number -> Envelopes.log("app", number, padding))
                        .toList());
                most = Math.max(most, doppler.metric("egress_stream_waiting_bytes"));
            }

            // Unread streams that hold it all are ended, so that others can go on.
            eventually(() -> assertThat(Subscriber.envelopes(read)).hasSize(sent));
            // A span more than there is room for, at each lane.
            assertThat(most).isLessThanOrEqualTo((4 << 20) + 2 * (128 << 10));
            assertThat(unread)
                    .allSatisfy(stream -> assertThat(stream.messages()).isEmpty());
        }
    }

    @Test
    void agentsAreNotReaders() throws Exception {
        Certificates platform = new Certificates(directory, "platform");
        Map<String, String> settings = new HashMap<>(platform.settings());
        settings.put("DOPPLER_LINK_CLIENT_NAMES", "trafficcontroller");
        try (RunningDoppler doppler = RunningDoppler.start(1, settings);
                Subscriber agent = Subscriber.tls(
                        doppler,
                        platform.of("metron").clientContext("doppler", "h2").build());
                Subscriber trafficController = Subscriber.tls(
                        doppler,
                        platform.of("trafficcontroller")
                                .clientContext("doppler", "h2")
                                .build())) {
            Status end = agent.v2("", Subscriber.log("")).end();

            assertThat(end.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
            assertThat(end.getDescription())
                    .isEqualTo("only certificates that bear trafficcontroller may read here"
                            + " (ROUTER_EGRESS_CLIENT_NAMES)");
            assertThat(trafficController.v2("", Subscriber.log("")).hasEnded()).isFalse();
        }
    }

    @Test
    void whoMayReadAtThisPortCanDifferFromWhoMayLink() throws Exception {
        Certificates platform = new Certificates(directory, "platform");
        Map<String, String> settings = new HashMap<>(platform.settings());
        settings.put("DOPPLER_LINK_CLIENT_NAMES", "trafficcontroller");
        settings.put("ROUTER_EGRESS_CLIENT_NAMES", "reverselogproxy");
        try (RunningDoppler doppler = RunningDoppler.start(1, settings);
                Subscriber rlp = Subscriber.tls(
                        doppler,
                        platform.of("reverselogproxy")
                                .clientContext("doppler", "h2")
                                .build());
                Subscriber trafficController = Subscriber.tls(
                        doppler,
                        platform.of("trafficcontroller")
                                .clientContext("doppler", "h2")
                                .build())) {
            assertThat(rlp.v1("", null).hasEnded()).isFalse();
            assertThat(trafficController.v1("", null).end().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
        }
    }
}
