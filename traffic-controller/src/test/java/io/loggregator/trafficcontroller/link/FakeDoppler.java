package io.loggregator.trafficcontroller.link;

import static org.awaitility.Awaitility.await;

import com.google.protobuf.InvalidProtocolBufferException;
import io.loggregator.link.LinkFrame;
import io.loggregator.link.v1.Answer;
import io.loggregator.link.v1.Batch;
import io.loggregator.link.v1.Confirmed;
import io.loggregator.link.v1.Delivery;
import io.loggregator.link.v1.Gap;
import io.loggregator.link.v1.Goodbye;
import io.loggregator.link.v1.Join;
import io.loggregator.link.v1.Lag;
import io.loggregator.link.v1.Moved;
import io.loggregator.link.v1.Query;
import io.loggregator.link.v1.Tails;
import io.loggregator.link.v1.ToDoppler;
import io.loggregator.link.v1.ToTrafficController;
import io.loggregator.link.v1.Welcome;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.ServerWebSocket;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;

/**
 * A Doppler that does what a test says. By itself it only accepts links and, unless told not to, welcomes them. Its
 * methods are called by the test's thread; "the link" is the newest one.
 */
public final class FakeDoppler implements AutoCloseable {
    private static final int LARGEST_MESSAGE = 16 << 20;

    private final Vertx vertx;
    private final HttpServerOptions options;
    private final List<Link> links = new CopyOnWriteArrayList<>();
    private final AtomicInteger dialled = new AtomicInteger();
    private HttpServer server;
    private volatile String epoch;
    private volatile int lanes = 1;
    private volatile boolean welcoming = true;
    private volatile boolean takingEnvelopes;
    private volatile boolean answering = true;

    /** One connection of a Traffic Controller, and all it said. */
    public static final class Link {
        private final ServerWebSocket webSocket;
        private final List<ToDoppler> said = new CopyOnWriteArrayList<>();
        private final List<Envelope> envelopes = new CopyOnWriteArrayList<>();

        private volatile boolean closed;

        private final Context context;

        Link(ServerWebSocket webSocket, Context context) {
            this.webSocket = webSocket;
            this.context = context;
        }

        /** On the socket's event loop: its queue is not made for messages this large from other threads. */
        private void write(ToTrafficController message, byte[] batch) {
            byte[] frame = LinkFrame.encode(message, batch, 0, batch.length);
            context.runOnContext(turn -> webSocket.writeBinaryMessage(Buffer.buffer(frame)));
        }

        /** All messages so far, hello first. */
        public List<ToDoppler> said() {
            return said;
        }

        /** What came as the Traffic Controller's own. */
        public List<Envelope> envelopes() {
            return envelopes;
        }

        public boolean closed() {
            return closed;
        }

        /** The close code that the Traffic Controller sent. */
        public Short closeCode() {
            return webSocket.closeStatusCode();
        }

        public String closeReason() {
            return webSocket.closeReason();
        }
    }

    private FakeDoppler(Vertx vertx, HttpServerOptions options, String epoch) {
        this.vertx = vertx;
        this.options = options.setWebSocketSubProtocols(List.of("loggregator.link.v1"))
                .setMaxWebSocketFrameSize(LARGEST_MESSAGE)
                .setMaxWebSocketMessageSize(LARGEST_MESSAGE);
        this.epoch = epoch;
    }

    /** Listens on a free port of the loopback address, in plain text. */
    public static FakeDoppler start(Vertx vertx, String epoch) {
        return start(vertx, new HttpServerOptions().setHost("127.0.0.1").setPort(0), epoch);
    }

    public static FakeDoppler start(Vertx vertx, HttpServerOptions options, String epoch) {
        FakeDoppler doppler = new FakeDoppler(vertx, options, epoch);
        doppler.listen();
        return doppler;
    }

    private void listen() {
        server = vertx.createHttpServer(options)
                .webSocketHandler(this::connected)
                .listen()
                .await();
        options.setPort(server.actualPort());
    }

