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

/** Reads public keys, and finds those that may have signed a token. */
final class KeySet {
    /** A document with more is not taken. */
    static final int MOST = 64;

    private static final String BEGIN = "-----BEGIN ";
    private static final String DASHES = "-----";

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
                    .toList();
            if (keys.size() > MOST) {
                throw new IllegalArgumentException(keys.size() + " keys, and at most " + MOST + " are taken");
            }
            if (keys.isEmpty()) {
                throw new IllegalArgumentException("no public RSA or EC key for signatures in it");
            }
            return keys;
        } catch (ParseException | JOSEException | RuntimeException e) {
            throw new IllegalArgumentException(
                    "not a JWKS document, nor public keys in PEM: " + AuthorityClient.explain(e), e);
        }
    }

    /** In one pass, whatever the text holds. */
    private static List<JWK> pem(String text) throws JOSEException {
        List<JWK> keys = new ArrayList<>();
        int at = text.indexOf(BEGIN);
        while (at >= 0) {
            int labelEnd = text.indexOf(DASHES, at + BEGIN.length());
            if (labelEnd < 0) {
                break;
            }
            String label = text.substring(at + BEGIN.length(), labelEnd);
            String last = "-----END " + label + DASHES;
            int end = text.indexOf(last, labelEnd);
            if (end < 0) {
                throw new IllegalArgumentException("a PEM block has no end");
            }
            String block = text.substring(at, end + last.length());
            keys.add(
                    label.equals("CERTIFICATE")
                            ? JWK.parseFromPEMEncodedX509Cert(block)
                            : JWK.parseFromPEMEncodedObjects(block));
            at = text.indexOf(BEGIN, end);
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
