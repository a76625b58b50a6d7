package io.loggregator.nozzle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.loggregator.nozzle.testkit.Answer;
import io.loggregator.nozzle.testkit.LoggregatorEndpoint;
import io.loggregator.nozzle.testkit.Request;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokensTest {
    private static final String PATH = "/oauth/token";

    @AutoClose
    private final LoggregatorEndpoint endpoint = LoggregatorEndpoint.start();

    private final AtomicLong clock = new AtomicLong();

    @Test
    void aGivenTokenIsAlwaysTheSame() throws Exception {
        TokenSupplier tokens = Tokens.of("bearer abc");

        assertThat(get(tokens)).isEqualTo("abc");
        tokens.rejected("abc");
        assertThat(get(tokens)).isEqualTo("abc");
        assertThat(get(Tokens.of(" abc\n"))).isEqualTo("abc");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "bearer ", "a b", "a\nb", "\u00e4"})
    void whatIsNoTokenIsNotTaken(String token) {
        assertThatThrownBy(() -> Tokens.of(token)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aClientGetsATokenForItsCredentials() throws Exception {
        endpoint.uaa().client("nozzle", "s\u00e4cret:&");

        assertThat(get(client("s\u00e4cret:&"))).isEqualTo("token-1");
        Request request = endpoint.requests().now().get(0);
        assertThat(request.method()).isEqualTo("POST");
        assertThat(request.field("grant_type")).contains("client_credentials");
    }

    @Test
    void aTokenIsKeptUntilATenthOfItsLifeIsLeft() throws Exception {
        endpoint.uaa().lifetime(Duration.ofSeconds(100));
        TokenSupplier tokens = client("secret");
        assertThat(get(tokens)).isEqualTo("token-1");

        clock.addAndGet(TimeUnit.SECONDS.toNanos(90) - 1);
        assertThat(get(tokens)).isEqualTo("token-1");
        clock.addAndGet(1);
        assertThat(get(tokens)).isEqualTo("token-2");
        assertThat(endpoint.requests().now()).hasSize(2);
    }

    @Test
    void oneThatLivesLongIsKeptUntilAMinuteIsLeft() throws Exception {
        endpoint.uaa().lifetime(Duration.ofHours(10));
        TokenSupplier tokens = client("secret");
        get(tokens);

        clock.addAndGet(Duration.ofHours(10).minusMinutes(1).toNanos() - 1);
        assertThat(get(tokens)).isEqualTo("token-1");
        clock.addAndGet(1);
        assertThat(get(tokens)).isEqualTo("token-2");
    }

    @Test
    void oneWithoutAnEndIsKeptUntilItIsRejected() throws Exception {
        endpoint.answers(PATH).next(Answer.json(200, "{\"access_token\":\"endless\"}"));
        TokenSupplier tokens = client("secret");
        get(tokens);

        clock.addAndGet(Long.MAX_VALUE);
        assertThat(get(tokens)).isEqualTo("endless");
        tokens.rejected("another");
        assertThat(get(tokens)).isEqualTo("endless");
        tokens.rejected("endless");
        assertThat(get(tokens)).isEqualTo("token-1");
    }

    @Test
    void allWhoAskAtTheSameTimeGetTheSame() throws Exception {
        CompletableFuture<Void> gate = new CompletableFuture<>();
        endpoint.answers(PATH).next(Answer.held(gate));
        TokenSupplier tokens = client("secret");

        CompletableFuture<String> first = tokens.token().toCompletableFuture();
        CompletableFuture<String> second = tokens.token().toCompletableFuture();
        CompletableFuture<String> third = tokens.token().toCompletableFuture();
        third.cancel(true);
        gate.complete(null);

        assertThat(first.get(20, TimeUnit.SECONDS)).isEqualTo("token-1");
        assertThat(second.get(20, TimeUnit.SECONDS)).isEqualTo("token-1");
        assertThat(endpoint.requests().now()).hasSize(1);
    }

    @Test
    void aRefreshTokenGivesWayToTheNext() throws Exception {
        String refreshToken =
                endpoint.uaa().client("cf", "").rotateRefreshTokens().refreshToken();
        TokenSupplier tokens = Tokens.refreshToken(endpoint.http(), "cf", "", refreshToken);

        String first = get(tokens);
        tokens.rejected(first);

        assertThat(get(tokens)).isNotEqualTo(first);
        assertThat(endpoint.requests().now())
                .extracting(request -> request.field("refresh_token").orElse(""))
                .doesNotHaveDuplicates()
                .startsWith(refreshToken);
    }

    @Test
    void wrongCredentialsAreFinal() {
        endpoint.uaa().client("nozzle", "secret");

        assertThat(failure(client("wrong-secret")))
                .isInstanceOf(UnauthorizedException.class)
                .hasMessageContaining("the client's id or secret (Bad credentials)")
                .hasMessageNotContaining("wrong-secret");
    }

    @Test
    void anExpiredRefreshTokenIsFinalAndNotQuoted() {
        assertThat(failure(Tokens.refreshToken(endpoint.http(), "cf", "", "used-up")))
                .isInstanceOf(UnauthorizedException.class)
                .hasMessageContaining("log in again (Invalid refresh token (expired): ...)");
    }

    @ParameterizedTest
    @CsvSource({"500, false", "503, false", "429, false", "404, true", "302, true"})
    void otherStatusesAreRefusals(int status, boolean isFinal) {
        endpoint.answers(PATH).always(Answer.status(status, "<html>"));

        assertThat(failure(client("secret"))).isInstanceOfSatisfying(RefusedException.class, refused -> {
            assertThat(refused.status()).isEqualTo(status);
            assertThat(refused.isFinal()).isEqualTo(isFinal);
        });
        assertThat(endpoint.requests().now()).hasSize(1);
    }

    @Test
    void theNextAttemptMayDo() throws Exception {
        endpoint.answers(PATH).next(Answer.status(503));
        TokenSupplier tokens = client("secret");

        assertThat(failure(tokens)).isInstanceOf(RefusedException.class);
        assertThat(get(tokens)).isEqualTo("token-1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "<html>", "[]", "{", "{}", "{\"access_token\":\"\"}", "{\"access_token\":\"a\\r\\nb\"}"})
    void answersWithoutATokenAreNone(String body) {
        endpoint.answers(PATH).next(Answer.json(200, body));

        assertThat(failure(client("secret")))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("answered 200 without a token");
    }

    @Test
    void anAnswerWithoutEndIsCut() {
        endpoint.answers(PATH).next(Answer.endless());

        assertThat(failure(client("secret")))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("more than 262144 bytes");
    }

    @Test
    void whatIsNoHttpIsToldSo() {
        endpoint.answers(PATH).next(Answer.bytes("220 mail.example ESMTP\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));

        assertThat(failure(client("secret"))).isInstanceOf(ProtocolException.class);
    }

    @Test
    void silenceEnds() {
        endpoint.answers(PATH).next(Answer.silence());
        TokenSupplier impatient = new UaaTokens(
                endpoint.http(),
                "nozzle",
                "secret",
                null,
                new Inquiry(TlsOptions.system(), Duration.ofMillis(50)),
                clock::get);

        assertThat(failure(impatient))
                .isInstanceOf(UnavailableException.class)
                .hasMessageContaining("did not answer within 50 ms");
    }

    @Test
    void whoIsNotThereIsUnavailable() {
        endpoint.down();

        assertThat(failure(client("secret"))).isInstanceOf(UnavailableException.class);
    }

    @Test
    void aUaaThatIsNotTrustedIsATlsTrouble() throws Exception {
        try (LoggregatorEndpoint secure = LoggregatorEndpoint.startTls()) {
            assertThat(failure(Tokens.clientCredentials(secure.http(), "nozzle", "secret")))
                    .isInstanceOf(TlsException.class);
            assertThat(secure.requests().now()).isEmpty();
            assertThat(get(Tokens.clientCredentials(
                            secure.http(), "nozzle", "secret", TlsOptions.insecurelyTrustEverything())))
                    .isEqualTo("token-1");
        }
    }

    @Test
    void addressesAndIdsAreChecked() {
        assertThatThrownBy(() -> Tokens.clientCredentials(URI.create("ftp://uaa"), "id", "secret"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Tokens.clientCredentials(URI.create("https://uaa"), "i:d", "secret"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private TokenSupplier client(String secret) {
        return new UaaTokens(
                endpoint.http(),
                "nozzle",
                secret,
                null,
                new Inquiry(TlsOptions.system(), Duration.ofSeconds(20)),
                clock::get);
    }

    private static String get(TokenSupplier tokens) throws Exception {
        return tokens.token().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private static Throwable failure(TokenSupplier tokens) {
        Throwable failure = catchThrowable(() -> get(tokens));
        assertThat(failure).isInstanceOf(ExecutionException.class);
        return failure.getCause();
    }
}
