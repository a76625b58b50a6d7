package io.loggregator.trafficcontroller.access;

import com.nimbusds.jose.jwk.JWK;
import io.loggregator.node.RateLimitedLog;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.slf4j.LoggerFactory;

/**
 * Keys that an authorization server publishes, such as UAA's {@code /token_keys}. Fetched at the start, again and again,
 * and when a token names a key that is not known; while the server cannot be asked, the keys stay as they are.
 */
final class KeyUrl implements VerificationKeys {
    /** How many fetches unknown keys may cause in a row; after that one each {@link #PAUSE}. */
    static final int BURST = 5;

    static final Duration PAUSE = Duration.ofSeconds(10);
    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final Duration LONGEST_RETRY = Duration.ofMinutes(1);

    private final Vertx vertx;
    private final AuthorityClient client;
    private final Duration every;
    private final AccessCounters counters;
    private final RateLimitedLog log = new RateLimitedLog(LoggerFactory.getLogger(KeyUrl.class), Duration.ofMinutes(1));
    /** Read by any thread. */
    private volatile List<JWK> keys = List.of();

    private Future<Void> fetching = Future.succeededFuture();
    /** -1 while there is none: 0 would be somebody else's timer. */
    private long nextFetch = -1;

    private long fetchesLeftSince = System.nanoTime() - BURST * PAUSE.toNanos();
    private Duration retry = FIRST_RETRY;
    private boolean closed;

    /** @param every how often keys are fetched without a reason */
    KeyUrl(Vertx vertx, AuthorityClient client, Duration every, AccessCounters counters) {
        this.vertx = vertx;
        this.client = client;
        this.every = every;
        this.counters = counters;
        fetch();
    }

    @Override
    public List<JWK> known() {
        return keys;
    }

    @Override
    public Future<Void> refresh() {
        if (!fetching.isComplete()) {
            return fetching;
        }
        // A token bucket, kept as the time from which it would have been filling.
        long now = System.nanoTime();
        fetchesLeftSince = Math.max(fetchesLeftSince, now - BURST * PAUSE.toNanos());
        if (now - fetchesLeftSince < PAUSE.toNanos()) {
            return Future.succeededFuture();
        }
        fetchesLeftSince += PAUSE.toNanos();
        return fetch();
    }

    private Future<Void> fetch() {
        vertx.cancelTimer(nextFetch);
        fetching = client.send(HttpMethod.GET, "", Map.of("Accept", "application/json"), Buffer.buffer())
                .map(KeyUrl::keys)
                .onComplete(this::take, this::failed)
                .otherwiseEmpty()
                .mapEmpty();
        return fetching;
    }

    private static List<JWK> keys(AuthorityClient.Reply reply) {
        if (reply.status() != 200) {
            throw new IllegalStateException("answered " + reply.status());
        }
        return KeySet.parse(reply.body().toString());
    }

    private void take(List<JWK> fetched) {
        keys = fetched;
        retry = FIRST_RETRY;
        later(every);
    }

    private void failed(Throwable why) {
        counters.keysNotTaken("url");
        log.warn(
                "JWT_JWKS_URL: {}; {}",
                AuthorityClient.explain(why),
                keys.isEmpty() ? "no token can be checked yet" : "the keys fetched before stay");
        later(retry);
        Duration next = retry.multipliedBy(2);
        retry = next.compareTo(LONGEST_RETRY) < 0 ? next : LONGEST_RETRY;
    }

    private void later(Duration pause) {
        if (!closed) {
            nextFetch = vertx.setTimer(pause.toMillis(), again -> fetch());
        }
    }

    @Override
    public void close() {
        closed = true;
        vertx.cancelTimer(nextFetch);
        client.close();
    }
}
