package io.loggregator.trafficcontroller.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.loggregator.link.v1.Answer;
import io.loggregator.link.v1.Batch;
import io.loggregator.link.v1.Gap;
import io.loggregator.link.v1.Hello;
import io.loggregator.link.v1.Lag;
import io.loggregator.link.v1.Moved;
import io.loggregator.link.v1.ToTrafficController;
import io.loggregator.node.settings.HostPort;
import io.loggregator.trafficcontroller.TrafficControllerSettings;
import io.loggregator.trafficcontroller.upstream.AddressLookup;
import io.loggregator.trafficcontroller.upstream.DopplerListener;
import io.loggregator.trafficcontroller.upstream.DopplerSession;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClientOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Links to Dopplers that come, go, move, fall silent or talk nonsense. */
class DopplersTest {
    private static Vertx vertx;
    private static final Duration INTERVAL = Duration.ofMillis(100);
    private static final Hello HELLO =
            Hello.newBuilder().setTrafficController("tester").build();

    private final Events events = new Events();
    private final List<AutoCloseable> toClose = new ArrayList<>();
    private Dopplers dopplers;

    /** What the listener was told. */
    private static final class Events implements DopplerListener {
        final List<String> opened = new CopyOnWriteArrayList<>();
        final AtomicInteger closed = new AtomicInteger();
        final List<String> brokenOff = new CopyOnWriteArrayList<>();
        final AtomicInteger batches = new AtomicInteger();

        @Override
        public void opened(DopplerSession session) {
            opened.add(session.epoch());
        }

        @Override
        public void batch(DopplerSession session, Batch header, byte[] bytes, int from, int to) {
            batches.incrementAndGet();
        }

        @Override
        public void gap(DopplerSession session, Gap gap) {
            throw new AssertionError("no gap was sent");
        }

        @Override
        public void lag(DopplerSession session, Lag lag) {}

        @Override
        public void moved(Moved moved) {}

        @Override
        public void answer(DopplerSession session, Answer answer, byte[] bytes, int from, int to) {
            throw new AssertionError("nothing was asked");
        }

        @Override
        public void closed(DopplerSession session) {
            closed.incrementAndGet();
        }

        @Override
        public void brokeOff(DopplerSession session, long heardMillis) {
            brokenOff.add(session.epoch());
        }
    }

    @AfterEach
    void stop() throws Exception {
        if (dopplers != null) {
            dopplers.stop().await();
        }
        for (AutoCloseable each : toClose) {
            each.close();
        }
    }

