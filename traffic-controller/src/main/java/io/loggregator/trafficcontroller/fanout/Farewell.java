package io.loggregator.trafficcontroller.fanout;

import io.loggregator.trafficcontroller.upstream.DopplerSession;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;

/**
 * Sends clients elsewhere, so that each goes on there where it was here. Nothing more is delivered to a reader;
 * what is under way is, and confirmed, and then it leaves its group: nothing has to be sent again. An app stream, which
 * nothing can be sent to again, is closed when it has what was received for it. Owned by the event loop.
 */
final class Farewell {
    static final String REASON = "this Traffic Controller stops";

    private static final long CHECK_MILLIS = 10;

    private final Vertx vertx;
    private final Members members;
    private final AppTails tails;
    private final ClientCounters counters;
    private final RecentQueries queries;
    private final List<DopplerSession> sessions;
    private final Duration limit;
    private final long begun = System.nanoTime();
    private final Promise<Void> said = Promise.promise();
    private boolean allHasCome;

    /** @param limit after which clients go whatever they have */
    Farewell(
            Vertx vertx,
            Members members,
            AppTails tails,
            ClientCounters counters,
            RecentQueries queries,
            List<DopplerSession> sessions,
            Duration limit) {
        this.vertx = vertx;
        this.members = members;
        this.tails = tails;
        this.counters = counters;
        this.queries = queries;
        this.sessions = sessions;
        this.limit = limit;
    }

    /** Begins; completes when every client has been told. */
    Future<Void> say() {
        members.closeWindows();
        queries.barrier(sessions).onComplete(answered -> allHasCome = true);
        check();
        return said.future();
    }

    private void check() {
        boolean late = System.nanoTime() - begun >= limit.toNanos();
        boolean some = false;
        for (AppTail tail : tails.all()) {
            if (late || !tail.behind()) {
                if (!tail.socket().closing()) {
                    tails.giveUp(tail, counters.stoppedTails);
                    tail.socket().close(ClientSocket.GOING_AWAY, REASON);
                }
            } else {
                some = true;
            }
        }
        for (Member member : members.all()) {
            if (late || (allHasCome && member.settled())) {
                member.stop();
            } else {
                some = true;
            }
        }
        if (some) {
            vertx.setTimer(CHECK_MILLIS, again -> check());
        } else {
            said.complete();
        }
    }
}
