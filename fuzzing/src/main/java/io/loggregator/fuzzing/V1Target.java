package io.loggregator.fuzzing;

import com.google.protobuf.InvalidProtocolBufferException;
import io.loggregator.wire.ByteSink;
import io.loggregator.wire.v1.V1Renderer;
import io.loggregator.wire.v1.V1ToV2;
import java.util.Arrays;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;

/** v1 envelopes, as datagrams, frames and old gRPC clients bring them, converted and back. */
public final class V1Target {
    private static final int LARGEST = 1 << 20;
    private static final int LARGEST_FRAME = 65_536;

    private static final V1ToV2 CONVERTER = new V1ToV2(LARGEST);
    private static final V1Renderer RENDERER = new V1Renderer(LARGEST_FRAME);
    private static final V1Reader READER = new V1Reader();
    private static final ByteSink OUT = new ByteSink(4 * LARGEST);

    private V1Target() {}

    /** Takes any bytes. */
    public static void fuzzerTestOneInput(byte[] data) {
        converted(data, true);
        converted(data, false);
    }

    private static void converted(byte[] data, boolean preferred) {
        OUT.reset();
        if (!CONVERTER.convert(data, 0, data.length, preferred, OUT)) {
            Claim.that(OUT.end() == 0, "what is refused leaves nothing");
            return;
        }
        try {
            Envelope read = Envelope.parseFrom(Arrays.copyOf(OUT.bytes(), OUT.end()));
            Claim.that(
                    CONVERTER.eventType() >= 0 || read.getMessageCase() == Envelope.MessageCase.MESSAGE_NOT_SET,
                    "nothing is made of an event of another type");
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("converted, and protobuf refuses it", e);
        }
        RENDERER.render(OUT.bytes(), 0, OUT.end(), READER.reset());
        Claim.that(RENDERER.skipped() != V1Renderer.MALFORMED, "what was converted can be rendered");
    }
}
