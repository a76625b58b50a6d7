package io.loggregator.rehearsal.traffic;

import io.loggregator.benchmarks.load.PreparedBatch;
import io.loggregator.benchmarks.load.Transport;
import io.loggregator.benchmarks.reader.Checker;
import io.loggregator.benchmarks.reader.Conversation;
import io.loggregator.benchmarks.reader.Endpoint;
import io.loggregator.benchmarks.reader.WebSocketClient;
import io.loggregator.rehearsal.nodes.Authority;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Many clients that follow an app each, which sends nothing, and do everything at the same moment. */
public final class Crowd implements AutoCloseable {
    /** No source of the load has so high a number. */
    private static final int FIRST_APP = 1_000_000;

    private final EventLoopGroup group = Transport.loop();
    private final EventLoop loop = group.next();
    private final List<RoamingReader> clients = new ArrayList<>();

    /**
     * All connect at once.
     *
     * @param endpoints that they try in turn, every other one beginning with another
     */
    public Crowd(int count, List<Endpoint> endpoints) throws InterruptedException {
        Checker checker = new Checker(new Histogram(1));
        for (int i = 0; i < count; i++) {
            int app = FIRST_APP + i;
            String path = "/apps/" + PreparedBatch.sourceId(app) + "/stream";
            Dial dial = (endpoint, told) ->
                    new WebSocketClient(endpoint, path, app, told, Conversation.v1(told), Authority.TOKEN);
            clients.add(new RoamingReader(loop, endpoints, checker.member(), dial));
        }
        onLoop(() -> {
            for (int i = 0; i < count; i++) {
                clients.get(i).connect(i % endpoints.size());
            }
        });
    }

    /** How many are connected. */
    public long open() {
        return clients.stream().filter(RoamingReader::open).count();
    }

    /** How many connections they have had so far. */
    public int connections() {
        return clients.stream().mapToInt(RoamingReader::connections).sum();
    }

    /** All end their connections at once, without a word, and connect again. */
    public void reconnect() throws InterruptedException {
        onLoop(() -> clients.forEach(RoamingReader::reconnect));
    }

    private void onLoop(Runnable action) throws InterruptedException {
        loop.submit(action).sync();
    }

    /** All leave. */
    @Override
    public void close() {
        loop.submit(() -> clients.forEach(RoamingReader::leave)).awaitUninterruptibly();
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
