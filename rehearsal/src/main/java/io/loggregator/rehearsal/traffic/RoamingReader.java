package io.loggregator.rehearsal.traffic;

import io.loggregator.benchmarks.reader.Checker;
import io.loggregator.benchmarks.reader.Conversation;
import io.loggregator.benchmarks.reader.Endpoint;
import io.loggregator.benchmarks.reader.WebSocketClient;
import io.loggregator.rehearsal.nodes.Authority;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * A client that behaves as nozzles do: answers Pings, and when its connection ends, connects to the next Traffic Controller
 * that takes it. Lives on one event loop.
 */
final class RoamingReader {
    private static final long PAUSE_MILLIS = 20;

    private final EventLoop loop;
    private final List<Endpoint> endpoints;
    private final String path;
    private final int source;
    private final Checker checker;
    private final Function<Checker, Conversation> speaking;
    private WebSocketClient client;
    private final AtomicInteger connections = new AtomicInteger();
    private volatile boolean open;
    private int next;
    private boolean left;

    /**
     * @param endpoints to be tried in turn
     * @param source that it follows; -1 for a firehose
     * @param checker told all that comes
     * @param speaking what it speaks over each of its connections
     */
    RoamingReader(
            EventLoop loop,
            List<Endpoint> endpoints,
            String path,
            int source,
            Checker checker,
            Function<Checker, Conversation> speaking) {
        this.loop = loop;
        this.endpoints = endpoints;
        this.path = path;
        this.source = source;
        this.checker = checker;
        this.speaking = speaking;
    }

    /** Connects to one of the endpoints, or another one if it does not take it. */
    void connect(int which) {
        if (left) {
            return;
        }
        next = (which + 1) % endpoints.size();
        client = new WebSocketClient(
                endpoints.get(which), path, source, checker, speaking.apply(checker), Authority.TOKEN);
        client.course().open().whenComplete((opened, refused) -> {
            if (refused == null) {
                connections.incrementAndGet();
                open = true;
                // Its end is the next thing that is heard of it.
                client.course().end().thenRun(this::again);
            } else {
                again();
            }
        });
        client.connect(loop);
    }

    private void again() {
        open = false;
        checker.away();
        if (!left) {
            loop.schedule(() -> connect(next), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** How many connections were accepted so far; from any thread. */
    int connections() {
        return connections.get();
    }

    /** Whether it is connected; from any thread. */
    boolean open() {
        return open;
    }

    /** Expects logs of this phase. */
    void begin(int phase, int sources) {
        checker.begin(phase, sources);
    }

    /** Logs that reached it after a later one of the same source. */
    long outOfOrder() {
        return checker.outOfOrder();
    }

    /** Logs of a source that passed by while it was not connected. */
    long missedAway(int ofSource) {
        return checker.missedAway(ofSource);
    }

    /** Ends the connection, and opens another. */
    void reconnect() {
        client.leave();
    }

    /** Ends the connection, and opens no other. */
    void leave() {
        left = true;
        client.leave();
    }

    /** Moves to its first endpoint, if it is not there. */
    void goHome() {
        if (open && next != 1 % endpoints.size()) {
            client.leave();
            next = 0;
        }
    }
}
