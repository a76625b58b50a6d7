package io.loggregator.trafficcontroller.access;

import io.loggregator.trafficcontroller.access.Verdict.Outcome;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** Asks UAA whether a token is valid and has a scope: {@code POST /check_token}. */
final class Uaa implements Authority {
    static final String NAME = "uaa";

    /** The firehose's scope. */
    static final String FIREHOSE_SCOPE = "doppler.firehose";

    /** Those that let read all logs at the gateway port. */
    static final List<String> ALL_LOGS_SCOPES = List.of(FIREHOSE_SCOPE, "logs.admin");

    private static final String BEARER = "bearer ";

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
        String token =
                question.token().startsWith(BEARER) ? question.token().substring(BEARER.length()) : question.token();
        Buffer form = Buffer.buffer("token=" + URLEncoder.encode(token, StandardCharsets.UTF_8));
        return client.send(HttpMethod.POST, "/check_token", headers, form)
                .map(reply -> verdict(reply, question))
                .otherwise(failure -> Verdict.unknown("UAA cannot be asked: " + AuthorityClient.explain(failure)));
    }

    private Verdict verdict(AuthorityClient.Reply reply, Question question) {
        return switch (reply.status()) {
            case 200 -> checked(reply.body());
            case 400 -> {
                boolean expired = !TokenExpiry.of(question).isAfter(clock.instant());
                yield Verdict.refused(
                        expired ? Outcome.EXPIRED : Outcome.INVALID, "UAA refuses the token: " + description(reply));
            }
            case 401 -> Verdict.unknown("UAA refuses " + ours.credentialSettings());
            case 404 -> Verdict.unknown("UAA has no /check_token at " + ours.urlSetting());
            default -> Verdict.unknown("UAA answered " + reply.status());
        };
    }

    private Verdict checked(Buffer body) {
        try {
            JsonObject answer = new JsonObject(body);
            List<?> granted = answer.getJsonArray("scope").getList();
            if (scopes.stream().noneMatch(granted::contains)) {
                return Verdict.refused(Outcome.FORBIDDEN, "the token lacks the scope " + String.join(" or ", scopes));
            }
            Long expires = answer.getLong("exp");
            return Verdict.allowed(expires == null ? Instant.MAX : Instant.ofEpochSecond(expires));
        } catch (RuntimeException garbage) {
            // Also a scope that is no list: whatever it is, it is not what UAA says.
            return Verdict.unknown("UAA answered 200 with what is not its answer");
        }
    }

    private static String description(AuthorityClient.Reply reply) {
        try {
            return Verdict.quoted(new JsonObject(reply.body()).getString("error_description", "without a reason"));
        } catch (RuntimeException garbage) {
            return "without a reason";
        }
    }
}
