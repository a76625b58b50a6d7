package io.loggregator.nozzle.testkit;

import io.loggregator.streaming.StreamMessage;
import io.loggregator.streaming.v2.Ready;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.TrustOptions;
import io.vertx.core.parsetools.RecordParser;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;

/**
 * A Loggregator endpoint on a free port of the loopback interface. It serves {@code /firehose/{id}} and
 * {@code /apps/{guid}/stream} in v1 and in {@code loggregator.stream.v2}, the same streams as events at {@code /v2/read} (by
 * {@code shard_id}, else by {@code source_id}), tokens at {@code /oauth/token}, and as an API root
 * ({@code /} and {@code /v2/info}) it tells where it is.
 *
 * <pre>{@code
 * try (LoggregatorEndpoint endpoint = LoggregatorEndpoint.start()) {
 *     ScriptedStream firehose = endpoint.firehose("my-nozzle").send(envelope);
 *     ... start the nozzle with endpoint.uri() ...
 *     firehose.awaitAcknowledged(1);
 * }
 * }</pre>
 *
 * <p>Every request is a connection of its own, and WebSockets are open to all, with or without a token, until
 * {@link #requireTokens()} or {@link #accept}. Thread-safe.
 */
public final class LoggregatorEndpoint implements AutoCloseable {
    private static final String HOST = "127.0.0.1";
    private static final Pattern FIREHOSE = Pattern.compile("/firehose/([^/]+)");
    private static final Pattern APP = Pattern.compile("/apps/([^/]+)/stream");
    private static final String READ = "/v2/read";
    /** What a key is hashed with for the handshake's answer (RFC 6455, 1.3). */
    private static final String HANDSHAKE_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private static final Duration POSITION_PAUSE = Duration.ofSeconds(1);
    private static final long PATIENCE_SECONDS = 20;

    private final Vertx vertx;
    private final Executor loop;
    private final NetServerOptions options;
    private final Certificates certificates;
    private final boolean v1Only;
    private final Ready ready;
    private final int port;
    private final UaaDouble uaa;
    private final Map<String, ScriptedStream> streams = new ConcurrentHashMap<>();
    private final Map<String, Answers> answers = new ConcurrentHashMap<>();
    private final Set<String> accepted = ConcurrentHashMap.newKeySet();
    private final Observed<List<Request>> requests = new Observed<>("requests", List.of());
    private final Observed<List<String>> tokens = new Observed<>("tokens presented", List.of());
    private volatile boolean tokensRequired;
    private NetServer server;

    /** On the event loop. */
    private final Map<Wire, ClientConnection> wires = new HashMap<>();

    /** What is decided before the endpoint starts. */
    public static final class Builder {
        private List<String> names;
        private boolean clientCertificates;
        private boolean v1Only;
        private Duration slow = Duration.ofSeconds(5);
        private long unacknowledged = 64 << 10;

        private Builder() {}

        /** TLS with a certificate for {@code localhost} and {@code 127.0.0.1}. */
        public Builder tls() {
            return tlsFor("localhost", HOST);
        }

        /** TLS with a certificate for these host names and IPv4 addresses; others than {@code 127.0.0.1} mismatch. */
        public Builder tlsFor(String... hosts) {
            names = List.of(hosts);
            return this;
        }

        /** Wants TLS clients to have a certificate of the endpoint's authority. */
        public Builder requireClientCertificate() {
            clientCertificates = true;
            return this;
        }

        /** A server of before {@code loggregator.stream.v2}, whose events have no ids. */
        public Builder v1Only() {
            v1Only = true;
            return this;
        }

        /**
         * What v2 clients are told in {@code ready}; nobody is closed for it. At first 5 s and 64 KiB.
         *
         * @param slowAfter how long a client may keep the server waiting
         * @param unacknowledgedBytes so much may be unacknowledged
         */
        public Builder ready(Duration slowAfter, long unacknowledgedBytes) {
            slow = slowAfter;
            unacknowledged = unacknowledgedBytes;
            return this;
        }

        /** Starts it; the port is open when this returns. */
        public LoggregatorEndpoint start() {
            return new LoggregatorEndpoint(this);
        }
    }

