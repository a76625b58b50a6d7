package io.loggregator.cli.output;

import io.loggregator.wire.v1.V1Output;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The v1 envelopes that one v2 envelope became. */
final class RenderedEnvelopes extends V1Output {
    private final List<byte[]> envelopes = new ArrayList<>();

    void clear() {
        envelopes.clear();
        end = 0;
    }

    List<byte[]> envelopes() {
        return envelopes;
    }

    @Override
    protected void finished(int from, int to) {
        envelopes.add(Arrays.copyOfRange(bytes, from, to));
        end = 0;
    }
}
