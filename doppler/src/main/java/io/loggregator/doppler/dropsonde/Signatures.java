package io.loggregator.doppler.dropsonde;

import io.loggregator.stream.Tally;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Checks datagrams that begin with an HMAC-SHA256 of the rest, by a secret that senders share. One object for each event
 * loop; the counts are read from any thread.
 */
final class Signatures {
    /** Bytes of a signature. */
    static final int LENGTH = 32;

    private static final String ALGORITHM = "HmacSHA256";

    private final Mac mac;
    private final byte[] expected = new byte[LENGTH];
    private final byte[] found = new byte[LENGTH];
    private final Tally valid = new Tally();
    private final Tally invalid = new Tally();
    private final Tally missing = new Tally();

    /** What a datagram's signature is worth. */
    enum Verdict {
        VALID,
        /** Not made with this secret, or not of this datagram. */
        INVALID,
        /** The datagram is shorter than a signature. */
        MISSING
    }

    /** @param secret not empty */
    Signatures(String secret) {
        try {
            mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
        }
    }

    /** Judges and counts {@code datagram[0, length)}. Takes as long whatever the signature is. */
    Verdict judge(byte[] datagram, int length) {
        if (length < LENGTH) {
            missing.add(1);
            return Verdict.MISSING;
        }
        mac.update(datagram, LENGTH, length - LENGTH);
        try {
            mac.doFinal(expected, 0);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("there is room for it", e);
        }
        System.arraycopy(datagram, 0, found, 0, LENGTH);
        if (MessageDigest.isEqual(expected, found)) {
            valid.add(1);
            return Verdict.VALID;
        }
        invalid.add(1);
        return Verdict.INVALID;
    }

    long valid() {
        return valid.get();
    }

    long invalid() {
        return invalid.get();
    }

    long missing() {
        return missing.get();
    }
}
