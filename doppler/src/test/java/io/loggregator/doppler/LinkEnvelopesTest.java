package io.loggregator.doppler;

import static io.loggregator.doppler.RunningDoppler.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.link.LinkFrame;
import io.loggregator.link.v1.Hello;
import io.loggregator.link.v1.ToDoppler;
import io.vertx.core.http.WebSocketClientOptions;
import java.util.List;
import java.util.stream.IntStream;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.junit.jupiter.api.Test;

/** A Traffic Controller tells of itself over the link, and is taken in like an agent. */
class LinkEnvelopesTest {
    private static void tell(LinkClient link, byte[] batch) {
        ToDoppler header = ToDoppler.newBuilder()
                .setEnvelopes(io.loggregator.link.v1.Envelopes.getDefaultInstance())
                .build();
        link.sendBytes(LinkFrame.encode(header, batch, 0, batch.length));
    }

    private static void tell(LinkClient link, List<Envelope> envelopes) {
        tell(link, Envelopes.batch(envelopes).toByteArray());
    }

    @Test
    void aDopplerSaysThatItTakesThem() {
        try (RunningDoppler doppler = RunningDoppler.plain();
                LinkClient link = LinkClient.connect(doppler, new WebSocketClientOptions())) {
            assertThat(link.hello(Hello.newBuilder()).getTakesEnvelopes()).isTrue();
        }
    }

    @Test
    void whatOneTrafficControllerTellsReachesEveryReaderInItsOrder() {
        try (RunningDoppler doppler = RunningDoppler.plain(2);
                LinkClient telling = LinkClient.open(doppler);
                LinkClient reading = LinkClient.open(doppler)) {
            telling.join(1, "its own");
            reading.join(1, "another's");
            for (int i = 0; i < 100; i++) {
                tell(telling, List.of(Envelopes.counter("trafficcontroller", i)));
            }

            List<Envelope> all = IntStream.range(0, 100)
                    .mapToObj(i -> Envelopes.counter("trafficcontroller", i))
                    .toList();
            eventually(() -> assertThat(reading.delivered(1)).isEqualTo(all));
            eventually(() -> assertThat(telling.delivered(1)).isEqualTo(all));
            assertThat(doppler.metric("ingress_total")).isEqualTo(100);
            doppler.balances();
        }
    }

    @Test
    void nothingIsNothing() {
        try (RunningDoppler doppler = RunningDoppler.plain();
                LinkClient link = LinkClient.open(doppler)) {
            tell(link, new byte[0]);
            link.settle();

            assertThat(doppler.metric("ingress_total")).isZero();
            assertThat(link.isClosed()).isFalse();
        }
    }

    @Test
    void whatIsMalformedIsLeftOutAndCountedAndTheRestTaken() {
        try (RunningDoppler doppler = RunningDoppler.plain();
                LinkClient link = LinkClient.open(doppler)) {
            link.join(1, "firehose");
            byte[] good =
                    Envelopes.batch(Envelopes.counter("trafficcontroller", 1)).toByteArray();
            // An envelope whose source id says that it is longer than the envelope.
            byte[] bad = {0x0A, 0x02, 0x12, 0x7F};
            byte[] both = new byte[bad.length + good.length];
            System.arraycopy(bad, 0, both, 0, bad.length);
            System.arraycopy(good, 0, both, bad.length, good.length);

            tell(link, both);

            eventually(() -> assertThat(Envelopes.numbers(link.delivered(1))).containsExactly(1));
            assertThat(doppler.metric("ingress_total")).isEqualTo(1);
            assertThat(doppler.metric("ingress_malformed_total", "what=\"envelope\""))
                    .isEqualTo(1);
        }
    }

    @Test
    void aDopplerThatStopsLeavesThemOut() {
        try (RunningDoppler doppler = RunningDoppler.plain();
                LinkClient link = LinkClient.open(doppler)) {
            link.join(1, "firehose");
            doppler.stopAccepting();

            tell(link, List.of(Envelopes.counter("trafficcontroller", 1)));
            link.settle();

            assertThat(doppler.metric("ingress_total")).isZero();
            assertThat(link.delivered(1)).isEmpty();
            assertThat(link.isClosed()).isFalse();
        }
    }

    @Test
    void theyNeedAHelloBefore() {
        try (RunningDoppler doppler = RunningDoppler.plain();
                LinkClient link = LinkClient.connect(doppler, new WebSocketClientOptions())) {
            tell(link, List.of(Envelopes.counter("trafficcontroller", 1)));

            assertThat(link.closed()).isEqualTo("1002 the first message must be a hello");
            assertThat(doppler.metric("ingress_total")).isZero();
        }
    }
}
