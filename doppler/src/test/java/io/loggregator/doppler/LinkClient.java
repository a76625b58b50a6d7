package io.loggregator.doppler;

import static org.awaitility.Awaitility.await;

import com.google.protobuf.InvalidProtocolBufferException;
import io.loggregator.link.LinkFrame;
import io.loggregator.link.v1.Batch;
import io.loggregator.link.v1.Confirm;
import io.loggregator.link.v1.Confirmed;
import io.loggregator.link.v1.Delivery;
import io.loggregator.link.v1.Filter;
import io.loggregator.link.v1.Gap;
import io.loggregator.link.v1.Hello;
import io.loggregator.link.v1.Join;
import io.loggregator.link.v1.Leave;
import io.loggregator.link.v1.Query;
import io.loggregator.link.v1.Start;
import io.loggregator.link.v1.Tails;
import io.loggregator.link.v1.ToDoppler;
import io.loggregator.link.v1.ToTrafficController;
import io.loggregator.link.v1.Welcome;
import io.loggregator.link.v1.Window;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.internal.http.WebSocketInternal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;

/** The Traffic Controller's end of a link, as docs/link.md has it, keeping all that comes. For any thread. */
final class LinkClient implements AutoCloseable {
    static final long WIDE = 1L << 30;

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int LARGEST_MESSAGE = 16 << 20;

    private final Vertx vertx;

    /** Held, as Vert.x closes a client's connections when nobody does. */
    private final WebSocketClient client;

    private final WebSocket webSocket;
    private final List<Received> received = new ArrayList<>(); // guarded by this
    private final Map<Long, Filter> members = new ConcurrentHashMap<>();
    private final Set<Long> confirming = ConcurrentHashMap.newKeySet();
    private volatile Throwable broken;

    /** One message. */
    record Received(ToTrafficController header, List<Envelope> envelopes) {}

    private final CountDownLatch thawed = new CountDownLatch(1);

    private LinkClient(Vertx vertx, WebSocketClient client, WebSocket webSocket) {
        this.vertx = vertx;
        this.client = client;
        this.webSocket = webSocket;
        webSocket.binaryMessageHandler(this::message);
        webSocket.exceptionHandler(error -> broken = error);
    }

    /** Connects and says hello, keeping groups for a minute. */
    static LinkClient open(RunningDoppler doppler) {
        return open(doppler, Hello.newBuilder().setGraceMillis(60_000).setGroupsInGrace(100));
    }

    static LinkClient open(RunningDoppler doppler, Hello.Builder hello) {
        LinkClient client = connect(doppler, new WebSocketClientOptions());
        client.hello(hello);
        return client;
    }

    /** Connects and says nothing. */
    static LinkClient connect(RunningDoppler doppler, WebSocketClientOptions options) {
        return connect(doppler, options, "/link", List.of("loggregator.link.v1"));
    }

    static LinkClient connect(
            RunningDoppler doppler, WebSocketClientOptions options, String path, List<String> subprotocols) {
        Vertx vertx = Vertx.vertx(new io.vertx.core.VertxOptions().setEventLoopPoolSize(1));
        options.setMaxFrameSize(LARGEST_MESSAGE)
                .setMaxMessageSize(LARGEST_MESSAGE)
                .setClosingTimeout(1);
        WebSocketConnectOptions to = new WebSocketConnectOptions()
                .setHost("127.0.0.1")
                .setPort(doppler.linkPort())
                .setURI(path)
                .setSubProtocols(subprotocols);
        try {
            // On the socket's loop, so that no message comes before there is a handler.
            WebSocketClient client = vertx.createWebSocketClient(options);
            return RunningDoppler.await(client.connect(to).map(webSocket -> new LinkClient(vertx, client, webSocket)));
        } catch (Throwable refused) {
            RunningDoppler.await(vertx.close());
            throw refused;
        }
    }

    Welcome hello(Hello.Builder hello) {
        if (hello.getTrafficController().isEmpty()) {
            hello.setTrafficController("tc-under-test");
        }
        send(ToDoppler.newBuilder().setHello(hello));
        return welcome();
    }

    Welcome welcome() {
        return first(message -> message.header().hasWelcome()).header().getWelcome();
    }

