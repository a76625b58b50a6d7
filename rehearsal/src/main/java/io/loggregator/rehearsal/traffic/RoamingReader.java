package io.loggregator.rehearsal.traffic;

import io.loggregator.benchmarks.reader.Checker;
import io.loggregator.benchmarks.reader.Client;
import io.loggregator.benchmarks.reader.Endpoint;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A client that behaves as nozzles do: when its connection ends, connects to the next Traffic Controller
 * that takes it. Lives on one event loop.
 */
final class RoamingReader {
    private static final long PAUSE_MILLIS = 20;

    private final EventLoop loop;
    private final List<Endpoint> endpoints;
    private final Checker checker;
    private final Dial dial;
    private Client client;
    private final AtomicInteger connections = new AtomicInteger();
    private volatile boolean open;
    private int next;
    private boolean left;
    private int connectionsBefore;

    /**
     * @param endpoints to be tried in turn
     * @param checker told all that comes
     * @param dial makes each of its connections
     */
    RoamingReader(EventLoop loop, List<Endpoint> endpoints, Checker checker, Dial dial) {
        this.loop = loop;
        this.endpoints = endpoints;
        this.checker = checker;
        this.dial = dial;
    }

    /** Connects to one of the endpoints, or another one if it does not take it. */
    void connect(int which) {
        if (left) {
            return;
        }
        next = (which + 1) % endpoints.size();
        client = dial.to(endpoints.get(which), checker);
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
        connectionsBefore = connections.get();
    }

    /** Logs that reached it after a later one of the same source. */
    long outOfOrder() {
        return checker.outOfOrder();
    }

    /** How many connections of this phase have ended and been followed by another. */
    int ends() {
        return connections.get() - connectionsBefore;
    }

    /** Logs that passed by while it was not connected. */
    long missedAway() {
        return checker.missedAway();
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