    private LoggregatorEndpoint(Builder builder) {
        certificates = builder.names == null ? null : new Certificates(builder.names);
        options = options(certificates, builder.clientCertificates);
        v1Only = builder.v1Only;
        ready = Ready.newBuilder()
                .setSlowMillis(builder.slow.toMillis())
                .setUnacknowledgedBytes(builder.unacknowledged)
                .build();
        vertx = Vertx.vertx(new VertxOptions()
                // All state belongs to it, so there must be one only.
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        Context context = vertx.getOrCreateContext();
        loop = action -> context.runOnContext(now -> action.run());
        server = listen(0);
        port = server.actualPort();
        uaa = new UaaDouble(http());
        vertx.setPeriodic(POSITION_PAUSE.toMillis(), tick -> tellPositions());
    }

    /** Starts one in plain text. */
    public static LoggregatorEndpoint start() {
        return builder().start();
    }

    /** Starts one with TLS. */
    public static LoggregatorEndpoint startTls() {
        return builder().tls().start();
    }

    public static Builder builder() {
        return new Builder();
    }

    // ---- where it is -------------------------------------------------------------------------------------------

    /** Where nozzles connect: {@code ws} or {@code wss}, without a path. */
    public URI uri() {
        return URI.create((certificates == null ? "ws" : "wss") + "://" + HOST + ":" + port);
    }

    /** The same as an API's root: {@code http} or {@code https}. */
    public URI http() {
        return URI.create((certificates == null ? "http" : "https") + "://" + HOST + ":" + port);
    }

    /** Who gives tokens here. */
    public UaaDouble uaa() {
        return uaa;
    }

    /**
     * The certificate to trust, in PEM.
     *
     * @throws IllegalStateException the endpoint has no TLS, as the next three
     */
    public String authorityPem() {
        return certificates().authority.getCertificatePEM();
    }

    /** A certificate for a client, in PEM. */
    public String clientCertificatePem() {
        return certificates().client.getCertificatePEM();
    }

    /** The key of {@link #clientCertificatePem()}, PKCS#8 in PEM. */
    public String clientKeyPem() {
        return certificates().client.getPrivateKeyPEM();
    }

    /**
     * For a client that trusts the endpoint.
     *
     * @param certificate whether it shows the certificate of {@link #clientCertificatePem()}
     */
    public SSLContext clientContext(boolean certificate) {
        return certificates().clientContext(certificate);
    }

    private Certificates certificates() {
        if (certificates == null) {
            throw new IllegalStateException("an endpoint without TLS");
        }
        return certificates;
    }

    // ---- the script --------------------------------------------------------------------------------------------

    /** The stream of all clients with this subscription id. */
    public ScriptedStream firehose(String id) {
        return stream("/firehose/" + encoded(id), "");
    }

    /** The streams of this app. */
    public ScriptedStream app(String guid) {
        return stream("/apps/" + encoded(guid) + "/stream", guid);
    }

    private ScriptedStream stream(String path, String app) {
        return streams.computeIfAbsent(path, name -> new ScriptedStream(name, app, loop));
    }

    /**
     * How requests to a path are answered, WebSocket handshakes included.
     *
     * @param path as it is on the wire, such as {@link ScriptedStream#path()}, {@code /oauth/token} or {@code /v2/info}
     */
    public Answers answers(String path) {
        return answers.computeIfAbsent(path, name -> new Answers());
    }

    /** From now on streams are for those only who present a token that is accepted, or that UAA gave and has not expired. */
    public LoggregatorEndpoint requireTokens() {
        tokensRequired = true;
        return this;
    }

    /** As {@link #requireTokens()}, and this token is accepted. */
    public LoggregatorEndpoint accept(String token) {
        accepted.add(token);
        return requireTokens();
    }

    /** Resets all connections and refuses new ones, as a process that was killed. Does nothing if it is down. */
    public synchronized void down() {
        if (server == null) {
            return;
        }
        loop.execute(() -> List.copyOf(wires.keySet()).forEach(Wire::reset));
        await(server.close());
        server = null;
    }

    /** Ends {@link #down()}, on the same port, with the same streams. */
    public synchronized void up() {
        if (server == null) {
            server = listen(port);
        }
    }

    // ---- what was seen -----------------------------------------------------------------------------------------

    /** All requests, in order. */
    public Observed<List<Request>> requests() {
        return requests;
    }

    /** The tokens that were presented for streams, in order; empty texts where there was none. */
    public Observed<List<String>> tokens() {
        return tokens;
    }

    /** Ends all connections. */
    @Override
    public void close() {
        await(vertx.close());
    }

    // ---- serving -----------------------------------------------------------------------------------------------

    private static NetServerOptions options(Certificates certificates, boolean clientCertificates) {
        NetServerOptions options = new NetServerOptions().setHost(HOST).setTcpNoDelay(true);
        if (certificates != null) {
            options.setSsl(true)
                    .setKeyCertOptions(KeyCertOptions.wrap(certificates.server))
                    .setTrustOptions(TrustOptions.wrap(certificates.authority.toTrustManagerFactory()))
                    .setClientAuth(clientCertificates ? ClientAuth.REQUIRED : ClientAuth.REQUEST);
        }
        return options;
    }

    private NetServer listen(int wanted) {
        return await(vertx.createNetServer(new NetServerOptions(options).setPort(wanted))
                .connectHandler(this::receive)
                .listen());
    }

    /** Handlers are there before this returns, as what comes without one is lost. */
    private void receive(NetSocket socket) {
        Wire wire = new Wire(vertx, socket);
        wires.put(wire, null);
        socket.handler(new Reception(wire, this::arrived).parser());
        socket.closeHandler(closed -> left(wire));
        // Told by the close that follows.
        socket.exceptionHandler(error -> {});
    }

    private void left(Wire wire) {
        wire.ended();
        ClientConnection connection = wires.remove(wire);
        if (connection != null) {
            connection.over();
        }
    }

    private void arrived(Request request, Wire wire, RecordParser rest) {
        requests.change(Observed.adding(request));
        ScriptedStream stream = streamOf(request);
        if (stream != null) {
            tokens.change(Observed.adding(request.token().orElse("")));
        }
        answers(request.path())
                .take()
                .give(wire, handshake -> loop.execute(() -> serve(request, stream, wire, rest, handshake)));
    }

    private ScriptedStream streamOf(Request request) {
        Matcher firehose = FIREHOSE.matcher(request.path());
        if (firehose.matches()) {
            return firehose(decoded(firehose.group(1)));
        }
        if (request.path().equals(READ)) {
            return request.parameter("shard_id")
                    .map(this::firehose)
                    .or(() -> request.parameter("source_id").map(this::app))
                    .orElse(null);
        }
        Matcher app = APP.matcher(request.path());
        return app.matches() ? app(decoded(app.group(1))) : null;
    }

    private void serve(
            Request request, ScriptedStream stream, Wire wire, RecordParser rest, Answer.Handshake handshake) {
        if (stream == null) {
            Answer answer = switch (request.path()) {
                case UaaDouble.PATH -> uaa.answer(request);
                case "/" -> Answer.json(root());
                case "/v2/info" -> Answer.json(info());
                default -> Answer.status(404, "404 page not found\n");
            };
            answer.give(wire, none -> {});
        } else if (request.path().equals(READ)) {
            read(request, stream, wire);
        } else if (tokensRequired && !mayRead(request)) {
            Answer.response(401, Map.of("WWW-Authenticate", "Basic"), "You are not authorized. Invalid token")
                    .give(wire, none -> {});
        } else if (!request.wantsWebSocket()) {
            Answer.status(400, "Bad Request\n").give(wire, none -> {});
        } else {
            upgrade(request, stream, wire, rest, handshake);
        }
    }

    private void read(Request request, ScriptedStream stream, Wire wire) {
        if (tokensRequired && !mayRead(request)) {
            Answer.json(404, "{\"message\":\"resource not found\",\"error\":\"not_found\"}\n\n")
                    .give(wire, none -> {});
            return;
        }
        ClientConnection connection = ClientConnection.events(request, stream, !v1Only, wire, loop);
        wires.put(wire, connection);
        wire.write(Answer.head(200, Map.of("Content-Type", "text/event-stream", "Transfer-Encoding", "chunked")));
        connection.opened();
    }

    private boolean mayRead(Request request) {
        return request.token()
                .filter(token -> accepted.contains(token) || uaa.isValid(token))
                .isPresent();
    }

    private void upgrade(
            Request request, ScriptedStream stream, Wire wire, RecordParser rest, Answer.Handshake handshake) {
        boolean offered = Arrays.stream(
                        request.header("sec-websocket-protocol").orElse("").split(","))
                .anyMatch(name -> name.strip().equals(StreamMessage.SUBPROTOCOL));
        String chosen = handshake.subprotocol() != null
                ? handshake.subprotocol()
                : offered && !v1Only ? StreamMessage.SUBPROTOCOL : "";
        Map<String, String> headers = new TreeMap<>(Map.of(
                "Upgrade", "websocket",
                "Connection", "Upgrade",
                "Sec-WebSocket-Accept",
                        acceptance(handshake.forged() ? "" : request.headers().get("sec-websocket-key"))));
        if (!chosen.isEmpty()) {
            headers.put("Sec-WebSocket-Protocol", chosen);
        }
        boolean acknowledging = handshake.subprotocol() == null && !chosen.isEmpty();
        ClientConnection connection =
                ClientConnection.webSocket(request, stream, acknowledging ? ready : null, wire, loop);
        wires.put(wire, connection);
        wire.write(Answer.head(101, headers));
        new Frames(rest, connection.listener());
        connection.opened();
    }

    private static String acceptance(String key) {
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            byte[] digest = sha1.digest((key + HANDSHAKE_GUID).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-1", e);
        }
    }

    private JsonObject root() {
        return new JsonObject()
                .put(
                        "links",
                        new JsonObject()
                                .put("self", link(http()))
                                .put("uaa", link(http()))
                                .put("login", link(http()))
                                .put("log_stream", link(http()))
                                .put("logging", link(uri())));
    }

    private JsonObject info() {
        return new JsonObject()
                .put("authorization_endpoint", http().toString())
                .put("token_endpoint", http().toString())
                .put("doppler_logging_endpoint", uri().toString());
    }

    private static JsonObject link(URI address) {
        return new JsonObject().put("href", address.toString());
    }

    private void tellPositions() {
        wires.values().forEach(connection -> {
            if (connection != null) {
                connection.tellPosition();
            }
        });
    }

    private static String encoded(String id) {
        return URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static String decoded(String segment) {
        // A plus is no space in a path.
        return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException("nothing happened in " + PATIENCE_SECONDS + " s", e);
        }
    }
}
