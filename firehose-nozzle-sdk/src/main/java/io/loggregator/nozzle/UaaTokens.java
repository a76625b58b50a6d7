package io.loggregator.nozzle;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Asks a UAA at {@code /oauth/token} (RFC 6749, 4.4 and 6). */
final class UaaTokens implements TokenSupplier {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    /** A token is asked for anew when a tenth of its life is left, and no earlier than this before its end. */
    private static final long LONGEST_BEFORE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final long LONGEST_LIFE_SECONDS = TimeUnit.DAYS.toSeconds(365);
    private static final int LONGEST_QUOTE = 200;

    private final URI uri;
    private final String credentials;
    private final Inquiry inquiry;
    private final LongSupplier nanos;

    // Under the lock of this object.
    /** Null with client credentials. */
    private String refreshToken;
    /** Null: none that is to be used. */
    private String token;

    private boolean expires;
    private long renewAt;
    /** Null: nobody is asking. */
    private CompletableFuture<String> asking;

    UaaTokens(URI uaa, String id, String secret, String refreshToken, TlsOptions tls) {
        this(uaa, id, secret, refreshToken, new Inquiry(tls, LIMIT), System::nanoTime);
    }

    /** @param nanos a clock that only differences are taken of */
    UaaTokens(URI uaa, String id, String secret, String refreshToken, Inquiry inquiry, LongSupplier nanos) {
        if (!"https".equalsIgnoreCase(uaa.getScheme()) && !"http".equalsIgnoreCase(uaa.getScheme())) {
            throw new IllegalArgumentException("the UAA's address begins with https://, not " + uaa);
        }
        if (id.indexOf(':') >= 0) {
            throw new IllegalArgumentException("a client's id has no colon");
        }
        this.uri = URI.create(uaa.toString().replaceFirst("/+$", "") + "/oauth/token");
        this.credentials =
                "Basic " + Base64.getEncoder().encodeToString((id + ":" + secret).getBytes(StandardCharsets.UTF_8));
        this.refreshToken = refreshToken;
        this.inquiry = inquiry;
        this.nanos = nanos;
    }

    @Override
    public CompletionStage<String> token() {
        CompletableFuture<String> mine;
        synchronized (this) {
            if (token != null && (!expires || nanos.getAsLong() - renewAt < 0)) {
                return CompletableFuture.completedFuture(token);
            }
            if (asking != null) {
                return asking.copy();
            }
            asking = new CompletableFuture<>();
            mine = asking;
        }
        inquiry.send(request()).thenApply(this::taken).whenComplete((fresh, failure) -> {
            synchronized (this) {
                asking = null;
            }
            if (failure == null) {
                mine.complete(fresh);
            } else {
                mine.completeExceptionally(failure.getCause() == null ? failure : failure.getCause());
            }
        });
        return mine.copy();
    }

    @Override
    public synchronized void rejected(String refused) {
        if (refused.equals(token)) {
            token = null;
        }
    }

    private synchronized HttpRequest request() {
        String form = refreshToken == null
                ? "grant_type=client_credentials"
                : "grant_type=refresh_token&refresh_token=" + URLEncoder.encode(refreshToken, StandardCharsets.UTF_8);
        return HttpRequest.newBuilder(uri)
                .header("Authorization", credentials)
                .header("Accept", "application/json")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form))
                .build();
    }

    private String taken(HttpResponse<byte[]> response) {
        Map<String, String> answer;
        try {
            answer = JsonText.values(response.body());
        } catch (IOException e) {
            answer = Map.of();
        }
        if (response.statusCode() != 200) {
            throw refusal(response.statusCode(), answer);
        }
        String fresh = answer.getOrDefault("access_token", "");
        if (fresh.isEmpty() || fresh.chars().anyMatch(c -> c <= ' ' || c >= 127)) {
            throw new ProtocolException(uri + " answered 200 without a token: is it the UAA's address?");
        }
        keep(fresh, answer.getOrDefault("expires_in", ""), answer.get("refresh_token"));
        return fresh;
    }

    private synchronized void keep(String fresh, String expiresIn, String nextRefreshToken) {
        token = fresh;
        expires = expiresIn.matches("[0-9]{1,18}");
        if (expires) {
            long life = TimeUnit.SECONDS.toNanos(Math.min(LONGEST_LIFE_SECONDS, Long.parseLong(expiresIn)));
            renewAt = nanos.getAsLong() + life - Math.min(LONGEST_BEFORE_NANOS, life / 10);
        }
        if (refreshToken != null && nextRefreshToken != null && !nextRefreshToken.isEmpty()) {
            refreshToken = nextRefreshToken;
        }
    }

    private NozzleException refusal(int status, Map<String, String> answer) {
        String error = answer.getOrDefault("error", "");
        if (status == 401 || (status == 400 && !error.isEmpty())) {
            boolean refreshing = hasRefreshToken();
            return new UnauthorizedException(uri + " refuses "
                    + (refreshing ? "the refresh token or the client: log in again" : "the client's id or secret")
                    + said(answer));
        }
        return new RefusedException(
                uri + " answered HTTP status " + status + said(answer)
                        + (status < 500 ? ": is it the UAA's address?" : ""),
                status);
    }

    private synchronized boolean hasRefreshToken() {
        return refreshToken != null;
    }

    /** What the UAA says about it, without the refresh token, which UAAs quote. */
    private synchronized String said(Map<String, String> answer) {
        String text = answer.getOrDefault("error_description", answer.getOrDefault("error", ""))
                .replaceAll("\\p{Cntrl}+", " ");
        if (refreshToken != null) {
            text = text.replace(refreshToken, "...");
        }
        return text.isEmpty()
                ? ""
                : " (" + (text.length() > LONGEST_QUOTE ? text.substring(0, LONGEST_QUOTE) : text) + ")";
    }
}
