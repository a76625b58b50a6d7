package io.loggregator.rehearsal.traffic;

import io.loggregator.benchmarks.load.PreparedBatch;
import io.loggregator.benchmarks.reader.Acknowledging;
import io.loggregator.benchmarks.reader.Checker;
import io.loggregator.benchmarks.reader.Conversation;
import io.loggregator.benchmarks.reader.Endpoint;
import io.loggregator.benchmarks.reader.GrpcClient;
import io.loggregator.benchmarks.reader.LastEvent;
import io.loggregator.benchmarks.reader.Outcome;
import io.loggregator.benchmarks.reader.SseClient;
import io.loggregator.benchmarks.reader.WebSocketClient;
import io.loggregator.benchmarks.run.Credentials;
import io.loggregator.rehearsal.nodes.Authority;
import io.loggregator.rehearsal.nodes.Samples;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.HdrHistogram.Histogram;

/** A reader of the stream: one client or several that share a subscription. Usable from any thread. */
public final class Reader {
    private static final long LONGEST_MICROS = 3_600_000_000L;

    /** What the reader at the RLP port lets HTTP/2 have on its way. */
    private static final int WINDOW_BYTES = 64 << 10;
    /** What counts as read there and may be in the transport: 256 KiB, the message that crosses that line, and the window. */
    private static final long TRANSPORT_BYTES = (256 << 10) + (64 << 10) + WINDOW_BYTES;

    private static final long MOST_IN_TRANSPORT =
            TRANSPORT_BYTES / PreparedBatch.of(0).bytes().length + 1;

    private final String name;
    private final String ledgerOrNull;
    private final int source;
    private final long mostMissed;
    private final EventLoop loop;
    private final Checker checker;
    private final List<RoamingReader> clients = new ArrayList<>();

    /** @param mostMissed logs that nobody keeps for it when a connection ends, at most */
    private Reader(String name, String ledgerOrNull, int source, long mostMissed, EventLoop loop) {
        this.name = name;
        this.ledgerOrNull = ledgerOrNull;
        this.source = source;
        this.mostMissed = mostMissed;
        this.loop = loop;
        Histogram latencies = new Histogram(LONGEST_MICROS, 1);
        latencies.setAutoResize(true);
        checker = new Checker(latencies);
    }

    /**
     * v1 clients of the firehose with one subscription id.
     *
     * @param endpointsOfEach for each client those that it tries in turn
     */
    public static Reader firehose(String subscription, EventLoop loop, List<List<Endpoint>> endpointsOfEach)
            throws InterruptedException {
        return firehose(subscription, loop, endpointsOfEach, Conversation::v1);
    }

    /**
     * A client of the firehose that acknowledges what it has.
     *
     * @param endpoints that it tries in turn
     */
    public static Reader acknowledging(String subscription, EventLoop loop, List<Endpoint> endpoints)
            throws InterruptedException {
        return firehose(subscription, loop, List.of(endpoints), Acknowledging::new);
    }

    private static Reader firehose(
            String subscription,
            EventLoop loop,
            List<List<Endpoint>> endpointsOfEach,
            Function<Checker, Conversation> speaking)
            throws InterruptedException {
        Reader reader = new Reader(subscription, Samples.ofSubscription(subscription), -1, 0, loop);
        Dial dial = webSocket("/firehose/" + subscription, -1, speaking);
        for (List<Endpoint> endpoints : endpointsOfEach) {
            reader.connect(endpoints, dial);
        }
        return reader;
    }

    /** A v1 client of one app's stream. */
    public static Reader stream(int source, EventLoop loop, List<Endpoint> endpoints) throws InterruptedException {
        Reader reader = new Reader("app stream", null, source, Long.MAX_VALUE, loop);
        reader.connect(
                endpoints, webSocket("/apps/" + PreparedBatch.sourceId(source) + "/stream", source, Conversation::v1));
        return reader;
    }

    private static Dial webSocket(String path, int source, Function<Checker, Conversation> speaking) {
        return (endpoint, told) ->
                new WebSocketClient(endpoint, path, source, told, speaking.apply(told), Authority.TOKEN);
    }

