package io.loggregator.nozzle.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.loggregator.streaming.StreamMessage;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Handshakes and other requests, and how they can go wrong. */
class RequestsTest {
    @AutoClose
    private final LoggregatorEndpoint endpoint = LoggregatorEndpoint.start();

    private final HttpClient client = HttpClient.newHttpClient();
    private final URI firehose = endpoint.uri().resolve("/firehose/nozzle");

    @Test
    void tokensAreSeenAndNotLookedAtUnlessWanted() throws Exception {
        connect("bearer one");
        connect("");

        assertThat(endpoint.tokens().now()).containsExactly("one", "");
        endpoint.accept("two");
        assertThat(refusal("bearer one")).isEqualTo(401);
        connect("bearer two");
        assertThat(endpoint.tokens().now()).endsWith("two");
    }

    @Test
    void tokensOfItsUaaAreGoodUntilTheyExpire() throws Exception {
        endpoint.requireTokens().uaa().client("id", "secret").lifetime(Duration.ofSeconds(30));
        assertThat(token("grant_type=client_credentials&client_id=id&client_secret=wrong")
                        .statusCode())
                .isEqualTo(401);
        JsonObject answer = new JsonObject(token("grant_type=client_credentials&client_id=id&client_secret=secret")
                .body());
        String token = answer.getString("access_token");

        connect("bearer " + token);

        assertThat(answer.getInteger("expires_in")).isEqualTo(30);
        assertThat(endpoint.uaa().issued().now()).containsExactly(token);
        endpoint.uaa().expireTokens();
        assertThat(refusal("bearer " + token)).isEqualTo(401);
    }

    @Test
    void refreshTokensCanRotate() throws Exception {
        String first = endpoint.uaa().rotateRefreshTokens().refreshToken();

        JsonObject answer = new JsonObject(
                token("grant_type=refresh_token&refresh_token=" + first).body());

        String second = answer.getString("refresh_token");
        assertThat(second).isNotEqualTo(first);
        assertThat(token("grant_type=refresh_token&refresh_token=" + first).body())
                .contains("invalid_token");
        assertThat(token("grant_type=refresh_token&refresh_token=" + second).statusCode())
                .isEqualTo(200);
    }

    @Test
    void theApiTellsWhereTheEndpointIs() throws Exception {
        assertThat(new JsonObject(get("/").body())
                        .getJsonObject("links")
                        .getJsonObject("logging")
                        .getString("href"))
                .isEqualTo(endpoint.uri().toString());
        assertThat(new JsonObject(get("/v2/info").body()).getString("doppler_logging_endpoint"))
                .isEqualTo(endpoint.uri().toString());
        assertThat(get("/elsewhere").statusCode()).isEqualTo(404);
        assertThat(get("/firehose/nozzle").statusCode()).isEqualTo(400);
    }

    @Test
    void answersAreScriptedByPath() throws Exception {
        endpoint.answers("/firehose/nozzle").next(2, Answer.status(401)).next(Answer.redirect("/firehose/nozzle"));

        assertThat(refusal("")).isEqualTo(401);
        assertThat(refusal("")).isEqualTo(401);
        assertThat(refusal("")).isEqualTo(302);
        connect("");

        endpoint.answers("/firehose/nozzle").always(Answer.status(503, "no"));
        assertThat(refusal("")).isEqualTo(503);
        assertThat(refusal("")).isEqualTo(503);
        assertThat(endpoint.requests().now()).hasSize(6);
    }

    @Test
    void anAnswerCanBeHeld() throws Exception {
        CompletableFuture<Void> gate = new CompletableFuture<>();
        endpoint.answers("/v2/info").next(Answer.held(gate));

        CompletableFuture<HttpResponse<String>> answer =
                client.sendAsync(HttpRequest.newBuilder(http("/v2/info")).build(), BodyHandlers.ofString());
        endpoint.requests().await(requests -> requests.size() == 1);
        assertThat(answer).isNotDone();
        gate.complete(null);

        assertThat(answer.get().statusCode()).isEqualTo(200);
    }

    @Test
    void anAnswerCanBeNone() throws Exception {
        endpoint.answers("/")
                .next(Answer.bytes("what?".getBytes(StandardCharsets.US_ASCII)), Answer.reset(), Answer.silence());

        assertThat(raw("GET / HTTP/1.1\r\n\r\n")).isEqualTo("what?");
        assertThatThrownBy(() -> raw("GET / HTTP/1.1\r\n\r\n"))
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
        CompletableFuture<?> silent =
                client.sendAsync(HttpRequest.newBuilder(http("/")).build(), BodyHandlers.ofString());
        endpoint.requests().await(requests -> requests.size() == 3);
        assertThat(silent).isNotDone();
    }

    @Test
    void anAnswerCanBeEndless() throws Exception {
        endpoint.answers("/oauth/token").next(Answer.endless());

        HttpResponse<InputStream> answer =
                client.send(HttpRequest.newBuilder(http("/oauth/token")).build(), BodyHandlers.ofInputStream());

        try (var body = answer.body()) {
            assertThat(body.readNBytes(10 << 20)).hasSize(10 << 20);
        }
    }

    @Test
    void aHandshakeCanLie() throws Exception {
        endpoint.answers("/firehose/nozzle").next(Answer.forgedHandshake(), Answer.subprotocol("other"));

        assertThatThrownBy(() -> RawClient.v2(firehose)).hasCauseInstanceOf(WebSocketHandshakeException.class);
        assertThatThrownBy(() -> RawClient.v2(firehose)).hasCauseInstanceOf(WebSocketHandshakeException.class);
        assertThat(RawClient.v2(firehose).subprotocol()).isEqualTo(StreamMessage.SUBPROTOCOL);
    }

    @Test
    void whatIsNoRequestIsRefused() throws Exception {
        assertThat(raw("garbage\r\n\r\n")).startsWith("HTTP/1.1 400 ");
        assertThat(raw("GET / HTTP/1.1\r\nno header\r\n\r\n")).startsWith("HTTP/1.1 400 ");
    }

    @Test
    void aTestThatWaitsInVainIsToldWhatItIs() {
        assertThatThrownBy(() -> endpoint.requests().await(requests -> !requests.isEmpty(), Duration.ofMillis(1)))
                .isInstanceOf(AssertionError.class)
                .hasMessage("waited 1 ms for requests; it is []");
    }

    private String raw(String request) throws IOException {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), endpoint.uri().getPort())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    private RawClient connect(String authorization) throws Exception {
        return RawClient.connect(builder(authorization), firehose);
    }

    private WebSocket.Builder builder(String authorization) {
        WebSocket.Builder builder = client.newWebSocketBuilder();
        return authorization.isEmpty() ? builder : builder.header("Authorization", authorization);
    }

    private int refusal(String authorization) throws Exception {
        try {
            connect(authorization);
        } catch (ExecutionException e) {
            return Optional.of(e.getCause())
                    .filter(WebSocketHandshakeException.class::isInstance)
                    .map(refused -> ((WebSocketHandshakeException) refused)
                            .getResponse()
                            .statusCode())
                    .orElseThrow(() -> e);
        }
        throw new AssertionError("connected");
    }

    private HttpResponse<String> token(String form) throws Exception {
        return client.send(
                HttpRequest.newBuilder(http("/oauth/token"))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(form))
                        .build(),
                BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String path) throws Exception {
        return client.send(HttpRequest.newBuilder(http(path)).build(), BodyHandlers.ofString());
    }

    private URI http(String path) {
        return endpoint.http().resolve(path);
    }
}
