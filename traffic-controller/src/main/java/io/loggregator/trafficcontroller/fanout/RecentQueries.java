package io.loggregator.trafficcontroller.fanout;

import io.loggregator.link.v1.Answer;
import io.loggregator.link.v1.Query;
import io.loggregator.link.v1.ToDoppler;
import io.loggregator.stream.recent.RecentAnswer;
import io.loggregator.trafficcontroller.edge.RecentPast;
import io.loggregator.trafficcontroller.upstream.DopplerSession;
import io.loggregator.wire.v1.V1Renderer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Asks all Dopplers for the recent past of an app and puts their answers together; those too late are left out. */
final class RecentQueries {
    /** A source that nothing is kept of. */
    private static final String NOBODY = "";

    private final Vertx vertx;
    private final AnswerMemory memory;
    private final QueryLimits limits;
    private final ClientCounters counters;
    private final Map<Long, Pending> pending = new HashMap<>();
    /** Queries that wait at each Doppler, those included that are not waited for any more. */
    private final Map<DopplerSession, Set<Long>> owed = new HashMap<>();

    private final V1Renderer renderer = new V1Renderer(Rendering.LARGEST_FRAME);
    private long nextId = 1;

    RecentQueries(Vertx vertx, AnswerMemory memory, QueryLimits limits, ClientCounters counters) {
        this.vertx = vertx;
        this.memory = memory;
        this.limits = limits;
        this.counters = counters;
    }

    private static final class Pending {
        final Promise<Pending> done = Promise.promise();
        final RecentAnswer answer;
        final Set<DopplerSession> awaited = new HashSet<>();
        final Query.Kind kind;
        final boolean ofClient;
        final long asked = System.nanoTime();
        long taken;
        long timer;

        Pending(Query.Kind kind, boolean ofClient, int largest) {
            this.answer = new RecentAnswer(largest);
            this.kind = kind;
            this.ofClient = ofClient;
        }
    }

    /** The newest {@code limit} log lines (0: all), oldest first. Fails with {@link QueryRefused}. */
    Future<RecentPast> logs(List<DopplerSession> sessions, String app, int limit) {
        return askForClient(sessions, app, Query.Kind.RECENT_LOGS, limit)
                .map(query -> past(query, query.answer.logs(limit, renderer)));
    }

    /** The newest container metric of each instance, by instance. Fails with {@link QueryRefused}. */
    Future<RecentPast> containerMetrics(List<DopplerSession> sessions, String app) {
        return askForClient(sessions, app, Query.Kind.CONTAINER_METRICS, 0)
                .map(query -> past(query, query.answer.containerMetrics(renderer)));
    }

    private RecentPast past(Pending query, Iterator<byte[]> envelopes) {
        long taken = query.taken;
        return new RecentPast(envelopes, () -> memory.giveBack(taken));
    }

    /** Completes when the Dopplers have done all that they were told before, and all that they sent by then has come. */
    Future<Void> barrier(List<DopplerSession> sessions) {
        return ask(sessions, NOBODY, Query.Kind.RECENT_LOGS, 1)
                .onSuccess(query -> memory.giveBack(query.taken))
                .mapEmpty();
    }

    private Future<Pending> askForClient(List<DopplerSession> sessions, String app, Query.Kind kind, int newest) {
        if (pending.size() >= limits.most()) {
            return Future.failedFuture(new QueryRefused(limits.most() + " queries are under way"));
        }
        List<DopplerSession> asked = sessions.stream().filter(this::keepsUp).toList();
        if (asked.isEmpty() && !sessions.isEmpty()) {
            return Future.failedFuture(new QueryRefused("every Doppler owes " + limits.most() + " answers"));
        }
        missing(kind, sessions.size() - asked.size());
        return ask(asked, app, kind, newest);
    }

    private boolean keepsUp(DopplerSession session) {
        return owed.getOrDefault(session, Set.of()).size() < limits.most();
    }

    private void missing(Query.Kind kind, int answers) {
        (kind == Query.Kind.CONTAINER_METRICS ? counters.containerMetricsTimeouts : counters.recentLogsTimeouts)
                .add(answers);
    }

    private Future<Pending> ask(List<DopplerSession> sessions, String app, Query.Kind kind, int newest) {
        Pending query = new Pending(kind, !app.equals(NOBODY), memory.most());
        if (sessions.isEmpty()) {
            return Future.succeededFuture(query);
        }
        long id = nextId++;
        query.awaited.addAll(sessions);
        pending.put(id, query);
        query.timer = vertx.setTimer(limits.patience().toMillis(), late -> {
            missing(kind, query.awaited.size());
            finish(id, query);
        });
        ToDoppler message = ToDoppler.newBuilder()
                .setQuery(Query.newBuilder()
                        .setId(id)
                        .setSourceId(app)
                        .setKind(kind)
                        .setLimit(newest))
                .build();
        for (DopplerSession session : sessions) {
            owed.computeIfAbsent(session, first -> new HashSet<>()).add(id);
            session.send(message);
        }
        return query.done.future();
    }

    void answer(DopplerSession session, Answer answer, byte[] bytes, int from, int to) {
        if (answer.getLast() && owed.containsKey(session)) {
            owed.get(session).remove(answer.getId());
        }
        Pending query = pending.get(answer.getId());
        if (query == null || !query.awaited.contains(session)) {
            return;
        }
        if (!query.answer.hasRoom(to - from)) {
            counters.leftOutAnswers.add(1);
        } else if (memory.take(to - from)) {
            query.taken += to - from;
            query.answer.add(bytes, from, to);
        } else {
            refuse(answer.getId(), query);
            return;
        }
        if (answer.getLast()) {
            query.awaited.remove(session);
            if (query.awaited.isEmpty()) {
                finish(answer.getId(), query);
            }
        }
    }

    void closed(DopplerSession session) {
        owed.remove(session);
        for (Map.Entry<Long, Pending> entry : List.copyOf(pending.entrySet())) {
            Pending query = entry.getValue();
            if (query.awaited.remove(session) && query.awaited.isEmpty()) {
                finish(entry.getKey(), query);
            }
        }
    }

    /** Gives up what has come, and takes nothing of what still comes. */
    private void refuse(long id, Pending query) {
        vertx.cancelTimer(query.timer);
        pending.remove(id);
        memory.giveBack(query.taken);
        query.done.fail(new QueryRefused("answers that are collected or sent take all of their memory"));
    }

    private void finish(long id, Pending query) {
        vertx.cancelTimer(query.timer);
        pending.remove(id);
        if (query.ofClient) {
            long took = System.nanoTime() - query.asked;
            if (query.kind == Query.Kind.CONTAINER_METRICS) {
                counters.containerMetricsNanos = took;
            } else {
                counters.recentLogsNanos = took;
            }
        }
        query.done.complete(query);
    }
}
