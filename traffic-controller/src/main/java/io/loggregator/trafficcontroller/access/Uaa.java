package io.loggregator.trafficcontroller.access;

import io.loggregator.trafficcontroller.access.Verdict.Outcome;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Asks UAA whether a token is valid and has a scope: {@code POST /check_token}. */
final class Uaa implements Authority {
    static final String NAME = "uaa";

    /** The firehose's scope. */
    static final String FIREHOSE_SCOPE = "doppler.firehose";

    /** Those that let read all logs at the gateway port. */
    static final List<String> ALL_LOGS_SCOPES = List.of(FIREHOSE_SCOPE, "logs.admin");

    private static final String BEARER = "bearer";

    private final AuthorityClient client;
    private final Ours ours;
    private final Map<String, String> headers;
    private final List<String> scopes;
    private final Clock clock;

    /**
     * As whom it is asked.
     *
     * @param urlSetting names the setting with its address
     * @param credentialSettings names the settings with id and secret
     */
    record Ours(String id, String secret, String urlSetting, String credentialSettings) {
        /** Without the secret. */
        @Override
        public String toString() {
            return id;
        }
    }

    /** @param scopes of which a token must have one */
    Uaa(AuthorityClient client, Ours ours, List<String> scopes, Clock clock) {
        this.client = client;
        this.ours = ours;
        String credentials = ours.id() + ":" + ours.secret();
        this.headers = Map.of(
                "Authorization",
                "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8)),
                "Content-Type",
                "application/x-www-form-urlencoded");
        this.scopes = List.copyOf(scopes);
        this.clock = clock;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Future<Verdict> ask(Question question) {
        // In lower case only, as the Go release.
        String given = question.token();
        String token = given.startsWith(BEARER) ? given.substring(BEARER.length()) : given;
        Buffer form = Buffer.buffer("token=" + URLEncoder.encode(token.strip(), StandardCharsets.UTF_8));
        return client.send(HttpMethod.POST, "/check_token", headers, form)
                .map(reply -> verdict(reply, question))
                .otherwise(failure -> Verdict.unknown("UAA cannot be asked: " + AuthorityClient.explain(failure)));
    }

    private Verdict verdict(AuthorityClient.Reply reply, Question question) {
        Optional<JsonObject> answer = json(reply.body());
        if (answer.isPresent() && reply.status() == 200) {
            return checked(answer.get());
        }
        if (answer.isPresent() && reply.status() == 400) {
            boolean expired = !TokenExpiry.of(question).isAfter(clock.instant());
            return Verdict.refused(
                    expired ? Outcome.EXPIRED : Outcome.INVALID, "UAA refuses the token: " + description(answer.get()));
        }
        String problem = switch (reply.status()) {
            case 200, 400 -> notItsAnswer(reply.status());
            case 401 -> "UAA refuses " + ours.credentialSettings();
            case 404 -> "UAA has no /check_token at " + ours.urlSetting();
            default -> "UAA answered " + reply.status();
        };
        return answer.isPresent() ? Verdict.undecided(problem) : Verdict.unknown(problem);
    }

    private Verdict checked(JsonObject answer) {
        try {
            JsonArray granted = answer.getJsonArray("scope", new JsonArray());
            if (granted == null || scopes.stream().noneMatch(granted::contains)) {
                return Verdict.refused(Outcome.FORBIDDEN, "the token lacks the scope " + String.join(" or ", scopes));
            }
            Long expires = answer.getLong("exp");
            return Verdict.allowed(expires == null ? Instant.MAX : Instant.ofEpochSecond(expires));
        } catch (RuntimeException garbage) {
            // Also a scope that is no list: whatever it is, it is not what UAA says.
            return Verdict.unknown(notItsAnswer(200));
        }
    }

    private static String notItsAnswer(int status) {
        return "UAA answered " + status + " with what is not its answer";
    }

    private static String description(JsonObject answer) {
        return answer.getValue("error_description") instanceof String text ? Verdict.quoted(text) : "without a reason";
    }

    /** A body that a proxy has put in the place of UAA's is none. */
    private static Optional<JsonObject> json(Buffer body) {
        try {
            return Optional.of(new JsonObject(body));
        } catch (RuntimeException garbage) {
            return Optional.empty();
        }
    }
}
