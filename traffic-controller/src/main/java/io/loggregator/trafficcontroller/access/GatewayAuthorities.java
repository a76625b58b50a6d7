package io.loggregator.trafficcontroller.access;

import io.loggregator.trafficcontroller.access.Verdict.Outcome;
import io.loggregator.trafficcontroller.edge.Decision;
import io.loggregator.trafficcontroller.gateway.LogAccess;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Clock;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * Decides about the gateway port: who may read everything, may; others may read sources that the Cloud Controller shows
 * them, as apps or as service instances. Belongs to an event loop.
 */
final class GatewayAuthorities implements LogAccess {
    private final Optional<RememberedAnswers> forAll;
    private final Optional<RememberedAnswers> forApps;
    private final Optional<RememberedAnswers> forServices;
    private final boolean guidsOnly;
    private final Clock clock;

    /**
     * @param forAll whom to ask who may read everything
     * @param forApps whom to ask about a source
     * @param forServices whom to ask about a source that is no app
     * @param guidsOnly whether only guids can be ids of sources that somebody is asked about
     */
    GatewayAuthorities(
            Optional<RememberedAnswers> forAll,
            Optional<RememberedAnswers> forApps,
            Optional<RememberedAnswers> forServices,
            boolean guidsOnly,
            Clock clock) {
        this.forAll = forAll;
        this.forApps = forApps;
        this.forServices = forServices;
        this.guidsOnly = guidsOnly;
        this.clock = clock;
    }

    @Override
    public Future<Decision> read(String token, List<String> sources) {
        if (token.isEmpty()) {
            return Future.succeededFuture(Decision.refused(404, Map.of(), "", "no token"));
        }
        return ask(token, sources, RememberedAnswers::ask).map(verdict -> {
            if (verdict.outcome() == Outcome.ALLOWED) {
                return Decision.allowed(verdict.expires());
            }
            Decision refused = Decision.refused(404, Map.of(), "", verdict.why());
            return verdict.outcome() == Outcome.UNKNOWN ? refused.asUnknown() : refused;
        });
    }

    @Override
    public Future<Optional<String>> revoked(String token, List<String> sources, Instant expires) {
        return ask(token, sources, RememberedAnswers::askAfresh)
                .map(verdict -> verdict.takenAway(expires, clock) ? Optional.of(verdict.why()) : Optional.empty());
    }

    private Future<Verdict> ask(
            String token, List<String> sources, BiFunction<RememberedAnswers, Question, Future<Verdict>> how) {
        if (forAll.isEmpty()) {
            return askAbout(sources, token, how, "no authority for all logs");
        }
        return how.apply(forAll.get(), new Question(token, Optional.empty())).compose(verdict -> {
            if (!verdict.othersMayAllow() || sources.isEmpty()) {
                return Future.succeededFuture(verdict);
            }
            Future<Verdict> shown = askAbout(sources, token, how, verdict.why());
            return verdict.outcome() == Outcome.UNKNOWN ? shown.map(other -> allowedOrUnknown(other, verdict)) : shown;
        });
    }

    /** Who is not shown a source might still be one who may read everything. */
    private static Verdict allowedOrUnknown(Verdict shown, Verdict unknown) {
        return shown.outcome() == Outcome.ALLOWED ? shown : Verdict.unknown(unknown.why() + ", and " + shown.why());
    }

    /** @param why the token may not read everything */
    private Future<Verdict> askAbout(
            List<String> sources,
            String token,
            BiFunction<RememberedAnswers, Question, Future<Verdict>> how,
            String why) {
        if (sources.isEmpty()) {
            return refused(why);
        }
        if (forApps.isEmpty()) {
            return refused("no authority for apps");
        }
        if (guidsOnly && !sources.stream().allMatch(CloudController::isGuid)) {
            return refused("not an app's id, and " + why);
        }
        Promise<Verdict> all = Promise.promise();
        askNext(sources.iterator(), token, how, Verdict.allowed(Instant.MAX), all);
        return all.future();
    }

    /**
     * One after the other: the first that is refused is the last that is asked about. A thousand sources are no deeper than
     * one, whether they are remembered or have to be asked about.
     */
    private void askNext(
            Iterator<String> sources,
            String token,
            BiFunction<RememberedAnswers, Question, Future<Verdict>> how,
            Verdict before,
            Promise<Verdict> all) {
        Verdict soFar = before;
        while (soFar.outcome() == Outcome.ALLOWED && sources.hasNext()) {
            Future<Verdict> asked = askAbout(new Question(token, Optional.of(sources.next())), how);
            if (!asked.isComplete()) {
                Verdict known = soFar;
                asked.onSuccess(verdict -> askNext(sources, token, how, known.and(verdict), all))
                        .onFailure(all::fail);
                return;
            }
            soFar = asked.succeeded()
                    ? soFar.and(asked.result())
                    : Verdict.unknown("a fault: " + AuthorityClient.explain(asked.cause()));
        }
        all.complete(soFar);
    }

    private Future<Verdict> askAbout(Question question, BiFunction<RememberedAnswers, Question, Future<Verdict>> how) {
        return how.apply(forApps.get(), question)
                .compose(verdict -> verdict.outcome() == Outcome.ALLOWED || forServices.isEmpty()
                        ? Future.succeededFuture(verdict)
                        : how.apply(forServices.get(), question)
                                .map(other -> other.outcome() == Outcome.ALLOWED ? other : verdict));
    }

    private static Future<Verdict> refused(String why) {
        return Future.succeededFuture(Verdict.refused(Outcome.FORBIDDEN, why));
    }
}