    void send(ToDoppler.Builder message) {
        sendBytes(LinkFrame.encode(message.build()));
    }

    void sendBytes(byte[] message) {
        webSocket.writeBinaryMessage(Buffer.buffer(message));
    }

    void sendText(String text) {
        webSocket.writeTextMessage(text);
    }

    /** Joins a group that wants everything, confirming all it gets, in wide windows. */
    void join(long member, String subscription) {
        join(member, subscription, Filter.ALL, true);
    }

    void join(long member, String subscription, Filter filter, boolean confirms) {
        join(
                Join.newBuilder()
                        .setMember(member)
                        .setProtocol("v1")
                        .setSubscription(subscription)
                        .setFilter(filter)
                        .setWindowBytes(WIDE),
                confirms);
    }

    /** Joins; returns when the Doppler has it done. */
    void join(Join.Builder join, boolean confirms) {
        members.put(join.getMember(), join.getFilter());
        if (confirms) {
            confirming.add(join.getMember());
        }
        send(ToDoppler.newBuilder().setJoin(join));
        settle();
    }

    /** Leaves; returns when the Doppler has it done. */
    void leave(long member) {
        send(ToDoppler.newBuilder().setLeave(Leave.newBuilder().setMember(member)));
        settle();
    }

    void window(long member, long bytes) {
        send(ToDoppler.newBuilder()
                .setWindow(Window.newBuilder().setMember(member).setBytes(bytes)));
    }

    void confirm(long member, int lane, long sequence) {
        send(ToDoppler.newBuilder()
                .setConfirm(Confirm.newBuilder()
                        .addMembers(Confirmed.newBuilder()
                                .setMember(member)
                                .setLane(lane)
                                .setSequence(sequence))));
    }

    /** Confirms everything that came so far, and all that comes. */
    void confirmFromNowOn(long member) {
        confirming.add(member);
        for (Received message : received()) {
            confirmations(message.header());
        }
    }

    /** Follows sources from now on; returns when the Doppler does. */
    void follow(String... sources) {
        tails(Tails.newBuilder().addAllAdd(List.of(sources)).setStart(Start.getDefaultInstance()));
    }

    void tails(Tails.Builder tails) {
        send(ToDoppler.newBuilder().setTails(tails));
        settle();
    }

    private long queries = 1_000_000;

    /** Waits until the Doppler has done all that it was told before: a query passes all its lanes. */
    void settle() {
        query(query("no such source", Query.Kind.RECENT_LOGS, 0));
    }

    Query.Builder query(String source, Query.Kind kind, int limit) {
        return Query.newBuilder()
                .setId(queries++)
                .setSourceId(source)
                .setKind(kind)
                .setLimit(limit);
    }

    /** The whole answer to a query. */
    List<Received> query(Query.Builder query) {
        send(ToDoppler.newBuilder().setQuery(query));
        Predicate<Received> answers = message ->
                message.header().hasAnswer() && message.header().getAnswer().getId() == query.getId();
        first(answers.and(message -> message.header().getAnswer().getLast()));
        return received().stream().filter(answers).toList();
    }

    private void message(Buffer buffer) {
        byte[] bytes = buffer.getBytes();
        try {
            ToTrafficController header = LinkFrame.toTrafficController(bytes);
            int at = LinkFrame.headerEnd(bytes);
            List<Envelope> envelopes = EnvelopeBatch.parser()
                    .parseFrom(bytes, at, bytes.length - at)
                    .getBatchList();
            synchronized (this) {
                received.add(new Received(header, envelopes));
            }
            confirmations(header);
        } catch (InvalidProtocolBufferException e) {
            broken = e;
        }
    }

    private void confirmations(ToTrafficController message) {
        if (message.hasBatch()) {
            message.getBatch()
                    .getDeliveriesList()
                    .forEach(delivery -> confirm(delivery, message.getBatch().getLane()));
        } else if (message.hasGap() && message.getGap().hasDelivery()) {
            confirm(message.getGap().getDelivery(), message.getGap().getLane());
        }
    }

    private void confirm(Delivery delivery, int lane) {
        if (confirming.contains(delivery.getMember())) {
            confirm(delivery.getMember(), lane, delivery.getSequence());
        }
    }

