package io.loggregator.trafficcontroller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.loggregator.node.settings.HostPort;
import io.loggregator.stream.dispatch.Lag;
import io.loggregator.stream.selection.Selection;
import io.loggregator.stream.selection.Selector;
import io.loggregator.trafficcontroller.FakeRouter.V2Reader;
import io.loggregator.trafficcontroller.fanout.AnswerMemory;
import io.loggregator.trafficcontroller.fanout.ClientCounters;
import io.loggregator.trafficcontroller.fanout.FanOut;
import io.loggregator.trafficcontroller.fanout.QueryLimits;
import io.loggregator.trafficcontroller.fanout.Timing;
import io.loggregator.trafficcontroller.router.RouterCounters;
import io.loggregator.trafficcontroller.router.Routers;
import io.loggregator.trafficcontroller.subscription.ClientTimes;
import io.loggregator.trafficcontroller.subscription.Form;
import io.loggregator.trafficcontroller.subscription.Loss;
import io.loggregator.trafficcontroller.subscription.Pace;
import io.loggregator.trafficcontroller.subscription.Piece;
import io.loggregator.trafficcontroller.subscription.Reader;
import io.loggregator.trafficcontroller.subscription.Reading;
import io.loggregator.trafficcontroller.subscription.Refinement;
import io.loggregator.trafficcontroller.subscription.Subscription;
import io.loggregator.wire.BatchCursor;
import io.netty.buffer.ByteBufUtil;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EgressBatchRequest;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Readers of v2 from Dopplers of the Go release. */
@ExtendWith(BufferLeaks.class)
class RouterReadingsTest {
    private static Vertx vertx;
    private static final Selector LOGS = new Selector("", BatchCursor.LOG, List.of());
    private static final Selector LOGS_OF_APP = new Selector("app", BatchCursor.LOG, List.of());

    @TempDir
    private static Path directory;

    private static FakeRouter.Authority authority;

    private final Context context = vertx.getOrCreateContext();
    private final RouterCounters counters = new RouterCounters();
    private FakeRouter router;
    private volatile String addressFound = "127.0.0.1";
    private FanOut fanOut;
    private Routers routers;

    /** Takes everything and confirms it at once. */
    private static final class Client implements Reader {
        final List<Envelope> received = new CopyOnWriteArrayList<>();
        final List<Loss> losses = new CopyOnWriteArrayList<>();
        volatile Reading reading;

        @Override
        public boolean writable() {
            return true;
        }

        @Override
        public void take(Piece piece) {
            byte[] bytes = ByteBufUtil.getBytes(piece.bytes());
            piece.bytes().release();
            try {
                received.addAll(EnvelopeBatch.parseFrom(bytes).getBatchList());
            } catch (InvalidProtocolBufferException e) {
                throw new UncheckedIOException(e);
            }
            // Not from here: an endpoint does it when the bytes have left.
            vertx.getOrCreateContext().runOnContext(later -> reading.confirm(piece.mark()));
        }

        @Override
        public boolean take(Lag lag, long number) {
            return false;
        }

        @Override
        public void take(Loss loss) {
            losses.add(loss);
        }

        @Override
        public void tooSlow(Pace pace) {}

        @Override
        public void stopping() {}

        @Override
        public long waitingBytes() {
            return 0;
        }

        @Override
        public String endpoint() {
            return "test";
        }

        @Override
        public String remote() {
            return "127.0.0.1:1";
        }

        @Override
        public String request() {
            return "a test";
        }
    }

    @BeforeAll
    static void createAuthority() {
        vertx = Vertx.vertx();
        authority = new FakeRouter.Authority(directory);
    }

