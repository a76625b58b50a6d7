package io.loggregator.doppler;

import io.loggregator.doppler.lane.DopplerLane;
import io.loggregator.node.InvalidQuery;
import io.loggregator.node.Report;
import io.loggregator.node.ReportQuery;
import io.loggregator.stream.SteadyClock;
import io.loggregator.stream.dispatch.SourceCount;
import io.loggregator.stream.dispatch.SourceWalk;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToDoubleFunction;

/**
 * {@code GET /sources} of a Doppler's diagnostics port: which sources are loud, the loudest first, by a walk over the
 * newest part of each lane's log, of the last 10 s and 4 MiB at most.
 *
 * <pre>{@code
 * {"server": "doppler", "time": "2026-01-02T03:04:05.678Z", "lanes": 2, "coveredSeconds": 10.0, "by": "bytes",
 *  "envelopesPerSecond": 1200.0, "linesPerSecond": 1000.0, "bytesPerSecond": 250000.0,
 *  "sources": [{"source": "app-1", "envelopesPerSecond": 700.0, "linesPerSecond": 650.0, "bytesPerSecond": 150000.0,
 *    "share": 0.6, "thinned": 5100, "limited": 40}],
 *  "leftOut": 12, "others": {"envelopesPerSecond": 0.0, "linesPerSecond": 0.0, "bytesPerSecond": 0.0}}
 * }</pre>
 *
 * <p>Sources of which the log gave something up, or of which lines were kept out, are told even if the walk finds nothing of
 * them. Bytes are those of envelopes as they were accepted; lines are what v1 readers see as a LogMessage; {@code share} is a
 * part of 1 of what the list is sorted by; {@code thinned}, left out where it is 0, how many of its envelopes the log gave up
 * in the last 10 to 20 s because readers were late; {@code limited}, too, how many lines a rate limit kept out in that time.
 * {@code coveredSeconds} is the time of the lane where 4 MiB reach back least; each
 * lane's rates are over its own time. {@code by=bytes}, {@code lines} or {@code envelopes}; {@code limit=N}: 1 to 5,000
 * sources, 50 unless given; {@code leftOut} are the sources that this leaves out. {@code others} are sources that came up
 * after so many that no more are counted one by one. More fields of a source may come.
 *
 * <p>One walk serves all who ask while it is under way.
 */
final class SourcesReport implements Report {
    private static final long MOST_BYTES = 4 << 20;
    private static final long MOST_MILLIS = 10_000;
    /** Of all lanes together. */
    private static final int MOST_SOURCES = 20_000;

    private static final int LEAST_SOURCES_A_LANE = 1_000;
    /** Half a millisecond's work with small envelopes, once the code is warm; until then the time is what ends a slice. */
    private static final int SLICE_BYTES = 128 * 1024;

    private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    /** Between two slices, so that the walk takes a small part of the lane's time only, whoever asks how often. */
    private static final long PAUSE_MILLIS = 2;

    private static final long LONGEST_WALK_SECONDS = 3;
    private static final int USUAL_LIMIT = 50;
    private static final int LARGEST_LIMIT = 5_000;

    private static final Map<String, ToDoubleFunction<Rates>> ORDERS =
            Map.of("bytes", Rates::bytes, "lines", Rates::lines, "envelopes", Rates::envelopes);
    private static final List<String> BY = List.of("bytes", "lines", "envelopes");

    private final Vertx vertx;
    private final List<DopplerLane> lanes;
    private final long startedMillis = SteadyClock.millis();
    private final AtomicReference<Future<List<Walked>>> underWay = new AtomicReference<>();

    SourcesReport(Vertx vertx, List<DopplerLane> lanes) {
        this.vertx = vertx;
        this.lanes = lanes;
    }

    /** What there is of a lane: a walk over its log, what the log gave up of which sources, and what was kept out. */
    private record Walked(SourceWalk log, Map<String, Long> thinned, Map<String, Long> limited) {}

    /** Per second. */
    private record Rates(double envelopes, double lines, double bytes) {
        static final Rates NONE = new Rates(0, 0, 0);

        static Rates of(SourceCount count, SourceWalk walk) {
            double perSecond = 1e3 / walk.coveredMillis();
            return new Rates(count.envelopes() * perSecond, count.lines() * perSecond, count.bytes() * perSecond);
        }

        Rates plus(Rates other) {
            return new Rates(envelopes + other.envelopes, lines + other.lines, bytes + other.bytes);
        }

        JsonObject into(JsonObject json) {
            return json.put("envelopesPerSecond", rounded(envelopes))
                    .put("linesPerSecond", rounded(lines))
                    .put("bytesPerSecond", rounded(bytes));
        }
    }