    synchronized List<Received> received() {
        if (broken != null) {
            throw new AssertionError("the link broke", broken);
        }
        return receivedInAll();
    }

    /** The same of a link that may have broken. */
    synchronized List<Received> receivedInAll() {
        return List.copyOf(received);
    }

    Received first(Predicate<Received> wanted) {
        await().atMost(PATIENCE).until(() -> received().stream().anyMatch(wanted));
        return received().stream().filter(wanted).findFirst().orElseThrow();
    }

    /** Headers of all batches so far. */
    List<Batch> batches() {
        return received().stream()
                .filter(message -> message.header().hasBatch())
                .map(message -> message.header().getBatch())
                .toList();
    }

    /** All envelopes that a member was delivered so far, in the order they came. */
    List<Envelope> delivered(long member) {
        Filter filter = members.get(member);
        return received().stream()
                .filter(message -> message.header().getBatch().getDeliveriesList().stream()
                        .anyMatch(delivery -> delivery.getMember() == member))
                .flatMap(message -> message.envelopes().stream())
                .filter(envelope -> filter == Filter.ALL || (filter == Filter.LOGS) == envelope.hasLog())
                .toList();
    }

    /** All envelopes of a source that came for tails so far. */
    List<Envelope> tailed(String source) {
        return received().stream()
                .filter(message -> message.header().getBatch().getTails())
                .flatMap(message -> message.envelopes().stream())
                .filter(envelope -> envelope.getSourceId().equals(source))
                .toList();
    }

    /** All envelopes that crossed the link so far, for whomever. */
    List<Envelope> crossed() {
        return received().stream()
                .filter(message -> message.header().hasBatch())
                .flatMap(message -> message.envelopes().stream())
                .toList();
    }

    List<Gap> gaps() {
        return received().stream()
                .filter(message -> message.header().hasGap())
                .map(message -> message.header().getGap())
                .toList();
    }

    List<Gap> gaps(long member) {
        return gaps().stream()
                .filter(gap -> gap.hasDelivery() && gap.getDelivery().getMember() == member)
                .toList();
    }

    /** Sequence numbers that a member saw, lane by lane, in the order they came. */
    Map<Integer, List<Long>> sequences(long member) {
        Map<Integer, List<Long>> lanes = new HashMap<>();
        for (Received message : received()) {
            Batch batch = message.header().getBatch();
            Gap gap = message.header().getGap();
            batch.getDeliveriesList().stream()
                    .filter(delivery -> delivery.getMember() == member)
                    .forEach(delivery -> lanes.computeIfAbsent(batch.getLane(), lane -> new ArrayList<>())
                            .add(delivery.getSequence()));
            if (gap.hasDelivery() && gap.getDelivery().getMember() == member) {
                lanes.computeIfAbsent(gap.getLane(), lane -> new ArrayList<>())
                        .add(gap.getDelivery().getSequence());
            }
        }
        return lanes;
    }

    /** Stops reading the socket. */
    void pause() {
        webSocket.pause();
    }

    void resume() {
        webSocket.resume();
    }

    /** Holds up the event loop, so that nothing is read or answered, not even Pings, until {@link #close}. */
    void freeze() {
        vertx.runOnContext(turn -> {
            try {
                thawed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    boolean isClosed() {
        return webSocket.isClosed();
    }

    /** Waits for the Doppler's close; "code reason". */
    String closed() {
        await().atMost(PATIENCE).until(webSocket::isClosed);
        return webSocket.closeStatusCode() + " " + webSocket.closeReason();
    }

    /** Ends the connection. */
    void cut() {
        RunningDoppler.await(client.close());
    }

    /** Resets the connection, as a network may: without a Close frame, which a channel's own close would send. */
    void reset() {
        Channel channel =
                ((WebSocketInternal) webSocket).channelHandlerContext().channel();
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
        channel.eventLoop().submit(channel.unsafe()::closeForcibly).syncUninterruptibly();
    }

    @Override
    public void close() {
        thawed.countDown();
        RunningDoppler.await(client.close());
        RunningDoppler.await(vertx.close());
    }
}
