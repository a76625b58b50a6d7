package io.loggregator.doppler;

import static io.loggregator.doppler.RunningDoppler.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.loggregator.link.LinkFrame;
import io.loggregator.link.v1.Confirm;
import io.loggregator.link.v1.Confirmed;
import io.loggregator.link.v1.Filter;
import io.loggregator.link.v1.Hello;
import io.loggregator.link.v1.Query;
import io.loggregator.link.v1.ToDoppler;
import io.loggregator.link.v1.Welcome;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocketClientOptions;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How a link begins and ends, and what is refused on it. */
class LinkProtocolTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String SUBPROTOCOL = "loggregator.link.v1";

    private RunningDoppler doppler;

    @BeforeEach
    void start() {
        doppler = RunningDoppler.plain(2);
    }

    @AfterEach
    void stop() {
        doppler.close();
    }

    @Test
    void aHelloIsAnsweredWithWhoTheDopplerIs() {
        try (LinkClient first = connect();
                LinkClient second = connect()) {
            Welcome welcome = first.hello(Hello.newBuilder());

            assertThat(welcome.getLanes()).isEqualTo(2);
            assertThat(welcome.getEpoch()).isNotEmpty();
            assertThat(second.hello(Hello.newBuilder())).isEqualTo(welcome);
        }
    }

    /** The bytes in docs/link.md. */
    @Test
    void theExampleOfTheDocumentationHolds() {
        HexFormat hex = HexFormat.of();
        try (RunningDoppler oneLane = RunningDoppler.plain();
                Emitter emitter = Emitter.plain(oneLane);
                LinkClient link = LinkClient.connect(oneLane, new WebSocketClientOptions())) {
            link.sendBytes(hex.parseHex("0f0a0d0a0474632d3110b0ea0118e807"));
            assertThat(link.welcome().getLanes()).isEqualTo(1);
            link.sendBytes(hex.parseHex("141212080112027631" + "1a066e6f7a7a6c65" + "28808040"));
            link.settle();

            byte[] batch = hex.parseHex("0a0e120361707022070a0568656c6c6f");
            emitter.rawBatchSender().send(batch).complete();

            LinkClient.Received received =
                    link.first(message -> message.header().hasBatch());
            assertThat(hex.formatHex(LinkFrame.encode(received.header()))).isEqualTo("0a120810101a0408011001");
            assertThat(Envelopes.batch(received.envelopes()).toByteArray()).isEqualTo(batch);

            link.sendBytes(hex.parseHex("0822060a0408011801"));
            eventually(() -> assertThat(oneLane.metric(
                            "subscription_envelopes_total", "subscription=\"nozzle\"", "what=\"delivered\""))
                    .isEqualTo(1));
        }
    }

    @Test
    void eachRunOfADopplerHasAnEpochOfItsOwn() {
        try (RunningDoppler other = RunningDoppler.plain();
                LinkClient here = connect();
                LinkClient there = LinkClient.connect(other, new WebSocketClientOptions())) {
            assertThat(here.hello(Hello.newBuilder()).getEpoch())
                    .isNotEqualTo(there.hello(Hello.newBuilder()).getEpoch());
        }
    }

    @Test
    void theFirstMessageMustBeAHello() {
        try (LinkClient link = connect()) {
            link.send(ToDoppler.newBuilder().setQuery(Query.getDefaultInstance()));

            refusedOnce(link, "the first message must be a hello");
        }
    }

    @Test
    void aHelloNeedsAName() {
        try (LinkClient link = connect()) {
            link.send(ToDoppler.newBuilder().setHello(Hello.getDefaultInstance()));

            refusedOnce(link, "a hello without a name");
        }
    }

    @Test
    void aSecondHelloIsRefused() {
        try (LinkClient link = LinkClient.open(doppler)) {
            link.send(ToDoppler.newBuilder().setHello(Hello.newBuilder().setTrafficController("again")));

            refusedOnce(link, "an unexpected message");
        }
    }

    @Test
    void aMessageOfALaterVersionIsRefused() {
        try (LinkClient link = LinkClient.open(doppler)) {
            link.sendBytes(new byte[] {3, (byte) 0xFA, 0x01, 0x00});

            refusedOnce(link, "an unexpected message");
        }
    }

    @Test
    void textIsRefused() {
        try (LinkClient link = LinkClient.open(doppler)) {
            link.sendText("hello");

            refusedOnce(link, "a text message");
        }
    }

    @Test
    void bytesThatAreNoMessageAreRefused() {
        try (LinkClient link = LinkClient.open(doppler)) {
            link.sendBytes(new byte[] {(byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x7F});

            refusedOnce(link, "not a link message");
        }
    }

    @Test
    void anEmptyMessageIsRefused() {
        try (LinkClient link = LinkClient.open(doppler)) {
            link.sendBytes(new byte[0]);

            refusedOnce(link, "not a link message");
        }
    }

    @Test
    void aHeaderFollowedBySomethingIsRefused() {
        byte[] hello = LinkFrame.encode(
                ToDoppler.newBuilder()
                        .setHello(Hello.newBuilder().setTrafficController("tc"))
                        .build(),
                new byte[] {1},
                0,
                1);
        try (LinkClient link = connect()) {
            link.sendBytes(hello);

            refusedOnce(link, "not a link message");
        }
    }

    @Test
    void confirmationsForALaneThatDoesNotExistAreRefused() {
        try (LinkClient link = LinkClient.open(doppler)) {
            Confirmed beyond = Confirmed.newBuilder().setLane(2).build();
            Confirmed before = Confirmed.newBuilder().setLane(-1).build();
            link.send(ToDoppler.newBuilder()
                    .setConfirm(Confirm.newBuilder().addMembers(beyond).addMembers(before)));

            refusedOnce(link, "no lane 2");
        }
    }

    @Test
    void whatNamesNobodyIsLeftAlone() {
        try (LinkClient link = LinkClient.open(doppler)) {
            link.confirm(77, 0, 1);
            link.leave(77);
            link.window(77, 1);
            link.settle();

            assertThat(link.isClosed()).isFalse();
            assertThat(doppler.metric("link_refused_total")).isZero();
        }
    }

    @Test
    void aMemberThatHasJoinedCannotJoinAgain() {
        try (LinkClient link = LinkClient.open(doppler)) {
            link.join(1, "a", Filter.ALL, true);
            link.join(1, "b", Filter.ALL, true);

            assertThat(doppler.metric("subscriptions")).isEqualTo(1);
        }
    }

    @Test
    void otherPathsAreNotFound() {
        rejected(
                404,
                () -> LinkClient.connect(doppler, new WebSocketClientOptions(), "/firehose/a", List.of(SUBPROTOCOL)));
        counted("path");
    }

    @Test
    void anotherVersionOfTheProtocolIsABadRequest() {
        rejected(
                400,
                () -> LinkClient.connect(
                        doppler, new WebSocketClientOptions(), "/link", List.of("loggregator.link.v2")));
        counted("subprotocol");
    }

    @Test
    void noSubprotocolIsABadRequest() {
        rejected(400, () -> LinkClient.connect(doppler, new WebSocketClientOptions(), "/link", List.of()));
        counted("subprotocol");
    }

    @Test
    void plainHttpIsToldWhatThePortIsFor() {
        try (RawConnection connection = new RawConnection(doppler.linkPort())) {
            String answer = connection
                    .send("GET /link HTTP/1.1\r\nHost: doppler\r\nConnection: close\r\n\r\n")
                    .readToEnd();

            assertThat(answer).startsWith("HTTP/1.1 404 ").endsWith("the link port serves WebSockets at /link only\n");
        }
    }

    @Test
    void aDopplerThatStopsSaysGoodbye() {
        try (LinkClient link = LinkClient.open(doppler)) {
            doppler.stopAccepting();
            RunningDoppler.await(doppler.doppler().stopReaders());

            assertThat(link.closed()).isEqualTo("1001 this Doppler stops");
            assertThat(link.received())
                    .last()
                    .matches(message -> message.header().hasGoodbye());
        }
    }

    private LinkClient connect() {
        return LinkClient.connect(doppler, new WebSocketClientOptions());
    }

    private void refusedOnce(LinkClient link, String reason) {
        assertThat(link.closed()).isEqualTo("1002 " + reason);
        assertThat(doppler.metric("link_refused_total", "reason=\"protocol\"")).isEqualTo(1);
    }

    private static void rejected(int status, ThrowingCallable connecting) {
        assertThatThrownBy(connecting)
                .isInstanceOfSatisfying(
                        UpgradeRejectedException.class,
                        rejected -> assertThat(rejected.getStatus()).isEqualTo(status));
    }

    private void counted(String reason) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(doppler.metric("link_refused_total", "reason=\"" + reason + "\""))
                        .isEqualTo(1));
    }
}
