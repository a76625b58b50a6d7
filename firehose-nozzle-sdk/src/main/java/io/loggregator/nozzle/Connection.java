package io.loggregator.nozzle;

import io.loggregator.nozzle.websocket.Dial;
import io.loggregator.nozzle.websocket.Target;
import io.loggregator.nozzle.websocket.WebSocket;
import io.loggregator.streaming.StreamMessage;
import io.loggregator.wire.BatchCursor;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One of a nozzle's connections, from its first attempt to the nozzle's end. Its thread connects, calls the handler and says
 * what was handled; while there is a stream a second thread reads it.
 */
final class Connection implements Runnable {
    static final int LARGEST_MESSAGE = 16 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
    /** After so many failures in a row even a nozzle that had a stream before gives up what cannot succeed. */
    private static final int LAST_CHANCE = 5;

    private static final int MOST_REFUSED_TOKENS = 3;
    private static final long TOKEN_MILLIS = 60_000;
    private static final long FAREWELL_MILLIS = 2_000;
    private static final int NORMAL = 1000;

    private final Options options;
    private final Tally tally;
    private final Supervisor supervisor;
    private final Inbox inbox = new Inbox();
    private final ArrayPool pool;
    private final BatchCursor strict = new BatchCursor(true);

    private volatile Dial dial;
    private volatile boolean streaming;

    // The connection's own.
    private String resume = "";
    private int failures;
    private boolean streamedBefore;
    private int refusedTokens;
    private String refusedToken;

    /** Whoever runs the connections of a nozzle. */
    interface Supervisor {
        /** No new batches, please. */
        boolean stopping();

        /** Leave everything as it is. */
        boolean aborting();

        /** Whether it has a stream has changed, or why it has none. */
        void changed(Throwable trouble);
    }

    Connection(Options options, Tally tally, Supervisor supervisor) {
        this.options = options;
        this.tally = tally;
        this.supervisor = supervisor;
        this.pool = new ArrayPool(options.buffer());
    }

    /** Connects and reads until the nozzle is to stop. */
    @Override
    public void run() {
        while (!supervisor.stopping()) {
            NozzleException trouble = streamOnce();
            if (trouble == null || supervisor.stopping()) {
                return;
            }
            tally.failures.increment();
            failures++;
            supervisor.changed(trouble);
            if (isHopeless(trouble)) {
                throw trouble;
            }
            long pause = options.backOff().pauseMillis(failures);
            LOG.warn("{}: {}; trying again in {} ms", options.name(), trouble.getMessage(), pause);
            try {
                inbox.await(supervisor::stopping, pause);
            } catch (InterruptedException e) {
                return; // the nozzle has no more time
            }
        }
    }

    private boolean isHopeless(NozzleException trouble) {
        if (trouble instanceof UnauthorizedException && refusedToken != null) {
            // Another token may help; one that was refused does not, and three of them neither.
            return refusedTokens >= MOST_REFUSED_TOKENS || failures >= LAST_CHANCE;
        }
        if (trouble instanceof HandlerFailedException) {
            return trouble.isFinal();
        }
        return trouble.isFinal() && (!streamedBefore || failures >= LAST_CHANCE);
    }

    /** Cuts what there is, from another thread. */
    void abort() {
        Dial current = dial;
        if (current != null) {
            current.abort();
        }
        wake();
    }

    /** Has the connection look whether it is to stop, from another thread. */
    void wake() {
        inbox.wake();
    }

    /** Ends an attempt to connect, which nobody waits for any more, from another thread. */
    void stopConnecting() {
        if (!streaming) {
            abort();
        } else {
            wake();
        }
    }

    boolean streaming() {
        return streaming;
    }

    long bufferedBytes() {
        return inbox.bytes();
    }

