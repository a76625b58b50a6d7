package io.loggregator.node.tls;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;

/** The kinds of keys that the certificate authority makes. */
public enum KeyKind {
    RSA_2048,
    EC_P256;

    KeyPair newPair() {
        try {
            KeyPairGenerator generator;
            if (this == RSA_2048) {
                generator = KeyPairGenerator.getInstance("RSA");
                generator.initialize(2048);
            } else {
                generator = KeyPairGenerator.getInstance("EC");
                generator.initialize(new ECGenParameterSpec("secp256r1"));
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java cannot make keys for " + this, e);
        }
    }
}
