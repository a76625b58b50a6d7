package io.loggregator.fuzzing;

import com.google.protobuf.InvalidProtocolBufferException;
import io.loggregator.wire.v1.V1Output;
import java.util.Arrays;
import org.cloudfoundry.dropsonde.events.EventFactory;

/** Reads each v1 envelope that is rendered as an old client does. */
final class V1Reader extends V1Output {
    private int count;

    @Override
    protected void finished(int from, int to) {
        try {
            EventFactory.Envelope read = EventFactory.Envelope.parseFrom(Arrays.copyOfRange(bytes, from, to));
            Claim.that(read.hasOrigin(), "what v1 requires");
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("a v1 envelope that protobuf refuses", e);
        }
        count++;
        end = to;
    }

    V1Reader reset() {
        count = 0;
        end = 0;
        return this;
    }

    int count() {
        return count;
    }
}