    /** Has a stream until it ends, and says why; null: because the nozzle stops. */
    private NozzleException streamOnce() {
        long begun = System.nanoTime();
        try {
            String token = token();
            Target target = target(token);
            WebSocket webSocket = open(target, token);
            if (webSocket == null) {
                return null;
            }
            try {
                return stream(webSocket, token);
            } finally {
                streaming = false;
                webSocket.abort();
                if (System.nanoTime() - begun > options.backOff().most().toNanos()) {
                    failures = 0;
                }
            }
        } catch (NozzleException e) {
            return supervisor.stopping() ? null : e;
        } catch (InterruptedException e) {
            return null; // the nozzle has no more time
        }
    }

    private String token() throws InterruptedException {
        if (options.token() == null) {
            return null;
        }
        CompletableFuture<String> answer = new CompletableFuture<>();
        try {
            options.token().token().whenComplete((token, failure) -> {
                if (failure == null) {
                    answer.complete(token);
                } else {
                    answer.completeExceptionally(failure);
                }
                inbox.wake();
            });
        } catch (RuntimeException e) {
            answer.completeExceptionally(e);
        }
        if (!inbox.await(() -> answer.isDone() || supervisor.stopping(), TOKEN_MILLIS) || !answer.isDone()) {
            throw new UnavailableException("no token came within " + TOKEN_MILLIS + " ms", null);
        }
        String token;
        try {
            token = answer.get();
        } catch (ExecutionException e) {
            throw Handling.cause(e) instanceof NozzleException known
                    ? known
                    : new UnavailableException("no token: " + Handling.cause(e), Handling.cause(e));
        }
        if (token == null || token.isEmpty() || !token.matches("[\\x21-\\x7E]+")) {
            throw new UnauthorizedException(
                    "the token supplier brought no token, or one with spaces or control characters");
        }
        if (token.equals(refusedToken)) {
            refusedTokens = MOST_REFUSED_TOKENS;
            throw new UnauthorizedException("the server refused the token, and the token supplier has no other");
        }
        return token;
    }

    private Target target(String token) {
        String scheme = options.endpoint().getScheme().toLowerCase(Locale.ROOT);
        boolean secure = scheme.equals("wss") || scheme.equals("https");
        int port = options.endpoint().getPort();
        String path = options.firehose().isPresent()
                ? "/firehose/" + encoded(options.firehose().get())
                : "/apps/" + encoded(options.app().orElseThrow()) + "/stream";
        String prefix = options.endpoint().getRawPath();
        return new Target(
                options.endpoint().getHost(),
                port > 0 ? port : secure ? 443 : 80,
                secure ? options.tls().context() : null,
                options.proxy(),
                (prefix == null ? "" : prefix.replaceAll("/+$", ""))
                        + path
                        + options.filter()
                                .map(filter -> "?filter-type=" + filter.type())
                                .orElse(""),
                token == null ? null : "bearer " + token,
                StreamMessage.SUBPROTOCOL,
                (int) options.connectTimeout().toMillis(),
                (int) options.keepAlive().toMillis(),
                LARGEST_MESSAGE);
    }

