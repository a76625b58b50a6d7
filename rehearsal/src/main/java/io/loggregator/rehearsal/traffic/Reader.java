package io.loggregator.rehearsal.traffic;

import io.loggregator.benchmarks.load.PreparedBatch;
import io.loggregator.benchmarks.reader.Acknowledging;
import io.loggregator.benchmarks.reader.Checker;
import io.loggregator.benchmarks.reader.Conversation;
import io.loggregator.benchmarks.reader.Endpoint;
import io.loggregator.benchmarks.reader.Outcome;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.HdrHistogram.Histogram;

/** A reader of the stream: one client or several that share a subscription. Usable from any thread. */
public final class Reader {
    private static final long LONGEST_MICROS = 3_600_000_000L;

    private final String name;
    private final String subscriptionOrNull;
    private final int source;
    private final EventLoop loop;
    private final Checker checker;
    private final List<RoamingReader> clients = new ArrayList<>();

    private Reader(String name, String subscriptionOrNull, int source, EventLoop loop) {
        this.name = name;
        this.subscriptionOrNull = subscriptionOrNull;
        this.source = source;
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
        Reader reader = new Reader(subscription, subscription, -1, loop);
        reader.connect("/firehose/" + subscription, endpointsOfEach, speaking);
        return reader;
    }

    /** A v1 client of one app's stream. */
    public static Reader stream(int source, EventLoop loop, List<Endpoint> endpoints) throws InterruptedException {
        Reader reader = new Reader("app stream", null, source, loop);
        reader.connect("/apps/" + PreparedBatch.sourceId(source) + "/stream", List.of(endpoints), Conversation::v1);
        return reader;
    }

    private void connect(String path, List<List<Endpoint>> endpointsOfEach, Function<Checker, Conversation> speaking)
            throws InterruptedException {
        for (List<Endpoint> endpoints : endpointsOfEach) {
            clients.add(new RoamingReader(loop, endpoints, path, source, checker.member(), speaking));
        }
        onLoop(() -> {
            clients.forEach(client -> client.connect(0));
            return null;
        });
    }

    /** For people. */
    public String name() {
        return name;
    }

    /** The id of its subscription, null if it has none. */
    public String subscriptionOrNull() {
        return subscriptionOrNull;
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

    /** The highest number of a source that has arrived in this phase, -1 if none has. */
    public long highest(int ofSource) throws InterruptedException {
        return onLoop(() -> checker.highest(ofSource));
    }

    /** How many logs are not there of those numbered {@code from} to {@code to - 1}. */
    public long missing(int ofSource, long from, long to) throws InterruptedException {
        return onLoop(() -> checker.missing(ofSource, from, to));
    }

    /**
     * How many logs passed by while it was not connected; only of an app stream, which nobody keeps anything for.
     */
    public long missedAway() throws InterruptedException {
        return source < 0 ? 0 : onLoop(() -> clients.get(0).missedAway(source));
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
