package io.loggregator.nozzle;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Reads a firehose or an app's stream and hands on what comes, batch by batch, at least once: what the handler has
 * finished is acknowledged, and what it has not comes again when a connection is made anew, which happens by itself.
 *
 * <p>Speaks {@code loggregator.stream.v2} with servers that know it, and the first protocol with others, where nothing can
 * be acknowledged and what is in the buffer when a process dies is lost. So it is with a firehose from the log stream ({@link
 * Builder#endpoint}); an app's stream goes on there behind the last batch that was handled.
 *
 * <p>Each connection has two threads of its own, while the nozzle runs; they keep the process alive. All methods may be
 * called by any thread.
 */
public final class Nozzle implements AutoCloseable {
    private final Options options;
    private final Tally tally = new Tally();
    private final List<Connection> connections = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicInteger running;
    private final CountDownLatch end = new CountDownLatch(1);
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private volatile boolean stopping;
    private volatile boolean aborting;

    private boolean started; // the rest guarded by this
    private State state = State.NEW;
    private Instant since = Instant.now();
    private Throwable lastError;
    private NozzleException failure;

    private Nozzle(Options options) {
        this.options = options;
        this.running = new AtomicInteger(options.connections());
        Connection.Supervisor supervisor = new Connection.Supervisor() {
            @Override
            public boolean stopping() {
                return stopping;
            }

            @Override
            public boolean aborting() {
                return aborting;
            }

            @Override
            public void changed(Throwable trouble) {
                connectionChanged(trouble);
            }
        };
        for (int i = 1; i <= options.connections(); i++) {
            Connection connection = new Connection(options, tally, supervisor);
            connections.add(connection);
            threads.add(new Thread(() -> run(connection), "nozzle-" + options.name() + "-" + i));
        }
    }

    /** A builder with all that has a default. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Begins to connect, and returns at once. Only once.
     *
     * @throws IllegalStateException it was started, or closed, before
     */
    public synchronized void start() {
        if (started || stopping) {
            throw new IllegalStateException("a nozzle can be started once");
        }
        started = true;
        state(State.CONNECTING);
        threads.forEach(Thread::start);
    }

    private void run(Connection connection) {
        NozzleException problem = null;
        try {
            connection.run();
        } catch (NozzleException e) {
            problem = e;
        } catch (RuntimeException | Error e) {
            problem = new NozzleException("the nozzle ended unexpectedly: " + e, true, e);
        }
        if (problem != null) {
            synchronized (this) {
                failure = failure == null ? problem : failure;
                lastError = problem;
            }
            stop();
        }
        if (running.decrementAndGet() == 0) {
            finish();
        }
    }

    private void finish() {
        NozzleException problem;
        synchronized (this) {
            problem = failure;
            state(problem == null ? State.ENDED : State.FAILED);
        }
        if (problem == null) {
            ended.complete(null);
        } else {
            ended.completeExceptionally(problem);
        }
        end.countDown();
    }

    private synchronized void connectionChanged(Throwable trouble) {
        if (trouble != null) {
            lastError = trouble;
        }
        if (!stopping) {
            int streams = streaming();
            state(streams == connections.size() ? State.STREAMING : streams == 0 ? State.CONNECTING : State.DEGRADED);
        }
    }

    private int streaming() {
        return (int) connections.stream().filter(Connection::streaming).count();
    }

    private void state(State now) {
        if (state != now) {
            state = now;
            since = Instant.now();
        }
    }

    /** Hands out nothing more, and ends when what was handed out is finished. Returns at once. */
    void stop() {
        synchronized (this) {
            if (stopping) {
                return;
            }
            stopping = true;
            state(State.DRAINING);
            if (!started) {
                finish();
            }
        }
        connections.forEach(Connection::stopConnecting);
    }

    /**
     * Stops without loss: hands out no further batch, waits for those that were, acknowledges them and closes. What had come
     * and was not handed out comes again to whoever connects next. What is not finished when the time is over is cut off
     * and not acknowledged; handlers that still run are interrupted.
     *
     * <p>A handler that calls this is not waited for: then it returns false at once, and the nozzle ends after the handler.
     *
     * @return whether all was finished in time
     */
    public boolean drain(Duration limit) {
        stop();
        if (threads.contains(Thread.currentThread())) {
            return false;
        }
        synchronized (this) {
            if (!started) {
                return true;
            }
        }
        boolean interrupted = false;
        boolean finished = false;
        try {
            finished = end.await(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (!finished) {
            aborting = true;
            connections.forEach(Connection::abort);
            threads.forEach(Thread::interrupt);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return finished;
    }

    /** As {@link #drain} with the time that the builder was given ({@link Builder#closeTimeout}). */
    @Override
    public void close() {
        drain(options.closeTimeout());
    }

    /**
     * Waits until the nozzle has ended, because it was closed or because it can never succeed.
     *
     * @throws NozzleException it can never succeed
     */
    public void awaitEnd() throws InterruptedException {
        end.await();
        NozzleException problem;
        synchronized (this) {
            problem = failure;
        }
        if (problem != null) {
            throw problem;
        }
    }

    /** Completes when the nozzle has ended, with a {@link NozzleException} if it can never succeed. */
    public CompletionStage<Void> ended() {
        return ended.minimalCompletionStage();
    }

    /** The subscription id, or the guid of the app whose stream it reads. */
    public String name() {
        return options.name();
    }

    /** How the nozzle is. */
    public synchronized Health health() {
        return new Health(state, since, streaming(), Optional.ofNullable(lastError), Duration.ofNanos(tally.lagNanos));
    }

    /** What the nozzle has done. */
    public Statistics statistics() {
        return tally.statistics(
                connections.stream().mapToLong(Connection::bufferedBytes).sum());
    }

    /** Says what a nozzle is to read, and how. Not thread-safe; may be used again, for nozzles that are alike. */
    public static final class Builder {
        private static final int LEAST_BUFFER = 64 << 10;
        private static final int LONGEST_ID = 1024;
        private static final int MOST_SELECTORS = 1000;
        private static final Duration LONGEST = Duration.ofDays(1);

        private URI endpoint;
        private Optional<String> firehose = Optional.empty();
        private Optional<String> app = Optional.empty();
        private Optional<Filter> filter = Optional.empty();
        private List<Selector> selectors = List.of();
        private TlsOptions tls = TlsOptions.system();
        private TokenSupplier token;
        private InetSocketAddress proxy;
        private String proxyAuthorization;
        private BackOff backOff = BackOff.DEFAULT;
        private int buffer = 4 << 20;
        private int connections = 1;
        private Duration keepAlive = Duration.ofMinutes(1);
        private Duration connectTimeout = Duration.ofSeconds(10);
        private Duration closeTimeout = Duration.ofSeconds(10);
        private BatchHandler handler;

        private Builder() {}

        /**
         * Where the server is: {@code wss} (without TLS {@code ws}) leads to the platform's Loggregator endpoint, {@code
         * https} ({@code http}) to its log stream, whose {@code /v2/read} is read then.
         */
        public Builder endpoint(URI uri) {
            endpoint = uri;
            return this;
        }

        /**
         * Reads everything. Nozzles with the same id share the stream, each envelope comes to one of them.
         *
         * @param subscriptionId 1 to 1,024 bytes in UTF-8, without {@code /}
         */
        public Builder firehose(String subscriptionId) {
            firehose = Optional.of(subscriptionId);
            return this;
        }

        /** Reads what one source sends, an app by its guid, shared with nobody. */
        public Builder app(String guid) {
            app = Optional.of(guid);
            return this;
        }

        /** A firehose of one half only. Not together with selectors. */
        public Builder filter(Filter half) {
            filter = Optional.of(half);
            return this;
        }

        /** What is wanted, 1,000 at most; none: everything. Where the server does not choose, the nozzle does. */
        public Builder selectors(Selector... wanted) {
            selectors = List.of(wanted);
            return this;
        }

        /** Whom to trust. Default: {@link TlsOptions#system()}. */
        public Builder tls(TlsOptions options) {
            tls = options;
            return this;
        }

        /** Where tokens come from. Default: no token is sent. */
        public Builder token(TokenSupplier supplier) {
            token = supplier;
            return this;
        }

        /** An HTTP proxy that takes CONNECT. Default: none. */
        public Builder proxy(InetSocketAddress address) {
            proxy = address;
            proxyAuthorization = null;
            return this;
        }

        /** An HTTP proxy that takes CONNECT from this user, who is told to it in plain text. */
        public Builder proxy(InetSocketAddress address, String user, String password) {
            proxy = address;
            proxyAuthorization = "Basic "
                    + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
            return this;
        }

        /** How to pause between attempts. Default: {@link BackOff#DEFAULT}. */
        public Builder backOff(BackOff pauses) {
            backOff = pauses;
            return this;
        }

        /**
         * How many bytes of batches each connection may hold; a single larger batch is taken when there is nothing else.
         * Messages are received into memory of up to twice their size.
         *
         * @param bytes 64 KiB to 1 GiB; default 4 MiB
         */
        public Builder buffer(int bytes) {
            buffer = bytes;
            return this;
        }

        /**
         * How many connections share the subscription, for more throughput; the handler is called by as many threads.
         *
         * @param count 1 to 100; default 1. For an app's stream only 1
         */
        public Builder connections(int count) {
            connections = count;
            return this;
        }

        /**
         * For how long the server may send nothing, not even a Ping, or on the log stream a heartbeat, which comes every 15 s
         * there. 1 ms to a day; default a minute.
         */
        public Builder keepAlive(Duration silence) {
            keepAlive = silence;
            return this;
        }

        /** How long each step of connecting may take. 1 ms to a day; default 10 s. */
        public Builder connectTimeout(Duration limit) {
            connectTimeout = limit;
            return this;
        }

        /** How long {@link Nozzle#close()} waits for what was handed out. Default 10 s. */
        public Builder closeTimeout(Duration limit) {
            closeTimeout = limit;
            return this;
        }

        /** What to do with what comes. */
        public Builder handler(BatchHandler what) {
            handler = what;
            return this;
        }

        /**
         * The nozzle, not started.
         *
         * @throws IllegalArgumentException something is missing or not as told above
         */
        public Nozzle build() {
            check(endpoint != null && endpoint.getHost() != null && endpoint.getScheme() != null, "no endpoint");
            check(
                    List.of("ws", "wss", "http", "https")
                            .contains(endpoint.getScheme().toLowerCase(Locale.ROOT)),
                    "an endpoint that is none of ws, wss, http and https: " + endpoint);
            check(firehose.isPresent() != app.isPresent(), "one of firehose and app is needed");
            String id = firehose.orElseGet(app::orElseThrow);
            int length = id.getBytes(StandardCharsets.UTF_8).length;
            check(
                    length > 0 && length <= LONGEST_ID && !id.contains("/") && !id.equals(".") && !id.equals(".."),
                    "no subscription id or app guid: '" + id + "'");
            check(filter.isEmpty() || firehose.isPresent(), "a filter is for a firehose");
            check(filter.isEmpty() || selectors.isEmpty(), "filter and selectors exclude each other");
            check(selectors.size() <= MOST_SELECTORS, "more than " + MOST_SELECTORS + " selectors");
            check(buffer >= LEAST_BUFFER && buffer <= 1 << 30, "a buffer of " + buffer + " bytes");
            check(connections >= 1 && connections <= 100, connections + " connections");
            check(connections == 1 || firehose.isPresent(), "an app's stream has one connection");
            check(inRange(keepAlive), "a keep-alive of " + keepAlive);
            check(inRange(connectTimeout), "a connect timeout of " + connectTimeout);
            check(!closeTimeout.isNegative(), "a close timeout of " + closeTimeout);
            check(handler != null, "no handler");
            return new Nozzle(new Options(
                    endpoint,
                    firehose,
                    app,
                    filter,
                    selectors,
                    Objects.requireNonNull(tls, "tls"),
                    token,
                    proxy,
                    proxyAuthorization,
                    Objects.requireNonNull(backOff, "backOff"),
                    buffer,
                    connections,
                    keepAlive,
                    connectTimeout,
                    closeTimeout,
                    handler));
        }

        /**
         * Starts a nozzle whose envelopes are iterated, for scripts. A handler that was given is not used; gaps are told by
         * {@link Nozzle#statistics()}.
         *
         * @throws IllegalArgumentException as {@link #build()}
         */
        public EnvelopeIterator iterate() {
            return new EnvelopeIterator(this);
        }

        private static boolean inRange(Duration span) {
            return span.toMillis() >= 1 && span.compareTo(LONGEST) <= 0;
        }

        private static void check(boolean good, String problem) {
            if (!good) {
                throw new IllegalArgumentException(problem);
            }
        }
    }
}
