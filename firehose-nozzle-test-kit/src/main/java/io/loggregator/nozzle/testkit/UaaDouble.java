package io.loggregator.nozzle.testkit;

import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A UAA that gives tokens at {@code /oauth/token}, for client credentials and for refresh tokens. Tokens expire when the
 * test says so, whatever the answers told. Faults are scripted by {@link LoggregatorEndpoint#answers}. Thread-safe.
 */
public final class UaaDouble {
    static final String PATH = "/oauth/token";

    private static final Duration USUAL_LIFETIME = Duration.ofMinutes(10);

    private final URI uri;
    private final Observed<List<String>> issued = new Observed<>("tokens issued", List.of());
    private final Map<String, String> clients = new HashMap<>();
    private final Set<String> valid = new HashSet<>();
    private final Set<String> refreshTokens = new HashSet<>();
    private Duration lifetime = USUAL_LIFETIME;
    private boolean rotating;
    private int count;

    UaaDouble(URI uri) {
        this.uri = uri;
    }

    /** Its address, without a path. */
    public URI uri() {
        return uri;
    }

    /** Makes a client known. Once one is, all others are refused; before, any is right. */
    public synchronized UaaDouble client(String id, String secret) {
        clients.put(id, secret);
        return this;
    }

    /** What {@code expires_in} tells from now on, in whole seconds; 10 minutes at first. */
    public synchronized UaaDouble lifetime(Duration told) {
        lifetime = told;
        return this;
    }

    /** A new refresh token. */
    public synchronized String refreshToken() {
        count++;
        String token = "refresh-" + count;
        refreshTokens.add(token);
        return token;
    }

    /** From now on a refresh token is good for one token, and the answer brings the next one. */
    public synchronized UaaDouble rotateRefreshTokens() {
        rotating = true;
        return this;
    }

    /** All tokens that were issued are refused from now on. */
    public synchronized void expireTokens() {
        valid.clear();
    }

    /** All tokens that were ever issued, in order. */
    public Observed<List<String>> issued() {
        return issued;
    }

    synchronized boolean isValid(String token) {
        return valid.contains(token);
    }

    Answer answer(Request request) {
        if (!request.method().equals("POST")) {
            return Answer.status(405);
        }
        if (!knows(request)) {
            return error(401, "unauthorized", "Bad credentials");
        }
        return switch (request.field("grant_type").orElse("")) {
            case "client_credentials" -> token(Optional.empty());
            case "refresh_token" -> refreshed(request.field("refresh_token").orElse(""));
            default -> error(400, "unsupported_grant_type", "Unsupported grant type");
        };
    }

    private synchronized boolean knows(Request request) {
        if (clients.isEmpty()) {
            return true;
        }
        Optional<String> basic = request.header("authorization")
                .filter(value -> value.startsWith("Basic "))
                .map(value -> new String(Base64.getDecoder().decode(value.substring(6)), StandardCharsets.UTF_8));
        String credentials = basic.orElseGet(() -> request.field("client_id").orElse("") + ":"
                + request.field("client_secret").orElse(""));
        return clients.entrySet().stream()
                .anyMatch(client -> credentials.equals(client.getKey() + ":" + client.getValue()));
    }

    private Answer refreshed(String refreshToken) {
        String next = refreshToken;
        synchronized (this) {
            if (!refreshTokens.contains(refreshToken)) {
                return error(401, "invalid_token", "Invalid refresh token (expired): " + refreshToken);
            }
            if (rotating) {
                refreshTokens.remove(refreshToken);
                next = refreshToken();
            }
        }
        return token(Optional.of(next));
    }

    private Answer token(Optional<String> refreshToken) {
        String token;
        long seconds;
        synchronized (this) {
            count++;
            token = "token-" + count;
            valid.add(token);
            seconds = lifetime.toSeconds();
        }
        issued.change(Observed.adding(token));
        JsonObject answer = new JsonObject()
                .put("access_token", token)
                .put("token_type", "bearer")
                .put("expires_in", seconds)
                .put("scope", "doppler.firehose")
                .put("jti", token);
        refreshToken.ifPresent(next -> answer.put("refresh_token", next));
        return Answer.json(answer);
    }

    private static Answer error(int status, String error, String description) {
        return Answer.json(
                status,
                new JsonObject()
                        .put("error", error)
                        .put("error_description", description)
                        .encode());
    }
}
