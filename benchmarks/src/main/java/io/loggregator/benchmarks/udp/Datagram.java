package io.loggregator.benchmarks.udp;

import io.loggregator.benchmarks.load.PreparedBatch;
import io.loggregator.benchmarks.load.Stamp;
import io.loggregator.wire.BatchRecords;
import io.loggregator.wire.v1.BareV1;
import io.loggregator.wire.v1.V1Renderer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A datagram of the same load as everywhere: a log of {@link PreparedBatch}, as v1 and signed. */
public final class Datagram {
    /** The phase of one that was not stamped anew; no load of envelopes has it. */
    public static final int PHASE = 0;

    private static final String ALGORITHM = "HmacSHA256";

    private final byte[] bytes;
    private final Mac mac;
    private final int signature;
    private final int stamp;

    private Datagram(byte[] envelope, Mac mac) {
        this.mac = mac;
        signature = mac.getMacLength();
        bytes = new byte[signature + envelope.length];
        System.arraycopy(envelope, 0, bytes, signature, envelope.length);
        stamp = stampIn(bytes);
        sign();
    }

    private static int stampIn(byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            if (Stamp.at(bytes, i, bytes.length)) {
                return i;
            }
        }
        throw new IllegalStateException("no stamp where it should be");
    }

    /** A log of a source. */
    public static Datagram of(int source, String secret) {
        byte[] batch = PreparedBatch.of(source).bytes();
        BatchRecords records = new BatchRecords().over(batch, 0, batch.length);
        BareV1 v1 = new BareV1();
        if (!records.next()
                || new V1Renderer(batch.length * 2).render(batch, records.start(), records.end(), v1) != 1) {
            throw new IllegalStateException("the load is no log");
        }
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM));
            return new Datagram(v1.envelope(0), mac);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
        }
    }

    private void sign() {
        mac.update(bytes, signature, bytes.length - signature);
        System.arraycopy(mac.doFinal(), 0, bytes, 0, signature);
    }

    /** Stamps the log and signs it anew. */
    public void stamp(int phase, long sequence, long nanos) {
        Stamp.patch(bytes, stamp, phase, sequence, nanos);
        sign();
    }

    /** The bytes; changed in place by {@link #stamp}. */
    public byte[] bytes() {
        return bytes;
    }
}
