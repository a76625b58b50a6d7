package io.loggregator.nozzle.emitter;

import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Envelopes on their way to become the bytes of an {@code EnvelopeBatch}. */
final class Records {
    /** Number of the field {@code batch}. */
    private static final int BATCH = 1;

    private final List<byte[]> envelopes = new ArrayList<>();
    private int bytes;

    /** What an envelope takes in a batch. */
    static int size(byte[] envelope) {
        return CodedOutputStream.computeByteArraySize(BATCH, envelope);
    }

    void add(byte[] envelope) {
        envelopes.add(envelope);
        bytes += size(envelope);
    }

    int count() {
        return envelopes.size();
    }

    int bytes() {
        return bytes;
    }

    byte[] batch() {
        byte[] batch = new byte[bytes];
        CodedOutputStream out = CodedOutputStream.newInstance(batch);
        try {
            for (byte[] envelope : envelopes) {
                out.writeByteArray(BATCH, envelope);
            }
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // the array has just the size that was asked for
        }
        return batch;
    }
}
