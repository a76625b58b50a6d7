package io.loggregator.doppler;

import static io.loggregator.doppler.RunningDoppler.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.loggregator.node.settings.Setting;
import io.loggregator.node.settings.Settings;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Each limit on what a client may cost is where its setting puts it, and is counted when it bites. */
class LimitSettingsTest {
    @Test
    void timeForTheTlsHandshakeOnEveryPort(@TempDir Path directory) {
        Map<String, String> settings = new HashMap<>(new Certificates(directory, "platform").settings());
        settings.put("TLS_HANDSHAKE_TIMEOUT", "200ms");
        settings.put("DOPPLER_TLS_PORT", "0");
        settings.put("LINK_PING_INTERVAL", "5m");
        try (RunningDoppler doppler = RunningDoppler.start(1, settings);
                RawConnection router = new RawConnection(doppler.ingressPort());
                RawConnection link = new RawConnection(doppler.linkPort());
                RawConnection frames = new RawConnection(framesPort(doppler, "tls"))) {
            assertThat(router.readToEnd() + link.readToEnd() + frames.readToEnd())
                    .isEmpty();
            eventually(() -> assertThat(doppler.metric("tls_refused_total", "reason=\"slow\""))
                    .isEqualTo(3));
        }
    }

    @Test
    void sizeOfAMessage() {
        try (RunningDoppler doppler = RunningDoppler.plain("ROUTER_MESSAGE_BYTES", "64KiB");
                Emitter emitter = Emitter.plain(doppler)) {
            byte[] large =
                    Envelopes.batch(List.of(Envelopes.log("app", 0, 64 << 10))).toByteArray();
            assertThat(emitter.rawBatchSender().send(large).complete())
                    .returns(Status.Code.RESOURCE_EXHAUSTED, Status::getCode);
            eventually(() -> assertThat(doppler.metric("ingress_refused_total", "code=\"RESOURCE_EXHAUSTED\""))
                    .isEqualTo(1));
        }
    }

    @Test
    void sizeOfHeaders() {
        try (RunningDoppler doppler = RunningDoppler.plain("ROUTER_HEADER_BYTES", "1KiB")) {
            bites(doppler, "headers", new Http2Frames().call(1, 1_024).callWithoutMessage(3));
        }
    }

    @ParameterizedTest
    @CsvSource({"ROUTER_CONNECTIONS, too_many", "ROUTER_CLIENT_CONNECTIONS, too_many_of_client"})
    void connectionsToTheRouterPort(String setting, String reason) {
        byte[] call = new Http2Frames().call(1).bytes();
        try (RunningDoppler doppler = RunningDoppler.plain(setting, "1")) {
            try (RawConnection first = new RawConnection(doppler.ingressPort());
                    RawConnection second = new RawConnection(doppler.ingressPort())) {
                assertThat(second.readToEnd()).isEmpty();
                eventually(() -> assertThat(
                                doppler.metric("ingress_connections_refused_total", "reason=\"" + reason + "\""))
                        .isEqualTo(1));
                assertThat(first.send(call).endOutput().readToEnd()).isNotEmpty();
            }
            eventually(() -> {
                try (RawConnection next = new RawConnection(doppler.ingressPort())) {
                    assertThat(next.send(call).endOutput().readToEnd()).isNotEmpty();
                }
            });
        }
    }

    @Test
    void connectionsToTheLinkPortOfAllItsEventLoops() {
        try (RunningDoppler doppler = RunningDoppler.plain(2, "DOPPLER_LINK_CONNECTIONS", "2")) {
            try (LinkClient link = LinkClient.open(doppler);
                    LinkClient another = LinkClient.open(doppler)) {
                try (RawConnection third = new RawConnection(doppler.linkPort())) {
                    assertThat(third.readToEnd()).isEmpty();
                }
                link.join(1, "firehose");
                another.join(1, "firehose");
                eventually(() -> assertThat(doppler.metric("link_refused_total", "reason=\"too_many\""))
                        .isEqualTo(1));
            }
            eventually(() -> {
                try (LinkClient next = LinkClient.open(doppler);
                        LinkClient another = LinkClient.open(doppler)) {
                    next.join(1, "firehose");
                    another.join(1, "firehose");
                }
            });
        }
    }

    @Test
    void streamsOfAConnection() {
        try (RunningDoppler doppler = RunningDoppler.plain("ROUTER_CONNECTION_STREAMS", "2")) {
            bites(doppler, "streams", new Http2Frames().call(1).call(3).call(5));
        }
    }

    @Test
    void streamsOfAConnectionThatAreGivenUp() {
        try (RunningDoppler doppler = RunningDoppler.plain("ROUTER_CONNECTION_RESETS", "2")) {
            bites(
                    doppler,
                    "flood",
                    new Http2Frames().call(1).reset(1).call(3).reset(3).call(5).reset(5));
        }
    }

    private static void bites(RunningDoppler doppler, String limit, Http2Frames frames) {
        try (RawConnection client = new RawConnection(doppler.ingressPort())) {
            client.send(frames.bytes()).endOutput().readToEnd();
            eventually(() -> assertThat(doppler.metric("ingress_http2_limits_total", "limit=\"" + limit + "\""))
                    .isEqualTo(1));
        }
    }

