package io.loggregator.trafficcontroller.access;

import com.nimbusds.jwt.JWTParser;
import java.text.ParseException;
import java.time.Instant;
import java.util.Date;

/**
 * Reads from a token when it expires, without checking anything: for tokens that an authority has accepted, to tell a
 * token that has become too old from one that was revoked.
 */
final class TokenExpiry {
    private TokenExpiry() {}

    /** The claim {@code exp}; {@link Instant#MAX} if the token is no JWT or has none. */
    static Instant of(Question question) {
        try {
            Date expires =
                    JWTParser.parse(question.bareToken()).getJWTClaimsSet().getExpirationTime();
            return expires == null ? Instant.MAX : expires.toInstant();
        } catch (ParseException | RuntimeException notAJwt) {
            return Instant.MAX;
        }
    }
}