    private static double rounded(double number) {
        return Math.round(number * 1e3) / 1e3;
    }

    @Override
    public Future<JsonObject> on(ReportQuery query) throws InvalidQuery {
        int limit = query.number("limit", USUAL_LIMIT, 1, LARGEST_LIMIT);
        String by = query.word("by", BY);
        return walks().compose(walks -> vertx.executeBlocking(() -> json(walks, by, limit), false));
    }

    private Future<List<Walked>> walks() {
        Promise<List<Walked>> promise = Promise.promise();
        Future<List<Walked>> begun = underWay.compareAndExchange(null, promise.future());
        if (begun != null) {
            return begun;
        }
        long now = SteadyClock.millis();
        List<Future<Walked>> each = lanes.stream().map(lane -> walk(lane, now)).toList();
        Future.all(each)
                .timeout(LONGEST_WALK_SECONDS, TimeUnit.SECONDS)
                .map(all -> each.stream().map(Future::result).toList())
                .onComplete(done -> {
                    underWay.set(null);
                    promise.handle(done);
                });
        return promise.future();
    }

    private Future<Walked> walk(DopplerLane lane, long now) {
        Promise<Walked> done = Promise.promise();
        lane.execute(() -> {
            try {
                long since = Math.max(now - MOST_MILLIS, startedMillis);
                int sources = Math.max(LEAST_SOURCES_A_LANE, MOST_SOURCES / lanes.size());
                SourceWalk log = lane.lane().walkSources(MOST_BYTES, since, now, sources);
                step(lane, new Walked(log, lane.lane().thinnedLately(now), lane.limitedLately(now)), done);
            } catch (RuntimeException failed) {
                done.fail(failed);
            }
        });
        return done.future();
    }

    private static void step(DopplerLane lane, Walked walk, Promise<Walked> done) {
        try {
            if (walk.log().step(SLICE_BYTES, SLICE_NANOS)) {
                lane.later(PAUSE_MILLIS, () -> step(lane, walk, done));
            } else {
                done.complete(walk);
            }
        } catch (RuntimeException failed) {
            done.fail(failed);
        }
    }

    private static JsonObject json(List<Walked> walks, String by, int limit) {
        Map<String, Rates> sources = new HashMap<>();
        Rates total = Rates.NONE;
        Rates others = Rates.NONE;
        long covered = MOST_MILLIS;
        Map<String, Long> thinned = new HashMap<>();
        Map<String, Long> limited = new HashMap<>();
        for (Walked walked : walks) {
            SourceWalk walk = walked.log();
            walked.thinned().forEach((source, count) -> thinned.merge(source, count, Long::sum));
            walked.limited().forEach((source, count) -> limited.merge(source, count, Long::sum));
            total = total.plus(Rates.of(walk.total(), walk));
            others = others.plus(Rates.of(walk.others(), walk));
            covered = Math.min(covered, walk.coveredMillis());
            walk.sources().forEach((source, count) -> sources.merge(source, Rates.of(count, walk), Rates::plus));
        }
        ToDoubleFunction<Rates> order = ORDERS.get(by);
        double all = order.applyAsDouble(total);
        thinned.keySet().forEach(source -> sources.putIfAbsent(source, Rates.NONE));
        limited.keySet().forEach(source -> sources.putIfAbsent(source, Rates.NONE));
        List<Map.Entry<String, Rates>> sorted = new ArrayList<>(sources.entrySet());
        sorted.sort(
                Comparator.comparingDouble((Map.Entry<String, Rates> source) -> -order.applyAsDouble(source.getValue()))
                        .thenComparing(Map.Entry::getKey));
        JsonArray told = new JsonArray();
        sorted.stream().limit(limit).forEach(source -> {
            JsonObject json = source.getValue()
                    .into(new JsonObject().put("source", source.getKey()))
                    .put("share", all == 0 ? 0 : rounded(order.applyAsDouble(source.getValue()) / all));
            if (thinned.containsKey(source.getKey())) {
                json.put("thinned", thinned.get(source.getKey()));
            }
            if (limited.containsKey(source.getKey())) {
                json.put("limited", limited.get(source.getKey()));
            }
            told.add(json);
        });
        return total.into(new JsonObject()
                        .put("server", "doppler")
                        .put(
                                "time",
                                Instant.ofEpochMilli(System.currentTimeMillis()).toString())
                        .put("lanes", walks.size())
                        .put("coveredSeconds", covered / 1e3)
                        .put("by", by))
                .put("sources", told)
                .put("leftOut", Math.max(0, sources.size() - limit))
                .put("others", others.into(new JsonObject()));
    }
}
