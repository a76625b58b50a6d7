package io.loggregator.trafficcontroller.access;

import io.loggregator.trafficcontroller.access.Verdict.Outcome;
import io.loggregator.trafficcontroller.edge.AccessControl;
import io.loggregator.trafficcontroller.edge.Decision;
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
    private final Optional<VerificationKeys> keys;
    private final Clock clock;
    private final Runnable close;

    /**
     * @param forFirehose whom to ask about the firehose; without one, everybody is refused
     * @param forApps whom to ask about apps; without one, everybody is refused
     * @param guidsOnly whether only guids can be ids of apps
     */
    Authorities(
            Optional<RememberedAnswers> forFirehose,
            Optional<RememberedAnswers> forApps,
            boolean guidsOnly,
            Optional<VerificationKeys> keys,
            Clock clock,
            Runnable close) {
        this.forFirehose = forFirehose;
        this.forApps = forApps;
        this.guidsOnly = guidsOnly;
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

    /**
     * Whether access that was given has been taken away. An authority that cannot be asked takes nothing away, nor does a
     * token that has only become too old. Where it cannot be known how old a token may become, only a refusal of access,
     * not one of the token, counts.
     */
    @Override
    public Future<Optional<String>> revoked(String token, Optional<String> app, Instant expires) {
        Optional<RememberedAnswers> authority = app.isPresent() ? forApps : forFirehose;
        if (authority.isEmpty()) {
            return Future.succeededFuture(Optional.empty());
        }
        return authority.get().askAfresh(new Question(token, app)).map(verdict -> {
            boolean tooOld = !clock.instant().isBefore(expires);
            boolean taken = verdict.outcome() == Outcome.FORBIDDEN
                    || (verdict.outcome() == Outcome.INVALID && !expires.equals(Instant.MAX));
            return taken && !tooOld ? Optional.of(verdict.why()) : Optional.empty();
        });
    }

    /** Ends what goes on in the background, and connections to authorities. */
    public void close() {
        close.run();
    }
}
