package io.loggregator.benchmarks.udp;

import io.loggregator.benchmarks.load.PreparedBatch;
import io.loggregator.wire.BatchRecords;
import io.loggregator.wire.v1.BareV1;
import io.loggregator.wire.v1.V1Renderer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Makes datagrams of the same load as everywhere: the logs of {@link PreparedBatch}, as v1 and signed. */
public final class Datagram {
    /** The phase that all of them are stamped with; no load of envelopes has it. */
    public static final int PHASE = 0;

    private static final String ALGORITHM = "HmacSHA256";

    private Datagram() {}

    /** A log of a source. */
    static byte[] of(int source, String secret) {
        byte[] batch = PreparedBatch.of(source).bytes();
        BatchRecords records = new BatchRecords().over(batch, 0, batch.length);
        BareV1 v1 = new BareV1();
        if (!records.next()
                || new V1Renderer(batch.length * 2).render(batch, records.start(), records.end(), v1) != 1) {
            throw new IllegalStateException("the load is no log");
        }
        byte[] envelope = v1.envelope(0);
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM));
            byte[] signature = mac.doFinal(envelope);
            byte[] datagram = new byte[signature.length + envelope.length];
            System.arraycopy(signature, 0, datagram, 0, signature.length);
            System.arraycopy(envelope, 0, datagram, signature.length, envelope.length);
            return datagram;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
        }
    }
}
