package io.loggregator.trafficcontroller.link;

import io.loggregator.link.v1.Hello;
import io.loggregator.node.settings.HostPort;
import io.loggregator.trafficcontroller.upstream.DialTrouble;
import io.loggregator.trafficcontroller.upstream.DopplerListener;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Dials one address until it answers, and again whenever the link breaks, with jittered back-off. */
final class Dialler {
    private static final Logger LOG = LoggerFactory.getLogger(Dialler.class);
    private static final String SUBPROTOCOL = "loggregator.link.v1";
    private static final String PATH = "/link";
    private static final long FIRST_PAUSE_MILLIS = 100;
    /** With the first pause, about two seconds: who does not answer is, more often than not, about to have started. */
    private static final int QUICK_DIALS = 20;
    /** Short, as a Doppler that has just started holds what comes until it is linked. */
    private static final long LONGEST_PAUSE_MILLIS = 2_000;

    private final Vertx vertx;
    private final WebSocketClient client;
    private final HostPort address;
    private final Hello hello;
    private final Duration pingInterval;
    private final DopplerListener listener;
    private final Function<LinkSession, String> reasonAgainst;
    private final Consumer<String> onGoodbye;
    private LinkSession session;
    private boolean wanted = true;
    private boolean stopped;
    private int quickDials = QUICK_DIALS;
    private long pause = FIRST_PAUSE_MILLIS;
    private long redial;
    private boolean pausing;
    /** Completes when the attempt at hand has come to something or to nothing. */
    private Promise<Void> attempt = Promise.promise();

    private final DialTrouble trouble;

    /**
     * @param reasonAgainst asked for a reason not to keep a link whose Doppler has said who it is, or null
     * @param onGoodbye told the epoch of a Doppler that has said goodbye
     */
    Dialler(
            Vertx vertx,
            WebSocketClient client,
            HostPort address,
            Hello hello,
            Duration pingInterval,
            DopplerListener listener,
            Function<LinkSession, String> reasonAgainst,
            Consumer<String> onGoodbye) {
        this.vertx = vertx;
        this.client = client;
        this.address = address;
        this.hello = hello;
        this.pingInterval = pingInterval;
        this.listener = listener;
        this.reasonAgainst = reasonAgainst;
        this.onGoodbye = onGoodbye;
        this.trouble = new DialTrouble(address.toString());
    }

    void start() {
        dial();
    }

    /** The session at hand, open or not yet; null while there is none. */
    LinkSession session() {
        return session;
    }

    /** Whether to dial again when the link breaks. */
    void wanted(boolean stillWanted) {
        boolean idle = !wanted && session == null;
        this.wanted = stillWanted;
        if (idle) {
            dial();
        }
    }

    /** Completes when there is no link any more. */
    Future<Void> stop() {
        stopped = true;
        return session == null ? Future.succeededFuture() : session.close();
    }

    /** Dials at once if it pauses; completes when there is a link, or when there will not be one soon. */
    Future<Void> dialNow() {
        if (!stopped && pausing && vertx.cancelTimer(redial)) {
            dial();
        }
        return attempt.future();
    }

    private void dial() {
        pausing = false;
        if (stopped || !wanted) {
            attempt.tryComplete();
            return;
        }
        attempt.tryComplete();
        attempt = Promise.promise();
        WebSocketConnectOptions options = new WebSocketConnectOptions()
                .setHost(address.host())
                .setPort(address.port())
                .setURI(PATH)
                // Who does not answer the upgrade is as silent as who does not answer pings.
                .setTimeout(
                        pingInterval.multipliedBy(LinkSession.SILENT_INTERVALS).toMillis())
                .setSubProtocols(List.of(SUBPROTOCOL));
        client.connect(options)
                .onSuccess(webSocket -> {
                    if (stopped || !wanted) {
                        webSocket.close();
                        attempt.tryComplete();
                        return;
                    }
                    session = new LinkSession(vertx, webSocket, address.toString(), listener);
                    session.serve(hello, pingInterval, this::admit, this::ended);
                })
                .onFailure(error -> {
                    trouble.warn("cannot link to", DialTrouble.explain(error));
                    redial();
                });
    }

    private String admit(LinkSession welcomed) {
        String reason = reasonAgainst.apply(welcomed);
        if (reason == null) {
            quickDials = QUICK_DIALS;
            pause = FIRST_PAUSE_MILLIS;
            trouble.over();
            // In a later turn, when the listener has been told.
            vertx.runOnContext(turn -> attempt.tryComplete());
        } else {
            quickDials = 0;
            pause = LONGEST_PAUSE_MILLIS;
            trouble.warn("does not link to", reason);
        }
        return reason;
    }

    private void ended(LinkSession over) {
        session = null;
        if (over.saidGoodbye()) {
            onGoodbye.accept(over.epoch());
        }
        if (!stopped) {
            if (over.epoch() != null && trouble.isOver()) {
                LOG.info("link to Doppler {} ended", over.address());
            }
            redial();
        }
    }

    private void redial() {
        attempt.tryComplete();
        if (stopped || !wanted) {
            return;
        }
        long jittered = ThreadLocalRandom.current().nextLong(pause / 2, pause + pause / 2);
        if (quickDials > 0) {
            quickDials--;
        } else {
            pause = Math.min(pause * 2, LONGEST_PAUSE_MILLIS);
        }
        pausing = true;
        redial = vertx.setTimer(jittered, again -> dial());
    }
}
