package io.loggregator.doppler;

import static io.loggregator.doppler.RunningDoppler.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.loggregator.node.metrics.Metrics;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.junit.jupiter.api.Test;

/** v1 envelopes in datagrams. */
class UdpTest {
    private static final String SECRET = "loggregator";
    private static final int LARGEST = 65_507;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static RunningDoppler signing(int lanes) {
        return RunningDoppler.plain(lanes, "DOPPLER_UDP_PORT", "0", "DOPPLER_SHARED_SECRET", SECRET);
    }

    private static int port(RunningDoppler doppler) {
        return doppler.doppler().v1Ports().get("udp");
    }

    @Test
    void everySendersEnvelopesComeInItsOrderWhicheverLaneTakesThem() {
        try (RunningDoppler doppler = signing(2);
                LinkClient link = LinkClient.open(doppler)) {
            link.join(1, "firehose");
            List<Datagrams> senders = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                senders.add(new Datagrams(port(doppler)));
            }

            for (int number = 0; number < 200; number++) {
                for (int i = 0; i < senders.size(); i++) {
                    byte[] envelope = V1Envelopes.log("app-" + i, number).toByteArray();
                    senders.get(i).send(Datagrams.signed(SECRET, envelope));
                }
            }

            eventually(() -> assertThat(link.delivered(1)).hasSize(8 * 200));
            for (int i = 0; i < senders.size(); i++) {
                String source = "app-" + i;
                assertThat(Envelopes.numbers(link.delivered(1).stream()
                                .filter(envelope -> envelope.getSourceId().equals(source))
                                .toList()))
                        .isEqualTo(Envelopes.numbers(0, 200));
            }
            senders.forEach(Datagrams::close);
            assertThat(doppler.metric("signature_verifier_valid_signatures_total"))
                    .isEqualTo(8 * 200);
            assertThat(doppler.metric("udp_kernel_drops_total")).isZero();
            doppler.balances();
        }
    }

    @Test
    void eachTypeIsTakenInAndCounted() {
        try (RunningDoppler doppler = signing(1);
                Datagrams sender = new Datagrams(port(doppler));
                LinkClient link = LinkClient.open(doppler)) {
            link.join(1, "firehose");

            V1Envelopes.ofEachType().forEach(envelope -> sender.send(Datagrams.signed(SECRET, envelope.toByteArray())));
            sender.send(Datagrams.signed(SECRET, V1Envelopes.ofOldType()));

            eventually(() -> assertThat(link.delivered(1))
                    .extracting(Envelope::getMessageCase)
                    .containsExactly(
                            Envelope.MessageCase.LOG,
                            Envelope.MessageCase.GAUGE,
                            Envelope.MessageCase.COUNTER,
                            Envelope.MessageCase.LOG,
                            Envelope.MessageCase.GAUGE,
                            Envelope.MessageCase.TIMER));
            for (String type :
                    List.of("LogMessage", "ValueMetric", "CounterEvent", "Error", "ContainerMetric", "HttpStartStop")) {
                assertThat(doppler.metric("listeners_received_envelopes_total", "event_type=\"" + type + "\""))
                        .as(type)
                        .isEqualTo(1);
            }
            eventually(() -> assertThat(leftOut(doppler, "unknown_event_type")).isEqualTo(1));
            sums(doppler, 7);
        }
    }

    @Test
    void forgedSignaturesAreCountedAndNothingComesOfThem() {
        try (RunningDoppler doppler = signing(1);
                Datagrams sender = new Datagrams(port(doppler));
                LinkClient link = LinkClient.open(doppler)) {
            link.join(1, "firehose");
            byte[] envelope = V1Envelopes.log("app", 1).toByteArray();
            byte[] good = Datagrams.signed(SECRET, envelope);

            for (int i = 0; i < good.length; i++) {
                byte[] forged = good.clone();
                forged[i] ^= 1;
                sender.send(forged);
            }
            sender.send(Datagrams.signed("another", envelope));
            sender.send(envelope);
            sender.send(Arrays.copyOf(good, good.length - 1));
            sender.send(Arrays.copyOf(good, good.length + 1));
            sender.send(good);

            eventually(() -> assertThat(link.delivered(1)).hasSize(1));
            long forgeries = good.length + 4L;
            assertThat(doppler.metric("signature_verifier_invalid_signature_errors_total"))
                    .isEqualTo(forgeries);
            assertThat(leftOut(doppler, "invalid_signature")).isEqualTo(forgeries);
            assertThat(doppler.metric("ingress_total")).isEqualTo(1);
            sums(doppler, forgeries + 1);
        }
    }

    @Test
    void datagramsOfEveryLengthHaveAnOutcome() {
        try (RunningDoppler doppler = RunningDoppler.plain("DOPPLER_UDP_PORT", "0", "DOPPLER_UDP_UNSIGNED", "true");
                Datagrams sender = new Datagrams(port(doppler))) {
            sendZeros(doppler, sender, IntStream.rangeClosed(0, LARGEST));

            assertThat(leftOut(doppler, "undecodable")).isEqualTo(LARGEST + 1);
            sums(doppler, LARGEST + 1);
        }
    }

    /** All lengths around those of a signature and of a packet, and of the longer ones some that leave any remainder. */
    @Test
    void whateverItsLengthADatagramWithoutItsSignatureIsLeftOut() {
        try (RunningDoppler doppler = signing(1);
                Datagrams sender = new Datagrams(port(doppler))) {
            int[] lengths = IntStream.rangeClosed(0, LARGEST)
                    .filter(length -> length < 2_000 || length % 61 == 0 || length > LARGEST - 70)
                    .toArray();

            sendZeros(doppler, sender, IntStream.of(lengths));

            assertThat(leftOut(doppler, "missing_signature")).isEqualTo(32);
            assertThat(leftOut(doppler, "invalid_signature")).isEqualTo(lengths.length - 32);
            sums(doppler, lengths.length);
        }
    }

    /** Sends no more at a time than the socket holds. */
    private static void sendZeros(RunningDoppler doppler, Datagrams sender, IntStream lengths) {
        long sent = 0;
        long waiting = 0;
        for (int length : lengths.toArray()) {
            sender.send(new byte[length]);
            sent++;
            waiting += length + 1_000;
            if (waiting > 3 << 20) {
                arrived(doppler, sent);
                waiting = 0;
            }
        }
        arrived(doppler, sent);
    }

    private static void arrived(RunningDoppler doppler, long sent) {
        await().pollInterval(Duration.ofMillis(1)).atMost(PATIENCE).until(() -> received(doppler) == sent);
    }

    @Test
    void emptyDatagramsDoNotHoldUpThoseBehindThem() {
        try (RunningDoppler doppler = signing(1);
                Datagrams sender = new Datagrams(port(doppler))) {
            byte[] good = Datagrams.signed(SECRET, V1Envelopes.log("app", 1).toByteArray());
            for (int i = 0; i < 500; i++) {
                sender.send(new byte[0]);
            }
            sender.send(good);

            eventually(() -> assertThat(doppler.metric("ingress_total")).isEqualTo(1));
            assertThat(leftOut(doppler, "missing_signature")).isEqualTo(500);
        }
    }

    @Test
    void theLargestDatagramFits() {
        try (RunningDoppler doppler = signing(1);
                Datagrams sender = new Datagrams(port(doppler));
                LinkClient link = LinkClient.open(doppler)) {
            link.join(1, "firehose");
            int overhead =
                    Datagrams.signed(SECRET, V1Envelopes.log("app", 1, 60_000).toByteArray()).length - 60_000;
            byte[] largest = Datagrams.signed(
                    SECRET, V1Envelopes.log("app", 1, LARGEST - overhead).toByteArray());
            assertThat(largest).hasSize(LARGEST);

            sender.send(largest);

            eventually(() -> assertThat(link.delivered(1))
                    .singleElement()
                    .satisfies(envelope ->
                            assertThat(envelope.getLog().getPayload().size()).isEqualTo(LARGEST - overhead + 2)));
        }
    }

    @Test
    void unsignedDatagramsAreTakenWhereThatIsConfigured() {
        try (RunningDoppler doppler = RunningDoppler.plain("DOPPLER_UDP_PORT", "0", "DOPPLER_UDP_UNSIGNED", "true");
                Datagrams sender = new Datagrams(port(doppler))) {
            sender.send(V1Envelopes.log("app", 1).toByteArray());
            sender.send("no envelope".getBytes(StandardCharsets.UTF_8));
            sender.send(new byte[0]);

            eventually(() -> assertThat(leftOut(doppler, "undecodable")).isEqualTo(2));
            assertThat(doppler.metric("ingress_total")).isEqualTo(1);
            sums(doppler, 3);
        }
    }

    @Test
    void whatWaitsInTheSocketsIsReadBeforeAStop() {
        try (RunningDoppler doppler = signing(2)) {
            List<Datagrams> senders = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                senders.add(new Datagrams(port(doppler)));
            }
            byte[] good = Datagrams.signed(SECRET, V1Envelopes.log("app", 1).toByteArray());
            for (int i = 0; i < 500; i++) {
                senders.forEach(sender -> sender.send(good));
            }

            doppler.stopAccepting();

            assertThat(doppler.metric("ingress_total")).isEqualTo(2_000);
            senders.forEach(Datagrams::close);
        }
    }

    @Test
    void whatTheKernelDropsIsInTheSum() {
        try (RunningDoppler doppler = RunningDoppler.plain(
                        "DOPPLER_UDP_PORT",
                        "0",
                        "DOPPLER_UDP_UNSIGNED",
                        "true",
                        "DOPPLER_UDP_RECEIVE_BUFFER",
                        "64KiB");
                Datagrams sender = new Datagrams(port(doppler))) {
            byte[] large = new byte[60_000];
            for (int i = 0; i < 2_000; i++) {
                sender.send(large);
            }

            eventually(() -> assertThat(received(doppler) + doppler.metric("udp_kernel_drops_total"))
                    .isEqualTo(2_000));
        }
    }

    @Test
    void aPortInUseIsNotSharedWithAnotherProcess() throws Exception {
        try (RunningDoppler doppler = signing(2)) {
            Vertx vertx = Vertx.vertx(
                    new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(2));
            Map<String, String> same = Map.of(
                    "LOGGREGATOR_INSECURE",
                    "true",
                    "DOPPLER_UDP_PORT",
                    Integer.toString(port(doppler)),
                    "DOPPLER_SHARED_SECRET",
                    SECRET);

            assertThatThrownBy(() -> Doppler.start(vertx, RunningDoppler.settings(same), new Metrics()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("DOPPLER_UDP_PORT: port " + port(doppler) + " on 127.0.0.1 is in use");
            RunningDoppler.await(vertx.close());
        }
    }

    private static long received(RunningDoppler doppler) {
        return doppler.metric("listeners_received_messages_total", "protocol=\"udp\"");
    }

    private static long leftOut(RunningDoppler doppler, String reason) {
        return doppler.metric("listeners_left_out_total", "protocol=\"udp\"", "reason=\"" + reason + "\"");
    }

    /** What was received is what was taken in and what was left out. */
    private static void sums(RunningDoppler doppler, long messages) {
        assertThat(received(doppler)).isEqualTo(messages);
        assertThat(doppler.metric("listeners_received_envelopes_total", "protocol=\"udp\"")
                        + doppler.metric("listeners_left_out_total", "protocol=\"udp\""))
                .isEqualTo(messages);
    }
}
