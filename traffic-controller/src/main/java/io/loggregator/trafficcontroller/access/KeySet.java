package io.loggregator.trafficcontroller.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyType;
import com.nimbusds.jose.jwk.KeyUse;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads public keys, and finds those that may have signed a token. */
final class KeySet {
    /** More are not looked at. */
    static final int MOST = 64;

    private static final Pattern PEM = Pattern.compile("-----BEGIN ([A-Z ]+)-----.*?-----END \\1-----", Pattern.DOTALL);

    private KeySet() {}

    /**
     * Reads a JWKS document, or public keys and certificates in PEM.
     *
     * @return the RSA and EC keys for signatures, without private parts
     * @throws IllegalArgumentException saying what is wrong
     */
    static List<JWK> parse(String text) {
        try {
            List<JWK> all =
                    text.stripLeading().startsWith("{") ? JWKSet.parse(text).getKeys() : pem(text);
            List<JWK> keys = all.stream()
                    .filter(KeySet::isForSignatures)
                    .map(JWK::toPublicJWK)
                    .limit(MOST)
                    .toList();
            if (keys.isEmpty()) {
                throw new IllegalArgumentException("no public RSA or EC key for signatures in it");
            }
            return keys;
        } catch (ParseException | JOSEException | RuntimeException e) {
            throw new IllegalArgumentException(
                    "not a JWKS document, nor public keys in PEM: " + AuthorityClient.explain(e), e);
        }
    }

    private static List<JWK> pem(String text) throws JOSEException {
        List<JWK> keys = new ArrayList<>();
        Matcher block = PEM.matcher(text);
        while (block.find()) {
            keys.add(
                    block.group(1).equals("CERTIFICATE")
                            ? JWK.parseFromPEMEncodedX509Cert(block.group())
                            : JWK.parseFromPEMEncodedObjects(block.group()));
        }
        return keys;
    }

    /** Symmetric keys are left out: whoever can check with one can also sign with it. */
    private static boolean isForSignatures(JWK key) {
        return (key.getKeyType().equals(KeyType.RSA) || key.getKeyType().equals(KeyType.EC))
                && (key.getKeyUse() == null || key.getKeyUse().equals(KeyUse.SIGNATURE));
    }

    /** Those of the keys that fit the header: kind of key, algorithm and, where both have one, id. */
    static List<JWK> fitting(List<JWK> keys, JWSHeader header) {
        KeyType type = KeyType.forAlgorithm(header.getAlgorithm());
        return keys.stream()
                .filter(key -> key.getKeyType().equals(type))
                .filter(key -> key.getAlgorithm() == null || key.getAlgorithm().equals(header.getAlgorithm()))
                .filter(key -> key.getKeyID() == null
                        || header.getKeyID() == null
                        || key.getKeyID().equals(header.getKeyID()))
                .toList();
    }
}
