package io.loggregator.cli.emit;

import io.loggregator.wire.v1.BareV1;
import io.loggregator.wire.v1.V1Renderer;
import java.util.ArrayList;
import java.util.List;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;

/** Turns envelopes into what an agent of v1 would have sent. Used by one thread. */
final class V1Envelopes {
    /** Above the largest payload that is sent; what is smaller is not cut. */
    private static final int LARGEST = 2 << 20;

    private final V1Renderer renderer = new V1Renderer(LARGEST);
    private final BareV1 rendered = new BareV1();

    /** The v1 envelopes of a batch, in order. */
    List<byte[]> of(EnvelopeBatch batch) {
        List<byte[]> envelopes = new ArrayList<>(batch.getBatchCount());
        for (Envelope envelope : batch.getBatchList()) {
            byte[] bytes = envelope.toByteArray();
            rendered.clear();
            int count = renderer.render(bytes, 0, bytes.length, rendered);
            for (int i = 0; i < count; i++) {
                envelopes.add(rendered.envelope(i));
            }
        }
        return envelopes;
    }
}
