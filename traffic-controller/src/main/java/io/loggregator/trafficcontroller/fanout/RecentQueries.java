package io.loggregator.trafficcontroller.fanout;

import io.loggregator.link.v1.Answer;
import io.loggregator.link.v1.Query;
import io.loggregator.link.v1.ToDoppler;
import io.loggregator.stream.recent.ContainerGauge;
import io.loggregator.trafficcontroller.upstream.DopplerSession;
import io.loggregator.wire.BatchCursor;
import io.loggregator.wire.v1.BareV1;
import io.loggregator.wire.v1.V1Renderer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Asks all Dopplers for the recent past of an app and puts their answers together; those too late are left out. */
final class RecentQueries {
    /** What one answer may take in memory; more than a Doppler keeps of one app by default. */
    private static final int LARGEST_ANSWER = 64 << 20;

    /** A source that nothing is kept of. */
    private static final String NOBODY = "";

    private final Vertx vertx;
    private final Duration limit;
    private final ClientCounters counters;
    private final Map<Long, Pending> pending = new HashMap<>();
    private final V1Renderer renderer = new V1Renderer(Rendering.LARGEST_FRAME);
    private long nextId = 1;

    /** @param limit how long Dopplers have for their answers */
    RecentQueries(Vertx vertx, Duration limit, ClientCounters counters) {
        this.vertx = vertx;
        this.limit = limit;
        this.counters = counters;
    }

    /** One v2 envelope of an answer. */
    private record Found(long timestamp, long instance, byte[] bytes) {}

    private static final class Pending {
        final Promise<List<Found>> done = Promise.promise();
        final List<Found> found = new ArrayList<>();
        final Set<DopplerSession> awaited = new HashSet<>();
        final boolean containerMetrics;
        long timer;
        long bytes;

        Pending(boolean containerMetrics) {
            this.containerMetrics = containerMetrics;
        }
    }

    /** The newest {@code limit} log lines (0: all), as v1 envelopes, oldest first. */
    Future<List<byte[]>> logs(List<DopplerSession> sessions, String app, int limit) {
        return ask(sessions, app, Query.Kind.RECENT_LOGS, limit).map(found -> {
            found.sort(Comparator.comparingLong(Found::timestamp));
            int from = limit > 0 ? Math.max(0, found.size() - limit) : 0;
            return render(found.subList(from, found.size()), true);
        });
    }

    /** The newest container metric of each instance, as v1 envelopes, by instance. */
    Future<List<byte[]>> containerMetrics(List<DopplerSession> sessions, String app) {
        return ask(sessions, app, Query.Kind.CONTAINER_METRICS, 0).map(found -> {
            Map<Long, Found> newest = new TreeMap<>();
            for (Found metric : found) {
                newest.merge(metric.instance(), metric, (a, b) -> b.timestamp() > a.timestamp() ? b : a);
            }
            return render(new ArrayList<>(newest.values()), false);
        });
    }

    /** Completes when the Dopplers have done all that they were told before, and all that they sent by then has come. */
    Future<Void> barrier(List<DopplerSession> sessions) {
        return ask(sessions, NOBODY, Query.Kind.RECENT_LOGS, 1).mapEmpty();
    }

    private Future<List<Found>> ask(List<DopplerSession> sessions, String app, Query.Kind kind, int newest) {
        if (sessions.isEmpty()) {
            return Future.succeededFuture(new ArrayList<>());
        }
        long id = nextId++;
        Pending query = new Pending(kind == Query.Kind.CONTAINER_METRICS);
        query.awaited.addAll(sessions);
        pending.put(id, query);
        query.timer = vertx.setTimer(limit.toMillis(), late -> {
            counters.queryTimeouts.add(query.awaited.size());
            finish(id, query);
        });
        ToDoppler message = ToDoppler.newBuilder()
                .setQuery(Query.newBuilder()
                        .setId(id)
                        .setSourceId(app)
                        .setKind(kind)
                        .setLimit(newest))
                .build();
        sessions.forEach(session -> session.send(message));
        return query.done.future();
    }

    void answer(DopplerSession session, Answer answer, byte[] bytes, int from, int to) {
        Pending query = pending.get(answer.getId());
        if (query == null || !query.awaited.contains(session)) {
            return;
        }
        query.bytes += to - from;
        if (query.bytes <= LARGEST_ANSWER) {
            collect(query, bytes, from, to);
        }
        if (answer.getLast()) {
            query.awaited.remove(session);
            if (query.awaited.isEmpty()) {
                finish(answer.getId(), query);
            }
        }
    }

    void closed(DopplerSession session) {
        for (Map.Entry<Long, Pending> entry : List.copyOf(pending.entrySet())) {
            Pending query = entry.getValue();
            if (query.awaited.remove(session) && query.awaited.isEmpty()) {
                finish(entry.getKey(), query);
            }
        }
    }

    private static void collect(Pending query, byte[] bytes, int from, int to) {
        BatchCursor cursor = new BatchCursor(false).over(bytes, from, to);
        while (cursor.next()) {
            int start = cursor.envelopeStart();
            int end = cursor.envelopeEnd();
            long instance = query.containerMetrics ? ContainerGauge.instanceIndex(bytes, start, end) : 0;
            query.found.add(new Found(cursor.timestamp(), instance, Arrays.copyOfRange(bytes, start, end)));
        }
    }

    private void finish(long id, Pending query) {
        vertx.cancelTimer(query.timer);
        pending.remove(id);
        query.done.complete(query.found);
    }

    private List<byte[]> render(List<Found> found, boolean logs) {
        List<byte[]> envelopes = new ArrayList<>(found.size());
        for (Found envelope : found) {
            BareV1 out = new BareV1();
            if (renderer.render(envelope.bytes(), 0, envelope.bytes().length, out) == 1 && renderer.log() == logs) {
                envelopes.add(out.envelope(0));
            }
        }
        return envelopes;
    }
}
