package io.loggregator.trafficcontroller.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.BadJWTException;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.ExpiredJWTException;
import io.loggregator.trafficcontroller.access.Verdict.Outcome;
import io.vertx.core.Future;
import java.security.Key;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * Checks tokens itself: a JWT that is signed by a known key with one of the configured algorithms, from the issuer and
 * for the audience configured, not expired; then what its claims grant.
 */
final class SignedTokens implements Authority {
    static final String NAME = "jwt";

    /** Keys that are tried for a token that does not say which: each costs the event loop a moment. */
    private static final int MOST_TRIED = 4;

    private final VerificationKeys keys;
    private final Rules rules;
    private final List<String> scopes;
    private final AppClaims claimsForApps;
    private final AppSpaces spaces;
    private final DefaultJWTClaimsVerifier<?> claimsVerifier;
    private final DefaultJWSVerifierFactory verifiers = new DefaultJWSVerifierFactory();

    /**
     * What a token must be like.
     *
     * @param algorithms that it may be signed with, asymmetric ones only
     * @param issuer its {@code iss}; empty: any
     * @param audience one of its {@code aud}; empty: any
     * @param skew how far clocks may differ
     */
    record Rules(Set<JWSAlgorithm> algorithms, String issuer, String audience, Duration skew) {}

    /** Thrown with the reason for the log. */
    private static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;
        final transient Verdict verdict;

        Refused(Outcome outcome, String why) {
            super(why, null, false, false);
            this.verdict = Verdict.refused(outcome, why);
        }
    }

    /** @param scopes of which a token must have one to read everything */
    SignedTokens(VerificationKeys keys, Rules rules, List<String> scopes, AppClaims claimsForApps, AppSpaces spaces) {
        this.keys = keys;
        this.rules = rules;
        this.scopes = List.copyOf(scopes);
        this.claimsForApps = claimsForApps;
        this.spaces = spaces;
        JWTClaimsSet.Builder exact = new JWTClaimsSet.Builder();
        if (!rules.issuer().isEmpty()) {
            exact.issuer(rules.issuer());
        }
        Set<String> audience = rules.audience().isEmpty() ? null : Set.of(rules.audience());
        claimsVerifier = new DefaultJWTClaimsVerifier<>(audience, exact.build(), Set.of("exp"), null);
        claimsVerifier.setMaxClockSkew((int) rules.skew().toSeconds());
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Future<Verdict> ask(Question question) {
        SignedJWT token;
        try {
            token = parse(question);
        } catch (Refused refused) {
            return Future.succeededFuture(refused.verdict);
        }
        List<JWK> tried = keys.known();
        boolean signed = isSigned(token, tried);
        // A key that is not known may be new; of tokens that name none, only the signature tells.
        boolean mayBeNew = !signed
                && (token.getHeader().getKeyID() == null
                        || KeySet.fitting(tried, token.getHeader()).isEmpty());
        return mayBeNew
                ? keys.refresh().compose(refreshed -> {
                    List<JWK> known = keys.known();
                    return decide(token, known != tried && isSigned(token, known), question);
                })
                : decide(token, signed, question);
    }

    private SignedJWT parse(Question question) throws Refused {
        try {
            SignedJWT token = SignedJWT.parse(question.bareToken());
            JWSAlgorithm algorithm = token.getHeader().getAlgorithm();
            if (!rules.algorithms().contains(algorithm)) {
                throw new Refused(
                        Outcome.INVALID,
                        "signed with " + Verdict.quoted(algorithm.getName()) + ", which is not in JWT_ALGORITHMS");
            }
            return token;
        } catch (ParseException | RuntimeException notOne) {
            throw new Refused(Outcome.INVALID, "not a signed JWT");
        }
    }

    private Future<Verdict> decide(SignedJWT token, boolean signed, Question question) {
        try {
            if (!signed) {
                throw unsigned(token);
            }
            return granted(checkClaims(token), question);
        } catch (Refused refused) {
            return Future.succeededFuture(refused.verdict);
        }
    }

    /** Why no key has signed it. */
    private Refused unsigned(SignedJWT token) {
        if (keys.known().isEmpty()) {
            return new Refused(Outcome.UNKNOWN, "no keys from JWT_JWKS_URL yet");
        }
        boolean known = !KeySet.fitting(keys.known(), token.getHeader()).isEmpty();
        return new Refused(Outcome.INVALID, known ? "the signature is wrong" : "signed with a key that is not known");
    }

    /** Whether one of the keys has signed it. */
    private boolean isSigned(SignedJWT token, List<JWK> known) {
        List<JWK> fitting = KeySet.fitting(known, token.getHeader());
        for (JWK key : fitting.subList(0, Math.min(MOST_TRIED, fitting.size()))) {
            try {
                Key publicKey = ((AsymmetricJWK) key).toPublicKey();
                if (token.verify(verifiers.createJWSVerifier(token.getHeader(), publicKey))) {
                    return true;
                }
            } catch (JOSEException | RuntimeException unfit) {
                // A key of the wrong curve or size, or a header with critical parts that nobody here knows.
            }
        }
        return false;
    }

    private JWTClaimsSet checkClaims(SignedJWT token) throws Refused {
        try {
            JWTClaimsSet claims = token.getJWTClaimsSet();
            claimsVerifier.verify(claims, null);
            if (claims.getExpirationTime() == null) {
                throw new Refused(Outcome.INVALID, "exp is no time");
            }
            return claims;
        } catch (ExpiredJWTException expired) {
            throw new Refused(Outcome.EXPIRED, "the token has expired");
        } catch (BadJWTException | ParseException wrong) {
            throw new Refused(Outcome.INVALID, AuthorityClient.explain(wrong));
        }
    }

    private Future<Verdict> granted(JWTClaimsSet claims, Question question) {
        Verdict allowed = Verdict.allowed(expires(claims));
        if (question.app().isEmpty()) {
            return Future.succeededFuture(
                    scopes.stream().anyMatch(AppClaims.scopes(claims)::contains)
                            ? allowed
                            : Verdict.refused(
                                    Outcome.FORBIDDEN, "the token lacks the scope " + String.join(" or ", scopes)));
        }
        String app = question.app().get();
        if (claimsForApps.name(claims, app)) {
            return Future.succeededFuture(allowed);
        }
        Set<String> readable = claimsForApps.spaces(claims);
        if (readable.isEmpty()) {
            return Future.succeededFuture(Verdict.refused(Outcome.FORBIDDEN, "the token does not name the app"));
        }
        return spaces.of(app)
                .map(space -> space.isEmpty()
                        ? Verdict.refused(Outcome.NOT_FOUND, "nothing recent tells the app's space")
                        : readable.contains(space.get())
                                ? allowed
                                : Verdict.refused(Outcome.FORBIDDEN, "the token does not name the app's space"))
                .otherwise(failure -> Verdict.unknown("the app's space cannot be found out"));
    }

    private static Instant expires(JWTClaimsSet claims) {
        return claims.getExpirationTime().toInstant();
    }
}