    private static String encoded(String id) {
        return URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** Null: the nozzle stops. */
    private WebSocket open(Target target, String token) {
        Dial next = new Dial(target);
        dial = next;
        if (supervisor.stopping()) {
            return null;
        }
        try {
            WebSocket webSocket = next.open();
            refusedTokens = 0;
            refusedToken = null;
            return webSocket;
        } catch (IOException | RuntimeException e) {
            NozzleException trouble = Troubles.connecting(e, target);
            if (trouble instanceof UnauthorizedException) {
                refused(token);
            }
            throw trouble;
        }
    }

    private void refused(String token) {
        refusedTokens++;
        refusedToken = token;
        if (token == null) {
            refusedTokens = MOST_REFUSED_TOKENS;
            refusedToken = "";
        } else {
            options.token().rejected(token);
        }
    }

    private NozzleException stream(WebSocket webSocket, String token) throws InterruptedException {
        inbox.reset();
        Protocol protocol = webSocket.subprotocol()
                ? new StreamV2(webSocket, options, resume, inbox, pool)
                : new StreamV1(options, inbox, pool, tally);
        Thread reader = new Thread(
                () -> read(webSocket, protocol), Thread.currentThread().getName() + "-reader");
        reader.start();
        try {
            protocol.start();
            work(webSocket, protocol);
            return null;
        } catch (IOException e) {
            // What the reader was told says more than that nothing could be written.
            inbox.await(inbox::ended, FAREWELL_MILLIS);
            return ended(protocol, inbox.ended() ? inbox.endReason() : e, token);
        } catch (NozzleException e) {
            return e;
        } finally {
            inbox.discard();
            webSocket.abort();
            reader.join();
        }
    }

    private NozzleException ended(Protocol protocol, Throwable reason, String token) {
        NozzleException trouble = Troubles.streaming(
                reason, protocol.ready(), (int) options.keepAlive().toMillis());
        if (token != null && trouble.getMessage().contains("access was revoked")) {
            options.token().rejected(token);
        }
        return trouble;
    }

    private void read(WebSocket webSocket, Protocol protocol) {
        try {
            while (true) {
                int length = webSocket.read(pool, protocol::idle);
                if (length == 0) {
                    throw new ProtocolException("an empty message");
                }
                protocol.received(webSocket.message(), length);
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            inbox.end(e);
        }
    }

    private void work(WebSocket webSocket, Protocol protocol) throws IOException, InterruptedException {
        long pingMillis = Math.max(1, options.keepAlive().toMillis() / 3);
        Handling handling =
                new Handling(options.handler(), inbox, supervisor, protocol::flush, webSocket::ping, pingMillis);
        while (true) {
            if (!streaming && protocol.ready()) {
                streaming = true;
                tally.streams.increment();
                if (streamedBefore) {
                    tally.reconnects.increment();
                }
                streamedBefore = true;
                supervisor.changed(null);
            }
            if (supervisor.stopping()) {
                farewell(webSocket, protocol, handling);
                return;
            }
            Arrival arrival = inbox.poll();
            if (arrival != null && (!inbox.ended() || !protocol.redelivers())) {
                handle(arrival, protocol, handling);
            } else if (inbox.ended()) {
                throw Handling.asIOException(inbox.endReason());
            } else if (!inbox.await(
                    () -> !inbox.isEmpty()
                            || inbox.ended()
                            || supervisor.stopping()
                            || (!streaming && protocol.ready()),
                    pingMillis)) {
                webSocket.ping();
            }
        }
    }

    private void handle(Arrival arrival, Protocol protocol, Handling handling)
            throws IOException, InterruptedException {
        if (arrival.gap() != null) {
            tally.gap(arrival.gap());
            handling.gap(arrival.gap());
        }
        Batch batch = arrival.batch();
        if (batch != null) {
            if (!batch.sound(strict)) {
                throw new ProtocolException("a batch that is none, or not of as many envelopes as it says");
            }
            tally.envelopes.add(batch.size());
            tally.bytes.add(batch.byteSize());
            tally.batches.increment();
            tally.lagNanos =
                    Math.max(0, TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()) - batch.newestTimestamp());
            try {
                handling.batch(batch);
            } catch (HandlerFailedException e) {
                tally.failedBatches.increment();
                throw e;
            }
            tally.handled.increment();
            failures = 0;
        }
        if (!arrival.position().isEmpty()) {
            resume = arrival.position();
        }
        if (!inbox.ended()) {
            protocol.handled(arrival);
        }
        if (batch != null) {
            batch.release();
        }
    }

    /** Handles what would not come again, says what was handled, and lets the server close. */
    private void farewell(WebSocket webSocket, Protocol protocol, Handling handling) throws InterruptedException {
        try {
            protocol.flush();
            webSocket.close(NORMAL);
            if (protocol.redelivers()) {
                inbox.discard();
            }
            inbox.await(() -> inbox.ended() || !inbox.isEmpty(), FAREWELL_MILLIS);
            for (Arrival last = inbox.poll(); last != null; last = inbox.poll()) {
                handle(last, protocol, handling);
                inbox.await(() -> inbox.ended() || !inbox.isEmpty(), FAREWELL_MILLIS);
            }
        } catch (IOException | NozzleException e) {
            LOG.info("{}: the last stream ended early: {}", options.name(), e.getMessage());
        }
    }
}
