package io.loggregator.trafficcontroller.access;

import io.loggregator.trafficcontroller.access.Verdict.Outcome;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.time.Clock;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Asks the Cloud Controller whether a user may see something: an app by {@code GET /internal/v4/log_access/{app}}, mutual
 * TLS, or a service instance by {@code GET /v3/service_instances/{id}}.
 */
final class CloudController implements Authority {
    static final String NAME = "cloud_controller";

    private static final Pattern GUID = Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

    private static final String APPS = "/internal/v4/log_access/";
    private static final String SERVICE_INSTANCES = "/v3/service_instances/";

    private final AuthorityClient client;
    private final String path;
    private final Clock clock;

    private CloudController(AuthorityClient client, String path, Clock clock) {
        this.client = client;
        this.path = path;
        this.clock = clock;
    }

    /** Asks about apps. */
    static CloudController apps(AuthorityClient client, Clock clock) {
        return new CloudController(client, APPS, clock);
    }

    /** Asks about service instances. */
    static CloudController serviceInstances(AuthorityClient client, Clock clock) {
        return new CloudController(client, SERVICE_INSTANCES, clock);
    }

    /** Whether it is an id that the Cloud Controller gives to apps; it is not asked about others. */
    static boolean isGuid(String app) {
        return GUID.matcher(app).matches();
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Future<Verdict> ask(Question question) {
        return client.send(
                        HttpMethod.GET,
                        path + question.app().orElseThrow(),
                        Map.of("Authorization", question.token()),
                        Buffer.buffer())
                .map(reply -> verdict(reply.status(), question))
                .otherwise(failure ->
                        Verdict.unknown("the Cloud Controller cannot be asked: " + AuthorityClient.explain(failure)));
    }

    private Verdict verdict(int status, Question question) {
        return switch (status) {
            case 200 -> Verdict.allowed(TokenExpiry.of(question));
            case 401 -> {
                boolean expired = !TokenExpiry.of(question).isAfter(clock.instant());
                yield Verdict.refused(
                        expired ? Outcome.EXPIRED : Outcome.INVALID, "the Cloud Controller does not accept the token");
            }
            case 403, 404 ->
                Verdict.refused(
                        Outcome.FORBIDDEN,
                        "the Cloud Controller answered " + status + " for this "
                                + (path.equals(APPS) ? "app" : "service instance"));
            default -> Verdict.unknown("the Cloud Controller answered " + status);
        };
    }
}
