package io.loggregator.trafficcontroller.access;

import com.nimbusds.jose.jwk.JWK;
import io.loggregator.node.RateLimitedLog;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.slf4j.LoggerFactory;

/** Keys in a file, which is read again when it changes. What cannot be read leaves the keys as they are. */
final class KeyFile implements VerificationKeys {
    private static final Duration LOOK_EVERY = Duration.ofSeconds(5);
    private static final int LARGEST = 1 << 20;

    private final Vertx vertx;
    private final Path file;
    private final AccessCounters counters;
    private final RateLimitedLog log =
            new RateLimitedLog(LoggerFactory.getLogger(KeyFile.class), Duration.ofMinutes(1));
    private final long timer;
    /** Read by any thread. */
    private volatile List<JWK> keys;

    private String read = "";
    private Future<Void> reading = Future.succeededFuture();

    /** @param first what {@link #readNow} found in the file at the start */
    KeyFile(Vertx vertx, Path file, List<JWK> first, AccessCounters counters) {
        this.vertx = vertx;
        this.file = file;
        this.counters = counters;
        this.keys = first;
        this.timer = vertx.setPeriodic(LOOK_EVERY.toMillis(), look -> refresh());
    }

    /** Reads the keys; blocks. */
    static List<JWK> readNow(Path file) throws IOException {
        return KeySet.parse(text(file));
    }

    private static String text(Path file) throws IOException {
        if (Files.size(file) > LARGEST) {
            throw new IOException("larger than " + LARGEST + " bytes");
        }
        return Files.readString(file);
    }

    @Override
    public List<JWK> known() {
        return keys;
    }

    @Override
    public Future<Void> refresh() {
        if (reading.isComplete()) {
            reading = vertx.executeBlocking(() -> text(file))
                    .onSuccess(this::take)
                    .onFailure(this::unreadable)
                    .otherwiseEmpty()
                    .mapEmpty();
        }
        return reading;
    }

    private void take(String text) {
        if (text.equals(read)) {
            return;
        }
        // Also if it is no good: it does not get better by being read again.
        read = text;
        try {
            keys = KeySet.parse(text);
        } catch (IllegalArgumentException wrong) {
            unreadable(wrong);
        }
    }

    private void unreadable(Throwable wrong) {
        counters.keysNotTaken("file");
        log.warn("JWT_KEY_FILE {}: {}; the keys read before stay", file, AuthorityClient.explain(wrong));
    }

    @Override
    public void close() {
        vertx.cancelTimer(timer);
    }
}