    private void connected(ServerWebSocket webSocket) {
        Link link = new Link(webSocket, vertx.getOrCreateContext());
        webSocket.binaryMessageHandler(buffer -> {
            ToDoppler message;
            try {
                byte[] frame = buffer.getBytes();
                message = LinkFrame.toDoppler(frame);
                int from = LinkFrame.headerEnd(frame);
                link.envelopes.addAll(EnvelopeBatch.parseFrom(ByteBuffer.wrap(frame, from, frame.length - from))
                        .getBatchList());
            } catch (InvalidProtocolBufferException e) {
                throw new UncheckedIOException(e);
            }
            link.said.add(message);
            if (message.hasHello() && welcoming) {
                link.write(welcome(), new byte[0]);
            }
            if (message.hasQuery() && message.getQuery().getSourceId().isEmpty() && answering) {
                link.write(nothing(message.getQuery()), new byte[0]);
            }
        });
        webSocket.closeHandler(closed -> link.closed = true);
        links.add(link);
        dialled.incrementAndGet();
    }

    private ToTrafficController welcome() {
        return ToTrafficController.newBuilder()
                .setWelcome(Welcome.newBuilder().setEpoch(epoch).setLanes(lanes).setTakesEnvelopes(takingEnvelopes))
                .build();
    }

    public int port() {
        return options.getPort();
    }

    /** As a setting has it. */
    public String address() {
        return "127.0.0.1:" + port();
    }

    /** Welcomes with that many lanes from now on. */
    public FakeDoppler lanes(int number) {
        lanes = number;
        return this;
    }

    /** Tells who links from now on that it takes envelopes. */
    public FakeDoppler takingEnvelopes() {
        takingEnvelopes = true;
        return this;
    }

    /** Whether hellos are answered from now on. */
    public FakeDoppler welcoming(boolean now) {
        welcoming = now;
        return this;
    }

    /** Whether queries about no source, which only ask whether all is done, are answered from now on. */
    public FakeDoppler answering(boolean now) {
        answering = now;
        return this;
    }

    /** Answers the query about no source that was left unanswered. */
    public void answerNow() {
        Query query = query();
        newest().write(nothing(query), new byte[0]);
    }

    private static ToTrafficController nothing(Query query) {
        return ToTrafficController.newBuilder()
                .setAnswer(Answer.newBuilder().setId(query.getId()).setLast(true))
                .build();
    }

    /** How often somebody dialled. */
    public int dialled() {
        return dialled.get();
    }

    public List<Link> links() {
        return links;
    }

    /** Waits for the link whose tails have been started, the last of what a Traffic Controller says first. */
    public Link linked() {
        return linkedAfter(0);
    }

    /** The same, for a link that came after that many others; one that has ended may still look alive. */
    public Link linkedAfter(int others) {
        await().until(() -> links.size() > others && newest().said.stream().anyMatch(FakeDoppler::startsTails));
        return newest();
    }

    private static boolean startsTails(ToDoppler message) {
        return message.hasTails() && message.getTails().hasStart();
    }

    private Link newest() {
        return links.get(links.size() - 1);
    }

    // ---- what the Traffic Controller said ------------------------------------------------------------------------

    /** Waits for something that the Traffic Controller says on this link. */
    private <T> T heard(Function<Link, T> what, Predicate<T> found) {
        return await().until(() -> what.apply(newest()), found);
    }

    public static List<Join> joins(Link link) {
        return link.said.stream()
                .filter(ToDoppler::hasJoin)
                .map(ToDoppler::getJoin)
                .toList();
    }

    public static List<Long> leaves(Link link) {
        return link.said.stream()
                .filter(ToDoppler::hasLeave)
                .map(message -> message.getLeave().getMember())
                .toList();
    }

    public static List<Tails> tails(Link link) {
        return link.said.stream()
                .filter(ToDoppler::hasTails)
                .map(ToDoppler::getTails)
                .toList();
    }

    /** Apps that are followed now. */
    public static List<String> followed(Link link) {
        List<String> apps = new ArrayList<>();
        for (Tails tails : tails(link)) {
            apps.addAll(tails.getAddList());
            apps.removeAll(tails.getRemoveList());
        }
        return apps;
    }

    /** The member of the newest client that joined with the subscription id, once it has. */
    public long member(String subscription) {
        return heard(
                        link -> joins(link).stream()
                                .filter(join -> join.getSubscription().equals(subscription))
                                .reduce((first, second) -> second),
                        Optional::isPresent)
                .orElseThrow()
                .getMember();
    }

    /** The highest sequence number confirmed for the member in the lane; 0 if none is. */
    public long confirmed(long member, int lane) {
        return newest().said.stream()
                .filter(ToDoppler::hasConfirm)
                .flatMap(message -> message.getConfirm().getMembersList().stream())
                .filter(confirmed -> confirmed.getMember() == member && confirmed.getLane() == lane)
                .mapToLong(Confirmed::getSequence)
                .max()
                .orElse(0);
    }

