package io.loggregator.benchmarks.load;

import com.google.protobuf.ByteString;
import io.loggregator.wire.BatchCursor;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;

/**
 * The bytes of an {@code EnvelopeBatch} of logs, each with five tags and a payload that begins with a {@link Stamp}: with
 * the usual {@value #PAYLOAD_BYTES} bytes of payload about 250 bytes an envelope.
 */
public final class PreparedBatch {
    /** The usual length of the text of each log. */
    public static final int PAYLOAD_BYTES = 115;

    private static final String FILLER =
            "GET /v2/orders?customer=4711&page=3 HTTP/1.1 200 in 31 ms, 4 rows, cache hit 87 %";

    private final byte[] bytes;
    private final int[] stamps;
    private final int[] sources;

    private PreparedBatch(byte[] bytes, int[] stamps, int[] sources) {
        this.bytes = bytes;
        this.stamps = stamps;
        this.sources = sources;
    }

    /** The source id of a source, shaped as an app's: 36 characters. */
    public static String sourceId(int source) {
        return String.format("5f3c9a7e-0d41-4b6a-9c2e-%012x", source);
    }

    /** A batch with one log of each source named, in this order; a source may occur several times. */
    public static PreparedBatch of(int... sources) {
        return sized(PAYLOAD_BYTES, sources);
    }

    /**
     * The same with payloads of another length.
     *
     * @param payloadBytes {@value Stamp#LENGTH} and more
     */
    static PreparedBatch sized(int payloadBytes, int... sources) {
        EnvelopeBatch.Builder batch = EnvelopeBatch.newBuilder();
        for (int source : sources) {
            batch.addBatch(envelope(source, payloadBytes));
        }
        byte[] bytes = batch.build().toByteArray();
        int[] stamps = new int[sources.length];
        BatchCursor cursor = new BatchCursor(true).over(bytes, 0, bytes.length);
        for (int i = 0; i < stamps.length; i++) {
            if (!cursor.next() || !cursor.valid()) {
                throw new IllegalStateException("the load is not a batch of envelopes");
            }
            // A log has nothing but its payload: what else it could have is left at its default.
            stamps[i] = cursor.messageEnd() - payloadBytes;
            if (!Stamp.at(bytes, stamps[i], cursor.messageEnd())) {
                throw new IllegalStateException("no stamp where it should be");
            }
        }
        return new PreparedBatch(bytes, stamps, sources.clone());
    }

    private static Envelope envelope(int source, int payloadBytes) {
        byte[] payload = Arrays.copyOf(new byte[Stamp.LENGTH], payloadBytes);
        byte[] filler = FILLER.getBytes(StandardCharsets.US_ASCII);
        for (int i = Stamp.LENGTH; i < payloadBytes; i++) {
            payload[i] = filler[(i - Stamp.LENGTH) % filler.length];
        }
        Stamp.init(payload, 0, source);
        return Envelope.newBuilder()
                .setTimestamp(System.currentTimeMillis() * 1_000_000)
                .setSourceId(sourceId(source))
                .setInstanceId("0")
                .putTags("deployment", "cf")
                .putTags("job", "cell")
                .putTags("index", "0")
                .putTags("ip", "10.0.1.5")
                .putTags("origin", "rep")
                .setLog(Log.newBuilder().setPayload(ByteString.copyFrom(payload)))
                .build();
    }

    /** The bytes; patched in place by {@link #stamp}. */
    public byte[] bytes() {
        return bytes;
    }

    /** How many envelopes. */
    public int size() {
        return stamps.length;
    }

    /**
     * Stamps every envelope.
     *
     * @param next for each source the number of its next log; advanced
     */
    public void stamp(int phase, long[] next, long nanos) {
        for (int i = 0; i < stamps.length; i++) {
            Stamp.patch(bytes, stamps[i], phase, next[sources[i]]++, nanos);
        }
    }
}