    /** A client of the gateway port that shares with nobody, and says where it was when it comes again. */
    public static Reader events(EventLoop loop, List<Endpoint> endpoints) throws InterruptedException {
        Reader reader = new Reader("SSE", Samples.OF_ALONE, -1, 0, loop);
        LastEvent last = new LastEvent();
        reader.connect(endpoints, (endpoint, told) -> new SseClient(endpoint, last, told, Authority.TOKEN));
        return reader;
    }

    /** A client of the RLP port, the only one of its shard. */
    public static Reader batches(String shard, EventLoop loop, List<Endpoint> endpoints) throws InterruptedException {
        Reader reader = new Reader("RLP", Samples.ofSubscription(shard), -1, MOST_IN_TRANSPORT, loop);
        reader.connect(
                endpoints,
                (endpoint, told) ->
                        new GrpcClient(endpoint, Credentials.TRAFFIC_CONTROLLER, shard, true, WINDOW_BYTES, told));
        return reader;
    }

    private void connect(List<Endpoint> endpoints, Dial dial) throws InterruptedException {
        RoamingReader client = new RoamingReader(loop, endpoints, checker.member(), dial);
        clients.add(client);
        onLoop(() -> {
            client.connect(0);
            return null;
        });
    }

    /** For people. */
    public String name() {
        return name;
    }

    /** By what {@link Samples} have its account, null if Dopplers keep none of it. */
    public String ledgerOrNull() {
        return ledgerOrNull;
    }

    /** Forgets everything and expects logs of this phase. */
    public void begin(int phase, int sources) throws InterruptedException {
        onLoop(() -> {
            checker.begin(phase, sources);
            clients.forEach(client -> client.begin(phase, sources));
            return null;
        });
    }

    /** Whether all its clients are connected. */
    public boolean open() {
        return clients.stream().allMatch(RoamingReader::open);
    }

    /** How many connections its clients have had so far. */
    public int connections() {
        return clients.stream().mapToInt(RoamingReader::connections).sum();
    }

    /** Logs that arrived in this phase, again and again ones too, and those that were announced as lost. */
    public long settled() {
        return checker.settled();
    }

    /** How many clients it has. */
    public int clients() {
        return clients.size();
    }

    /** How often it was told in this phase that a Doppler is lost. */
    public long lostDopplers() {
        return checker.lostDopplers();
    }

    /** How often it was told in this phase of another loss without a number. */
    public long unknownLosses() {
        return checker.unknownLosses();
    }

    /** The highest number of a source that has arrived in this phase, -1 if none has. */
    public long highest(int ofSource) throws InterruptedException {
        return onLoop(() -> checker.highest(ofSource));
    }

    /** How many logs are not there of those numbered {@code from} to {@code to - 1}. */
    public long missing(int ofSource, long from, long to) throws InterruptedException {
        return onLoop(() -> checker.missing(ofSource, from, to));
    }

    /**
     * How many logs passed by while it was not connected, as far as nobody keeps them for it: an app stream misses all, a
     * client of the RLP port what was in the transport when a connection ended.
     */
    public long missedAway() throws InterruptedException {
        if (mostMissed == 0) {
            return 0;
        }
        return onLoop(() -> {
            long missed = 0;
            for (RoamingReader client : clients) {
                long most = source < 0 ? client.ends() * mostMissed : mostMissed;
                missed += Math.min(client.missedAway(), most);
            }
            return missed;
        });
    }

    /** Whether a source's logs are for it. */
    public boolean reads(int ofSource) {
        return source < 0 || source == ofSource;
    }

    /** What became of what was sent; out of order is what reached a client after a later log that reached the same client. */
    public Outcome outcome(long[] sent) throws InterruptedException {
        return onLoop(() -> {
            Outcome all = checker.outcome(sent, source);
            long outOfOrder =
                    clients.stream().mapToLong(RoamingReader::outOfOrder).sum();
            return new Outcome(
                    all.expected(),
                    all.received(),
                    all.lost(),
                    all.duplicates(),
                    outOfOrder,
                    all.announced(),
                    all.others());
        });
    }

    /** Its clients go to the first of their endpoints, if they are not there. */
    public void goHome() throws InterruptedException {
        onLoop(() -> {
            clients.forEach(RoamingReader::goHome);
            return null;
        });
    }

    private <T> T onLoop(Callable<T> action) throws InterruptedException {
        return loop.submit(action).sync().getNow();
    }
}