    @BeforeEach
    void start() {
        router = FakeRouter.start("127.0.0.1", authority, "doppler");
        var tls = authority.material("trafficcontroller").clientContext("doppler", "h2");
        onContext(() -> {
            Routers.Options options;
            try {
                options = new Routers.Options(
                        TrafficControllerSettings.ROUTER_ADDRS,
                        List.of(HostPort.parse(router.address())),
                        tls.build(),
                        "doppler",
                        Duration.ofSeconds(1));
            } catch (SSLException e) {
                throw new UncheckedIOException(e);
            }
            fanOut = new FanOut(
                    vertx,
                    new FanOut.Options(
                            4 << 20,
                            4 << 20,
                            new AnswerMemory(AnswerMemory.USUAL),
                            QueryLimits.USUAL,
                            new ClientTimes(ClientTimes.USUAL_START, Duration.ofMinutes(1), ClientTimes.USUAL_PONG),
                            Duration.ofMinutes(1),
                            Duration.ofSeconds(1),
                            Timing.REAL,
                            slow -> {}),
                    new ClientCounters(),
                    () -> routers == null ? List.of() : routers.sessions());
            routers = new Routers(vertx, options, fanOut, counters, linked -> false, name ->
                    new InetAddress[] {InetAddress.getByName(addressFound)});
            routers.start();
            return null;
        });
        await().until(() -> counters.connections() == 1);
    }

    @AfterEach
    void stop() {
        onContext(fanOut::stop).await();
        onContext(() -> {
            routers.stop();
            return null;
        });
        router.close();
    }

    @AfterAll
    static void close() {
        vertx.close().await();
    }

    @Test
    void theRequestGoesToTheDopplerAsItIs() {
        open(new Subscription("v2", "shard", Selection.of(List.of(LOGS_OF_APP), true), Refinement.NONE, "b", ""));
        EgressBatchRequest request = router.reader("shard").request();
        assertThat(request.getSelectorsList()).singleElement().satisfies(selector -> {
            assertThat(selector.getSourceId()).isEqualTo("app");
            assertThat(selector.hasLog()).isTrue();
        });
        assertThat(request.getDeterministicName()).isEqualTo("b");
        assertThat(request.getUsePreferredTags()).isTrue();
    }

    @Test
    void whatTheDopplerSelectedIsDeliveredAsOftenAsItCame() {
        Client client = open(new Subscription(
                "v2", "shard", Selection.of(List.of(LOGS, LOGS_OF_APP), true), Refinement.NONE, "", ""));
        V2Reader reader = router.reader("shard");
        Envelope twice = Envelopes.log("app", "twice").toBuilder()
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(
                                99,
                                UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                        .build())
                .build();
        Envelope once = Envelopes.log("other", "once");
        FakeRouter.send(reader, List.of(twice, once));
        FakeRouter.send(reader, List.of(twice));
        await().until(() -> client.received.size() >= 3);
        assertThat(client.received).containsExactly(twice, once, twice);
        assertThat(counters.v2()).isEqualTo(3);
    }