    /** Waits for the newest query. */
    public Query query() {
        return heard(link -> queries(link).reduce((first, second) -> second), Optional::isPresent)
                .orElseThrow();
    }

    /** All queries so far. */
    public List<Query> queries() {
        return queries(newest()).toList();
    }

    private static Stream<Query> queries(Link link) {
        return link.said.stream().filter(ToDoppler::hasQuery).map(ToDoppler::getQuery);
    }

    // ---- what it says --------------------------------------------------------------------------------------------

    /** Delivers a batch of lane 0 to one member. */
    public void deliver(long member, long sequence, List<Envelope> envelopes) {
        batch(
                Batch.newBuilder()
                        .addDeliveries(Delivery.newBuilder().setMember(member).setSequence(sequence))
                        .build(),
                envelopes);
    }

    /** Delivers a batch of lane 0 to every member that has joined and to tails; its number is its position, too. */
    public void toAll(long number, List<Envelope> envelopes) {
        Batch.Builder batch = Batch.newBuilder().setEnd(number).setTails(true);
        for (Join join : joins(newest())) {
            batch.addDeliveries(
                    Delivery.newBuilder().setMember(join.getMember()).setSequence(number));
        }
        batch(batch.build(), envelopes);
    }

    /** Sends a batch for tails, up to a position of lane 0. */
    public void tails(long end, List<Envelope> envelopes) {
        batch(Batch.newBuilder().setEnd(end).setTails(true).build(), envelopes);
    }

    public void batch(Batch header, List<Envelope> envelopes) {
        send(ToTrafficController.newBuilder().setBatch(header).build(), bytes(envelopes));
    }

    /** Says that a member lags. */
    public void lag(long member, int lane, long millis, long bytes, long limitBytes) {
        Lag.Builder lag = Lag.newBuilder()
                .setMember(member)
                .setLane(lane)
                .setBehindMillis(millis)
                .setBehindBytes(bytes)
                .setLimitBytes(limitBytes);
        send(ToTrafficController.newBuilder().setLag(lag).build(), new byte[0]);
    }

    /** Says that a member's client reads elsewhere. */
    public void moved(long member) {
        Moved moved = Moved.newBuilder().setMember(member).build();
        send(ToTrafficController.newBuilder().setMoved(moved).build(), new byte[0]);
    }

    public void gap(Gap gap) {
        send(ToTrafficController.newBuilder().setGap(gap).build(), new byte[0]);
    }

    public void answer(Query query, boolean last, List<Envelope> envelopes) {
        send(
                ToTrafficController.newBuilder()
                        .setAnswer(Answer.newBuilder().setId(query.getId()).setLast(last))
                        .build(),
                bytes(envelopes));
    }

    /** Welcomes the newest link, whether it was welcomed or not. */
    public void welcome(String asEpoch, int withLanes) {
        send(
                ToTrafficController.newBuilder()
                        .setWelcome(Welcome.newBuilder().setEpoch(asEpoch).setLanes(withLanes))
                        .build(),
                new byte[0]);
    }

    public void goodbye() {
        send(
                ToTrafficController.newBuilder()
                        .setGoodbye(Goodbye.getDefaultInstance())
                        .build(),
                new byte[0]);
    }

    public void send(ToTrafficController message, byte[] batch) {
        newest().write(message, batch);
    }

    /** Sends a binary message that need not be one of the protocol. */
    public void sendRaw(byte[] message) {
        newest().webSocket.writeBinaryMessage(Buffer.buffer(message));
    }

    public void sendText(String text) {
        newest().webSocket.writeTextMessage(text);
    }

    private static byte[] bytes(List<Envelope> envelopes) {
        return EnvelopeBatch.newBuilder().addAllBatch(envelopes).build().toByteArray();
    }

    /** Breaks the newest link and waits until it is gone. */
    public void breakLink() {
        Link link = newest();
        link.webSocket.close();
        await().until(link::closed);
    }

    /** Another run of this Doppler: what connects from now on meets another epoch. */
    public void restartAs(String newEpoch) {
        epoch = newEpoch;
        breakLink();
    }

    /** Stops listening; links break. */
    public void stopListening() {
        server.close().await();
    }

    /** Listens again, on the same port. */
    public void listenAgain() {
        listen();
    }

    @Override
    public void close() {
        server.close().await();
    }
}