    @Test
    void silence() {
        try (RunningDoppler doppler = RunningDoppler.plain("ROUTER_PING_AFTER", "100ms");
                RawConnection client = new RawConnection(doppler.ingressPort())) {
            client.send(new Http2Frames().bytes());
            assertThat(client.readToEnd()).as("a ping, and the end").contains("\0\0\u0008\u0006\0");
        }
    }

    @Test
    void selectorsAndNamesOfReaders() {
        try (RunningDoppler doppler =
                        RunningDoppler.plain("DOPPLER_EGRESS_SELECTORS", "2", "DOPPLER_EGRESS_NAME_BYTES", "64");
                Subscriber subscriber = Subscriber.plain(doppler)) {
            String longest = "x".repeat(64);
            assertThat(subscriber
                            .v2(longest, Subscriber.log("one"), Subscriber.log("two"))
                            .hasEnded())
                    .isFalse();
            assertThat(subscriber
                            .v2("", Subscriber.log("one"), Subscriber.log("two"), Subscriber.log("three"))
                            .end()
                            .getDescription())
                    .isEqualTo("selectors and names in them: 3, at most 2");
            assertThat(subscriber.v2(longest + "x", Subscriber.log("")).end().getDescription())
                    .isEqualTo("shard_id has more than 64 bytes");
        }
    }

    @Test
    void connectionsOfFramesAndTheirSilence() {
        try (RunningDoppler doppler = RunningDoppler.plain("DOPPLER_TCP_PORT", "0", "DOPPLER_FRAME_CONNECTIONS", "1");
                RawConnection first = new RawConnection(framesPort(doppler, "tcp"))) {
            first.send("\0");
            eventually(() -> assertThat(doppler.metric("listeners_connections", "protocol=\"tcp\""))
                    .isEqualTo(1));
            try (RawConnection second = new RawConnection(framesPort(doppler, "tcp"))) {
                assertThat(second.readToEnd()).isEmpty();
            }
        }
        try (RunningDoppler doppler =
                        RunningDoppler.plain("DOPPLER_TCP_PORT", "0", "DOPPLER_FRAME_IDLE_TIMEOUT", "100ms");
                RawConnection silent = new RawConnection(framesPort(doppler, "tcp"))) {
            assertThat(silent.readToEnd()).isEmpty();
        }
    }

    @Test
    void framesThatHaveComeInPart() {
        byte[] half = new byte[4 + 70_000];
        half[1] = 0x40; // of 81,920 bytes
        half[2] = 0x01;
        try (RunningDoppler doppler =
                        RunningDoppler.plain("DOPPLER_TCP_PORT", "0", "DOPPLER_FRAME_PARTIAL_BYTES", "128KiB");
                RawConnection first = new RawConnection(framesPort(doppler, "tcp")).send(half)) {
            eventually(() -> assertThat(doppler.metric("listeners_partial_bytes", "protocol=\"tcp\""))
                    .isGreaterThan(65_536));
            try (RawConnection second = new RawConnection(framesPort(doppler, "tcp")).send(half)) {
                assertThat(first.readToEnd()).as("incomplete for longest").isEmpty();
                second.send(new byte[81_920 - 70_000]);
                eventually(() -> assertThat(
                                doppler.metric("listeners_left_out_total", "protocol=\"tcp\",reason=\"undecodable\""))
                        .as("the other frame is taken when it is whole")
                        .isEqualTo(1));
            }
            assertThat(doppler.metric("listeners_receive_errors_total", "protocol=\"tcp\",reason=\"no_room\""))
                    .isEqualTo(1);
        }
    }

    @Test
    void valuesWithARateLimit(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("limits.yml"), "source_id: 0\n");
        try (RunningDoppler doppler =
                        RunningDoppler.plain("RATE_LIMITS_FILE", file.toString(), "RATE_LIMIT_VALUES", "2");
                Emitter emitter = Emitter.plain(doppler)) {
            for (String source : List.of("one", "another", "a third")) {
                emitter.emit(Envelopes.logs(source, 0, 10));
            }
            assertThat(doppler.metric("ingress_limited_total", "by=\"source_id\""))
                    .isEqualTo(20);
            assertThat(doppler.metric("ingress_without_limit_total")).isEqualTo(1);
        }
    }

    private static int framesPort(RunningDoppler doppler, String protocol) {
        return doppler.doppler().v1Ports().get(protocol);
    }

    static Stream<Setting<?>> settings() {
        return LimitSettings.ALL.stream();
    }

    @ParameterizedTest
    @MethodSource("settings")
    void eachMovesALimit(Setting<?> setting) throws Exception {
        String least = setting.expectation().replaceAll(".*, (\\S+) to \\S+$", "$1");
        assertThat(told(Map.of(setting.name(), least.equals("0") ? "1" : least)))
                .isNotEqualTo(told(Map.of()));
    }

    /** All limits. */
    private static String told(Map<String, String> given) throws Exception {
        Settings settings = Settings.load(LimitSettings.ALL, given, null);
        return String.join(
                " ",
                LimitSettings.router(settings).toString(),
                LimitSettings.requests(settings).toString(),
                LimitSettings.frames(settings, "tcp", new InetSocketAddress(0), null)
                        .toString(),
                LimitSettings.links(settings).toString(),
                settings.get(LimitSettings.DOPPLER_EGRESS_TIMEOUT).toString(),
                settings.get(LimitSettings.RATE_LIMIT_VALUES).toString());
    }
}
