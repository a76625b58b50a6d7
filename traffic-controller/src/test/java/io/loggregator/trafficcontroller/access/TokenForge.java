package io.loggregator.trafficcontroller.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.function.Consumer;

/** Makes tokens, good and bad ones, with keys of its own. */
final class TokenForge {
    static final String ISSUER = "https://uaa.test/oauth/token";
    static final String AUDIENCE = "loggregator";

    final RSAKey key = newKey("key-1");
    private final RSAKey stranger = newKey("key-1");

    static RSAKey newKey(String id) {
        try {
            return new RSAKeyGenerator(2048).keyID(id).generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    static String jwks(RSAKey... keys) {
        return new JWKSet(List.of(keys)).toPublicJWKSet().toString();
    }

    /** Good for the firehose for an hour, but for what is changed. */
    static JWTClaimsSet claims(Consumer<JWTClaimsSet.Builder> change) {
        JWTClaimsSet.Builder claims = new JWTClaimsSet.Builder()
                .issuer(ISSUER)
                .audience(List.of(AUDIENCE, "openid"))
                .expirationTime(in(Duration.ofHours(1)))
                .claim("scope", List.of("openid", "doppler.firehose"));
        change.accept(claims);
        return claims.build();
    }

    static Date in(Duration time) {
        return Date.from(Instant.now().plus(time));
    }

    String good(Consumer<JWTClaimsSet.Builder> change) {
        return signed(key, JWSAlgorithm.RS256, change);
    }

    static String signed(RSAKey key, JWSAlgorithm algorithm, Consumer<JWTClaimsSet.Builder> change) {
        try {
            SignedJWT token = new SignedJWT(
                    new JWSHeader.Builder(algorithm).keyID(key.getKeyID()).build(), claims(change));
            token.sign(new RSASSASigner(key));
            return "bearer " + token.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    String byAStranger() {
        return signed(stranger, JWSAlgorithm.RS256, unchanged -> {});
    }

    String unsigned() {
        return "bearer " + new PlainJWT(claims(unchanged -> {})).serialize();
    }

    /** Signed with a secret that everybody has: the public key. */
    String signedWithThePublicKey() {
        try {
            SignedJWT token = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.HS256)
                            .keyID(key.getKeyID())
                            .build(),
                    claims(unchanged -> {}));
            token.sign(new MACSigner(key.toRSAPublicKey().getEncoded()));
            return "bearer " + token.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    /** With other claims than were signed. */
    String tampered() {
        String[] parts =
                good(claims -> claims.claim("scope", List.of("openid"))).split("\\.");
        String[] wanted = good(unchanged -> {}).split("\\.");
        return parts[0] + "." + wanted[1] + "." + parts[2];
    }
}
