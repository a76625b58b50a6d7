package io.loggregator.trafficcontroller.router;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.loggregator.node.settings.HostPort;
import io.loggregator.rpc.RawMethods;
import io.loggregator.trafficcontroller.upstream.DialTrouble;
import io.loggregator.trafficcontroller.upstream.DopplerListener;
import io.vertx.core.Vertx;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps one Doppler connected, with jittered back-off, and its session informed. On its event loop. */
final class RouterConnection {
    private static final Logger LOG = LoggerFactory.getLogger(RouterConnection.class);
    private static final long FIRST_PAUSE_MILLIS = 100;
    /** Short: a Doppler that is back drops what comes until it is asked. */
    private static final long LONGEST_PAUSE_MILLIS = 2_000;
    /** A connection that ends sooner was none, and the next is not made at once. */
    private static final long SOUND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Vertx vertx;
    private final Channels channels;
    /** The first of them. */
    private final ManagedChannel channel;

    private final RouterSession session;
    private final RouterCounters counters;
    private final DialTrouble trouble;
    private final Runnable onGivenUp;
    private boolean wanted = true;
    private boolean over;
    private boolean connected;
    private long connectedSince;
    private long pause = FIRST_PAUSE_MILLIS;
    private long timer;
    private boolean pausing;

    /**
     * @param channels call back on the event loop
     * @param onGivenUp told when it is over because it was not wanted any more
     */
    RouterConnection(
            Vertx vertx,
            Channels channels,
            HostPort address,
            DopplerListener listener,
            RouterCounters counters,
            Runnable onGivenUp) {
        this.vertx = vertx;
        this.channels = channels;
        this.channel = channels.first();
        this.counters = counters;
        this.onGivenUp = onGivenUp;
        this.trouble = new DialTrouble(address.toString());
        this.session = new RouterSession(vertx, channels, address.toString(), listener, counters);
    }

    RouterSession session() {
        return session;
    }

    void start() {
        channel.getState(true);
        watch();
    }

    /** Whether to connect again when the connection breaks. */
    void wanted(boolean stillWanted) {
        wanted = stillWanted;
        if (!wanted && !connected) {
            giveUp();
        }
    }

    /** Ends everything. */
    void stop() {
        if (over) {
            return;
        }
        over = true;
        stopPausing();
        disconnected();
        if (session.isOpen()) {
            session.close();
        }
        channels.close();
    }

    private void giveUp() {
        session.giveUp();
        stop();
        onGivenUp.run();
    }

    private void watch() {
        if (over) {
            return;
        }
        ConnectivityState state = channel.getState(false);
        switch (state) {
            case READY -> connected();
            case IDLE -> lost();
            case TRANSIENT_FAILURE -> failed();
            default -> disconnected();
        }
        if (!over) {
            channel.notifyWhenStateChanged(state, this::watch);
        }
    }

    private void connected() {
        if (connected) {
            return;
        }
        stopPausing();
        trouble.over();
        connected = true;
        connectedSince = System.nanoTime();
        counters.connections.add(1);
        LOG.info("connected to Doppler {} by gRPC", session.address());
        if (session.isOpen()) {
            session.connected(true);
        } else {
            session.open();
        }
    }

    private void disconnected() {
        if (connected) {
            connected = false;
            counters.connections.add(-1);
            session.connected(false);
        }
    }

    /** There was a connection, which ends or has ended; streams may still live on it. */
    private void lost() {
        if (connected) {
            LOG.info("connection to Doppler {} ended", session.address());
            if (System.nanoTime() - connectedSince >= SOUND_NANOS) {
                pause = FIRST_PAUSE_MILLIS;
                disconnected();
                redial();
                return;
            }
        }
        disconnected();
        if (wanted) {
            later();
        } else {
            giveUp();
        }
    }

    private void redial() {
        if (wanted) {
            channel.getState(true);
        } else {
            giveUp();
        }
    }

    private void failed() {
        disconnected();
        if (wanted) {
            explain();
            later();
        } else {
            giveUp();
        }
    }

    /** Tries again after a pause, and again, since a failure that goes on is no change of state. */
    private void later() {
        if (pausing) {
            return;
        }
        pausing = true;
        long jittered = ThreadLocalRandom.current().nextLong(pause / 2, pause + pause / 2);
        pause = Math.min(pause * 2, LONGEST_PAUSE_MILLIS);
        timer = vertx.setTimer(jittered, again -> {
            pausing = false;
            if (channel.getState(true) == ConnectivityState.TRANSIENT_FAILURE) {
                explain();
                // Without it gRPC would wait by its own reckoning, up to two minutes.
                channel.resetConnectBackoff();
                later();
            }
        });
    }

    private void stopPausing() {
        if (pausing) {
            pausing = false;
            vertx.cancelTimer(timer);
        }
    }

    /** What gRPC itself adds is about the inside of its channel. */
    private static String reason(Status status) {
        return status.getCause() == null
                ? String.valueOf(status.getDescription())
                : DialTrouble.explain(status.getCause());
    }

    /** Only a call is told why there is no connection; it fails at once and goes nowhere. */
    private void explain() {
        ClientCall<byte[], byte[]> call = channel.newCall(RawMethods.recentLogs(), CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        if (status.getCode() == Status.Code.UNAVAILABLE) {
                            trouble.warn("cannot connect to", reason(status));
                        }
                    }
                },
                new Metadata());
        call.cancel("only to hear why there is no connection", null);
    }
}