    @BeforeAll
    static void open() {
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void close() {
        vertx.close().await();
    }

    private FakeDoppler doppler(String epoch) {
        FakeDoppler doppler = FakeDoppler.start(vertx, epoch);
        toClose.add(doppler);
        return doppler;
    }

    private void link(AddressLookup.Resolver lookup, int... ports) {
        link(INTERVAL, lookup, ports);
    }

    private void link(Duration pingInterval, AddressLookup.Resolver lookup, int... ports) {
        List<HostPort> addresses = new ArrayList<>();
        for (int port : ports) {
            addresses.add(new HostPort("doppler.test", port));
        }
        Context context = vertx.getOrCreateContext();
        dopplers = new Dopplers(
                vertx,
                new Dopplers.Options(
                        TrafficControllerSettings.DOPPLER_LINK_ADDRS,
                        addresses,
                        new WebSocketClientOptions(),
                        HELLO,
                        pingInterval,
                        INTERVAL),
                events,
                lookup);
        context.runOnContext(turn -> dopplers.start());
    }

    private static InetAddress[] loopback(String host) {
        return new InetAddress[] {InetAddress.getLoopbackAddress()};
    }

    @Test
    void aLinkStartsWithAHelloAndIsOpenAfterTheWelcome() {
        FakeDoppler doppler = doppler("one").welcoming(false);
        link(DopplersTest::loopback, doppler.port());
        await().until(() ->
                !doppler.links().isEmpty() && !doppler.links().get(0).said().isEmpty());
        Hello said = doppler.links().get(0).said().get(0).getHello();
        assertThat(said.getTails()).isNotEmpty();
        assertThat(said.getTakesLags()).isTrue();
        assertThat(said.getTakesMoved()).isTrue();
        assertThat(said.toBuilder()
                        .clearTails()
                        .clearTakesLags()
                        .clearTakesMoved()
                        .build())
                .isEqualTo(HELLO);
        assertThat(events.opened).isEmpty();
        doppler.welcome("one", 3);
        await().until(() -> events.opened.equals(List.of("one")));
    }

    @Test
    void aLinkThatBreaksIsDialledAgain() {
        FakeDoppler doppler = doppler("one");
        link(DopplersTest::loopback, doppler.port());
        await().until(() -> events.opened.size() == 1);
        doppler.breakLink();
        await().until(() -> events.opened.equals(List.of("one", "one")));
        assertThat(events.closed.get()).isEqualTo(1);
    }

    @Test
    void aGoodbyeIsFinalForThatRunAndTheNextOneIsLinked() {
        FakeDoppler doppler = doppler("one");
        link(DopplersTest::loopback, doppler.port());
        await().until(() -> events.opened.size() == 1);
        doppler.goodbye();
        doppler.breakLink();
        // It is dialled and refused as long as the run that ends still answers.
        await().until(() -> doppler.dialled() >= 3);
        assertThat(events.opened).containsExactly("one");
        doppler.restartAs("two");
        await().atMost(Duration.ofSeconds(20)).until(() -> events.opened.equals(List.of("one", "two")));
        assertThat(events.brokenOff).isEmpty();
        doppler.breakLink();
        await().until(() -> events.brokenOff.equals(List.of("two")));
    }

    @Test
    void aDopplerThatIsAwayIsDialledUntilItIsBack() {
        FakeDoppler doppler = doppler("one");
        link(DopplersTest::loopback, doppler.port());
        await().until(() -> events.opened.size() == 1);
        doppler.stopListening();
        await().until(() -> events.closed.get() == 1);
        doppler.listenAgain();
        await().until(() -> events.opened.size() == 2);
    }

    @Test
    void aDopplerThatMayBeStartingIsDialledOftenAndLaterWithPausesThatGrow() throws Exception {
        List<Long> times = new CopyOnWriteArrayList<>();
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread refusing = new Thread(() -> {
                try {
                    while (times.size() < 25) {
                        server.accept().close();
                        times.add(System.nanoTime());
                    }
                } catch (IOException e) {
                    times.clear();
                }
            });
            refusing.start();
            link(DopplersTest::loopback, server.getLocalPort());
            refusing.join(Duration.ofSeconds(20).toMillis());
        }
        assertThat(times).hasSize(25);
        assertThat(Duration.ofNanos(times.get(20) - times.get(0)))
                .as("20 pauses of 100 ms; if they grew, it would be half a minute")
                .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(10));
        for (int grown = 1; grown <= 3; grown++) {
            assertThat(Duration.ofNanos(times.get(21 + grown) - times.get(20 + grown)))
                    .as("a pause doubled %d times, jittered by half", grown)
                    .isGreaterThan(Duration.ofMillis(50L << grown).minusMillis(10));
        }
    }

    @Test
    void anAddressThatAppearsIsDialledAndALinkOutlivesItsName() {
        FakeDoppler doppler = doppler("one");
        Semaphore answers = new Semaphore(0);
        List<InetAddress> now = new CopyOnWriteArrayList<>();
        AtomicInteger lookups = new AtomicInteger();
        link(
                host -> {
                    answers.acquireUninterruptibly();
                    lookups.incrementAndGet();
                    return now.toArray(InetAddress[]::new);
                },
                doppler.port());
        answers.release();
        await().until(() -> lookups.get() == 1);
        now.add(InetAddress.getLoopbackAddress());
        answers.release();
        await().until(() -> events.opened.size() == 1);
        now.clear();
        answers.release(2);
        await().until(() -> lookups.get() == 4);
        assertThat(events.closed.get()).isZero();
        // It breaks while nobody wants it, and its name is back by the next lookup.
        doppler.breakLink();
        await().until(() -> events.closed.get() == 1);
        now.add(InetAddress.getLoopbackAddress());
        answers.release(2);
        await().until(() -> events.opened.size() == 2);
        answers.release(1_000);
    }

    @Test
    void oneDopplerUnderTwoAddressesIsLinkedOnce() throws Exception {
        FakeDoppler first = doppler("the same");
        FakeDoppler second = doppler("the same");
        link(DopplersTest::loopback, first.port(), second.port());
        await().until(() -> first.dialled() > 0 && second.dialled() > 0);
        await().until(() ->
                first.links().get(0).closed() || second.links().get(0).closed());
        assertThat(events.opened).containsExactly("the same");
    }

    @Test
    void aPeerThatNeverAnswersTheUpgradeIsGivenUp() throws Exception {
        try (ServerSocket mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            link(DopplersTest::loopback, mute.getLocalPort());
            mute.setSoTimeout(10_000);
            try (Socket first = mute.accept();
                    Socket second = mute.accept()) {
                assertThat(first.getPort()).isNotEqualTo(second.getPort());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u007f", "\u0001", "\u0002\u0007\u0007"})
    void nonsenseEndsTheLinkAsAProtocolError(String message) {
        FakeDoppler doppler = doppler("one");
        link(DopplersTest::loopback, doppler.port());
        await().until(() -> events.opened.size() == 1);
        FakeDoppler.Link link = doppler.links().get(0);
        doppler.sendRaw(message.getBytes(StandardCharsets.ISO_8859_1));
        await().until(link::closed);
        assertThat(link.closeCode()).isEqualTo((short) 1002);
        await().until(() -> events.opened.size() == 2);
    }

    @Test
    void aBatchBeforeTheWelcomeEndsTheLink() {
        FakeDoppler doppler = doppler("one").welcoming(false);
        // It may be the first test, and a JVM that is cold takes longer for a first link than the others wait.
        link(INTERVAL.multipliedBy(100), DopplersTest::loopback, doppler.port());
        await().until(() -> !doppler.links().isEmpty());
        doppler.send(
                ToTrafficController.newBuilder()
                        .setBatch(Batch.getDefaultInstance())
                        .build(),
                new byte[0]);
        await().until(() -> doppler.links().get(0).closed());
        assertThat(doppler.links().get(0).closeCode()).isEqualTo((short) 1002);
        assertThat(doppler.links().get(0).closeReason()).isEqualTo("the first message must be a welcome");
        assertThat(events.batches.get()).isZero();
        assertThat(events.opened).isEmpty();
    }
}
