package io.loggregator.cli.client;

import io.loggregator.node.tls.InvalidTlsMaterial;
import io.loggregator.streaming.StreamMessage;
import io.netty.handler.codec.http.websocketx.WebSocketHandshakeException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientWebSocket;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * The v1 endpoints of a Traffic Controller, and {@code loggregator.stream.v2} on them. Its methods block, and may be called by any thread that is no event loop's.
 */
public final class TrafficControllerClient implements AutoCloseable {
    private static final int ANSWER_SECONDS = 10;
    /** Servers ask for a sign of life every 15 to 45 s. */
    private static final Duration SILENCE_LIMIT = Duration.ofSeconds(75);

    private static final int MAX_REASON_LENGTH = 500;

    private final Address address;
    private final Optional<String> authorization;
    private final Duration silenceLimit;
    private final Vertx vertx;
    private final WebSocketClient webSockets;
    private final HttpClient http;

    /**
     * {@code token} is an OAuth access token, with or without {@code bearer } before it.
     *
     * @throws InvalidTlsMaterial if a file of {@code tls} does not hold what it should
     */
    public TrafficControllerClient(Address address, Optional<String> token, TlsFiles tls) throws InvalidTlsMaterial {
        this(address, token, tls, SILENCE_LIMIT);
    }

