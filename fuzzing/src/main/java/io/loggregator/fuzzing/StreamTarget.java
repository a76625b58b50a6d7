package io.loggregator.fuzzing;

import io.loggregator.streaming.StreamMessage;

/** Messages of {@code loggregator.stream.v2}, either way. */
public final class StreamTarget {
    private StreamTarget() {}

    /** Takes any bytes. */
    public static void fuzzerTestOneInput(byte[] data) throws Exception {
        Messages.unlessRefused(() -> StreamMessage.toServer(data));
        Messages.unlessRefused(() -> StreamMessage.toClient(data));
        Integer batchStart = Messages.unlessRefused(() -> StreamMessage.batchStart(data));
        Claim.that(batchStart == null || (batchStart >= 0 && batchStart <= data.length), "a batch in the message");
    }
}