    @Test
    void whatNoParserWouldTakeIsLeftOut() {
        Client client =
                open(new Subscription("v2", "shard", Selection.of(List.of(LOGS), true), Refinement.NONE, "", ""));
        V2Reader reader = router.reader("shard");
        Envelope good = Envelopes.log("app", "good");
        // A source id that is not UTF-8.
        Envelope bad = Envelope.newBuilder()
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(
                                2,
                                UnknownFieldSet.Field.newBuilder()
                                        .addLengthDelimited(ByteString.copyFrom(new byte[] {(byte) 0xff}))
                                        .build())
                        .build())
                .build();
        FakeRouter.send(reader, List.of(bad, good, bad, good));
        await().until(() -> client.received.size() >= 2);
        assertThat(client.received).containsExactly(good, good);
        assertThat(counters.malformed()).isEqualTo(2);
    }

    @Test
    void whoSharesWithNobodyHasNoShard() {
        Client client = open(new Subscription("v2", "", Selection.of(List.of(LOGS), false), Refinement.NONE, "", ""));
        FakeRouter.send(router.reader(""), List.of(Envelopes.log("app", "line")));
        await().until(() -> client.received.size() == 1);
        onContext(() -> {
            client.reading.close();
            return null;
        });
        await().until(() -> counters.firehoses() == 0);
    }

    @Test
    void whoGoesOnWhereAnotherWasIsToldThatNobodyKnowsWhatCameMeanwhile() {
        Selection selection = Selection.of(List.of(LOGS), false);
        Client first = open(new Subscription("v2", "", selection, Refinement.NONE, "", ""));
        FakeRouter.send(router.reader(""), List.of(Envelopes.log("app", "line")));
        await().until(() -> first.received.size() == 1);
        String position = onContext(() -> {
            String at = first.reading.position();
            first.reading.close();
            return at;
        });
        await().until(() -> counters.firehoses() == 0);
        Client second = open(new Subscription("v2", "", selection, Refinement.NONE, "", position));
        await().until(() -> !second.losses.isEmpty());
        assertThat(second.losses).singleElement().satisfies(loss -> {
            assertThat(loss.count()).isZero();
            assertThat(loss.reason()).isEqualTo("link_down");
        });
    }

    @Test
    void whoReadsFromADopplerThatIsGoneForGoodIsToldThatSomethingMayBeMissing() {
        Client client =
                open(new Subscription("v2", "shard", Selection.of(List.of(LOGS), true), Refinement.NONE, "", ""));
        FakeRouter.send(router.reader("shard"), List.of(Envelopes.log("app", "line")));
        await().until(() -> client.received.size() == 1);
        addressFound = "127.0.0.99";
        router.close();
        await().until(() -> !client.losses.isEmpty());
        assertThat(client.losses)
                .singleElement()
                .satisfies(loss -> assertThat(loss.count()).isZero());
        assertThat(counters.unknownLosses()).isEqualTo(1);
    }

    @Test
    void whoRefinesDifferentlyDoesNotShare() {
        Client client = open(new Subscription("v2", "shard", Selection.of(List.of(LOGS), true), named("at 7"), "", ""));
        V2Reader reader = router.reader("shard?at 7");
        Envelope wanted = Envelopes.log("app", "wanted", 7);
        FakeRouter.send(reader, List.of(Envelopes.log("app", "not", 1), wanted));
        await().until(() -> !client.received.isEmpty());
        assertThat(client.received).containsExactly(wanted);
    }

    @Test
    void aShardIsNoLongerThanADopplerTakesHoweverLongTheFiltersAre() {
        Selection selection = Selection.of(List.of(LOGS), true);
        String longest = "ü".repeat(512);
        open(new Subscription("v2", "shard", selection, named("a".repeat(5_000)), "", ""));
        open(new Subscription("v2", "shard", selection, named("a".repeat(5_000)), "", ""));
        open(new Subscription("v2", "shard", selection, named("b".repeat(5_000)), "", ""));
        open(new Subscription("v2", longest, selection, named("a"), "", ""));
        open(new Subscription("v2", longest, selection, named("a"), "", ""));
        open(new Subscription("v2", longest, selection, named("b"), "", ""));
        await().until(() -> router.readers() == 6);
        List<String> shards = router.shards();
        assertThat(shards)
                .allSatisfy(shard ->
                        assertThat(shard.getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(1_024));
        // Who refines alike shares, and nobody else.
        assertThat(new HashSet<>(shards)).hasSize(4);
        assertThat(shards.stream().filter(shard -> shard.startsWith("shard?"))).hasSize(3);
    }

    private static Refinement named(String identity) {
        return new Refinement() {
            @Override
            public boolean takes(BatchCursor cursor) {
                return cursor.timestamp() == 7;
            }

            @Override
            public String identity() {
                return identity;
            }
        };
    }

    @Test
    void moreStreamsThanAConnectionMayHaveTakeAnother() {
        Selection selection = Selection.of(List.of(LOGS), true);
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < 1_100; i++) {
            clients.add(open(new Subscription("v2", "shard-" + i, selection, Refinement.NONE, "", "")));
        }
        await().until(() -> router.readers() == 1_100);
        FakeRouter.send(router.reader("shard-1099"), List.of(Envelopes.log("app", "line")));
        await().until(() -> clients.get(1_099).received.size() == 1);
        onContext(() -> {
            clients.forEach(client -> client.reading.close());
            return null;
        });
        await().until(() -> router.readers() == 0);
        assertThat(counters.firehoses()).isZero();
        assertThat(counters.connections()).isEqualTo(1);
    }

    private Client open(Subscription subscription) {
        Client client = new Client();
        onContext(() -> client.reading = fanOut.open(subscription, Form.V2, client));
        return client;
    }

    private <T> T onContext(Supplier<T> action) {
        CompletableFuture<T> done = new CompletableFuture<>();
        context.runOnContext(turn -> {
            try {
                done.complete(action.get());
            } catch (RuntimeException | Error e) {
                done.completeExceptionally(e);
            }
        });
        return done.join();
    }
}