    TrafficControllerClient(Address address, Optional<String> token, TlsFiles tls, Duration silenceLimit)
            throws InvalidTlsMaterial {
        this.address = address;
        this.authorization = token.map(TrafficControllerClient::authorization);
        this.silenceLimit = silenceLimit;
        WebSocketClientOptions webSocketOptions = new WebSocketClientOptions()
                .setConnectTimeout((int) TimeUnit.SECONDS.toMillis(ANSWER_SECONDS))
                .setMaxFrameSize(EnvelopeStream.MAX_MESSAGE_BYTES)
                .setMaxMessageSize(EnvelopeStream.MAX_MESSAGE_BYTES)
                .setClosingTimeout(2);
        HttpClientOptions httpOptions =
                new HttpClientOptions().setConnectTimeout((int) TimeUnit.SECONDS.toMillis(ANSWER_SECONDS));
        if (address.tls()) {
            tls.applyTo(webSocketOptions, address.host());
            tls.applyTo(httpOptions, address.host());
        }
        this.vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(1));
        this.webSockets = vertx.createWebSocketClient(webSocketOptions);
        this.http = vertx.createHttpClient(httpOptions);
    }

    /** {@code /apps/{app}/stream}: logs and metrics of one app. */
    public EnvelopeStream appStream(String app) throws Refused, Unreachable, InterruptedException {
        return open(appTarget(app));
    }

    /**
     * The same in {@code loggregator.stream.v2}, each time from where it was handled; in v1 if the server does not offer
     * that. {@code notices} hears of gaps.
     */
    public Follower.Source acknowledgedAppStream(String app, Consumer<String> notices) {
        return new AcknowledgedSource(this, appTarget(app), notices);
    }

    private String appTarget(String app) {
        return address.target("apps", app, "stream");
    }

    /**
     * {@code /firehose/{subscription}}: everything; clients with the same subscription id share it. {@code filter} is
     * {@code logs} or {@code metrics}.
     */
    public EnvelopeStream firehose(String subscription, Optional<String> filter)
            throws Refused, Unreachable, InterruptedException {
        return open(firehoseTarget(subscription, filter));
    }

    /** The same in {@code loggregator.stream.v2}, as {@link #acknowledgedAppStream}. */
    public Follower.Source acknowledgedFirehose(
            String subscription, Optional<String> filter, Consumer<String> notices) {
        return new AcknowledgedSource(this, firehoseTarget(subscription, filter), notices);
    }

    private String firehoseTarget(String subscription, Optional<String> filter) {
        return address.target("firehose", subscription)
                + filter.map(value -> "?filter-type=" + value).orElse("");
    }

    /**
     * {@code /apps/{app}/recentlogs}: the retained logs of one app, or the newest {@code limit} of them, each a
     * serialized v1 envelope, in the order of the server.
     */
    public List<byte[]> recentLogs(String app, OptionalInt limit) throws Refused, Unreachable, InterruptedException {
        String target =
                address.target("apps", app, "recentlogs") + (limit.isPresent() ? "?limit=" + limit.getAsInt() : "");
        RequestOptions request = new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setHost(address.host())
                .setPort(address.port())
                .setURI(target)
                .setTimeout(TimeUnit.SECONDS.toMillis(ANSWER_SECONDS));
        authorization.ifPresent(value -> request.putHeader(HttpHeaders.AUTHORIZATION, value));
        MultipartAnswer answer =
                await(http.request(request).compose(open -> open.send().compose(TrafficControllerClient::read)));
        if (answer.status() != 200) {
            throw refusal(answer.status(), answer.body());
        }
        return answer.parts();
    }

    @Override
    public void close() {
        try {
            vertx.close().await(5, TimeUnit.SECONDS);
        } catch (TimeoutException abandoned) {
            // A server that does not answer the close is not waited for.
        }
    }

    EnvelopeStream open(String target) throws Refused, Unreachable, InterruptedException {
        ClientWebSocket socket = webSockets.webSocket();
        EnvelopeStream stream = new EnvelopeStream(vertx, socket);
        await(socket.connect(handshake(target)));
        stream.watchSilence(silenceLimit);
        return stream;
    }

    /** Offers {@code loggregator.stream.v2}; empty if the server does not choose it. */
    Optional<EnvelopeStream> openAcknowledged(String target) throws Refused, Unreachable, InterruptedException {
        ClientWebSocket socket = webSockets.webSocket();
        EnvelopeStream stream = new EnvelopeStream(vertx, socket);
        boolean chosen = await(socket.connect(handshake(target).addSubProtocol(StreamMessage.SUBPROTOCOL))
                .map(true)
                .recover(failure ->
                        isNotChosen(failure) ? Future.succeededFuture(false) : Future.failedFuture(failure)));
        if (!chosen) {
            return Optional.empty();
        }
        stream.watchSilence(silenceLimit);
        return Optional.of(stream);
    }

    /** Vert.x gives a connection up whose server chooses none of the subprotocols. */
    private static boolean isNotChosen(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof WebSocketHandshakeException
                    && String.valueOf(cause.getMessage()).startsWith("Invalid subprotocol")) {
                return true;
            }
        }
        return false;
    }

    private WebSocketConnectOptions handshake(String target) {
        WebSocketConnectOptions request = new WebSocketConnectOptions()
                .setHost(address.host())
                .setPort(address.port())
                .setURI(target)
                .setTimeout(TimeUnit.SECONDS.toMillis(ANSWER_SECONDS));
        authorization.ifPresent(value -> request.putHeader(HttpHeaders.AUTHORIZATION, value));
        return request;
    }

    private <T> T await(Future<T> answer) throws Refused, Unreachable, InterruptedException {
        try {
            return answer.toCompletionStage().toCompletableFuture().get(ANSWER_SECONDS * 2L, TimeUnit.SECONDS);
        } catch (TimeoutException late) {
            throw new Unreachable("cannot connect to " + address + ": no answer in " + ANSWER_SECONDS * 2 + " s");
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause() instanceof CompletionException wrapped && wrapped.getCause() != null
                    ? wrapped.getCause()
                    : failed.getCause();
            if (cause instanceof UpgradeRejectedException rejected) {
                throw refusal(rejected.getStatus(), rejected.getBody());
            }
            if (cause instanceof MalformedAnswer malformed) {
                throw new Refused(address + ": " + malformed.getMessage());
            }
            throw Unreachable.because(address, cause);
        }
    }

    private static Future<MultipartAnswer> read(HttpClientResponse response) {
        return MultipartAnswer.read(response);
    }

    /** 429 and 5xx pass; other statuses stay what they are however often one asks. */
    private Refused refusal(int status, Buffer body) throws Unreachable {
        String reason = reason(body);
        String message = address + " answered " + status + (reason.isEmpty() ? "" : ": " + reason);
        if (status == 429 || status >= 500) {
            throw new Unreachable(message);
        }
        if (status == 401 && authorization.isEmpty()) {
            message += " (no token was sent: --token, or LOGGREGATOR_TOKEN in the environment)";
        } else if (status == 404) {
            message += " (there is no such app, or the token may not see it)";
        }
        return new Refused(message);
    }

    private static String reason(Buffer body) {
        if (body == null) {
            return "";
        }
        String text = body.getString(0, Math.min(body.length(), MAX_REASON_LENGTH), StandardCharsets.UTF_8.name());
        return text.replaceAll("\\p{Cntrl}+", " ").strip();
    }

    private static String authorization(String token) {
        String value = token.strip();
        return value.toLowerCase(Locale.ROOT).startsWith("bearer ") ? value : "bearer " + value;
    }
}
