package io.loggregator.trafficcontroller.access;

import io.loggregator.trafficcontroller.edge.AccessControl;
import io.loggregator.trafficcontroller.edge.Decision;
import io.loggregator.trafficcontroller.gateway.LogAccess;
import io.vertx.core.Future;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * Puts each question to the authority for it, and turns what it says into the answers that clients of the Go release
 * know. Belongs to an event loop.
 */
public final class Authorities implements AccessControl {
    private static final Map<String, String> BASIC = Map.of("WWW-Authenticate", "Basic");
    private static final String NOT_AUTHORIZED = "You are not authorized. ";
    private static final String NO_TOKEN = "authorization not provided";
    private static final String INVALID = "invalid authorization";

    private final Optional<RememberedAnswers> forFirehose;
    private final Optional<RememberedAnswers> forApps;
    private final boolean guidsOnly;
    private final LogAccess logAccess;
    private final Optional<VerificationKeys> keys;
    private final Clock clock;
    private final Runnable close;

    /**
     * @param forFirehose whom to ask about the firehose; without one, everybody is refused
     * @param forApps whom to ask about apps; without one, everybody is refused
     * @param guidsOnly whether only guids can be ids of apps
     * @param logAccess what decides about the gateway port
     */
    Authorities(
            Optional<RememberedAnswers> forFirehose,
            Optional<RememberedAnswers> forApps,
            boolean guidsOnly,
            LogAccess logAccess,
            Optional<VerificationKeys> keys,
            Clock clock,
            Runnable close) {
        this.forFirehose = forFirehose;
        this.forApps = forApps;
        this.guidsOnly = guidsOnly;
        this.logAccess = logAccess;
        this.keys = keys;
        this.clock = clock;
        this.close = close;
    }

    /** Why nobody can be let in at this moment, if so. For use by any thread. */
    public Optional<String> problem() {
        return keys.filter(none -> none.known().isEmpty()).map(none -> "no keys from JWT_JWKS_URL yet");
    }

    @Override
    public Future<Decision> firehose(String token) {
        if (token.isEmpty()) {
            return refused(NO_TOKEN, "no token");
        }
        if (forFirehose.isEmpty()) {
            return refused(INVALID, "no authority for the firehose");
        }
        return forFirehose.get().ask(new Question(token, Optional.empty())).map(verdict -> switch (verdict.outcome()) {
            case ALLOWED -> Decision.allowed(verdict.expires());
            case UNKNOWN ->
                Decision.refused(401, BASIC, NOT_AUTHORIZED + INVALID, verdict.why())
                        .asUnknown();
            default -> Decision.refused(401, BASIC, NOT_AUTHORIZED + INVALID, verdict.why());
        });
    }

    private static Future<Decision> refused(String body, String why) {
        return Future.succeededFuture(Decision.refused(401, BASIC, NOT_AUTHORIZED + body, why));
    }

    @Override
    public Future<Decision> app(String token, String appId) {
        if (guidsOnly && !CloudController.isGuid(appId)) {
            return Future.succeededFuture(Decision.refused(401, Map.of(), "", "not an app's id"));
        }
        if (token.isEmpty()) {
            return Future.succeededFuture(Decision.refused(401, BASIC, "", "no token"));
        }
        if (forApps.isEmpty()) {
            return Future.succeededFuture(Decision.refused(401, BASIC, "", "no authority for apps"));
        }
        return forApps.get().ask(new Question(token, Optional.of(appId))).map(verdict -> switch (verdict.outcome()) {
            case ALLOWED -> Decision.allowed(verdict.expires());
            case INVALID, EXPIRED -> Decision.refused(401, BASIC, "", verdict.why());
            case FORBIDDEN, NOT_FOUND -> Decision.refused(404, Map.of(), "", verdict.why());
            case UNKNOWN -> Decision.refused(500, Map.of(), "", verdict.why()).asUnknown();
        });
    }

    /** Whether access that was given has been taken away. An authority that cannot be asked takes nothing away. */
    @Override
    public Future<Optional<String>> revoked(String token, Optional<String> app, Instant expires) {
        Optional<RememberedAnswers> authority = app.isPresent() ? forApps : forFirehose;
        if (authority.isEmpty()) {
            return Future.succeededFuture(Optional.empty());
        }
        return authority
                .get()
                .askAfresh(new Question(token, app))
                .map(verdict -> verdict.takenAway(expires, clock) ? Optional.of(verdict.why()) : Optional.empty());
    }

    /** What decides about the gateway port. */
    public LogAccess logAccess() {
        return logAccess;
    }

    /** Ends what goes on in the background, and connections to authorities. */
    public void close() {
        close.run();
    }
}
