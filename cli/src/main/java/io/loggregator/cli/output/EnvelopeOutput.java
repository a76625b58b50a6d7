package io.loggregator.cli.output;

import com.google.protobuf.InvalidProtocolBufferException;
import io.loggregator.cli.client.Follower;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope;

/**
 * Prints envelopes: gathers them while they come fast, and hands on what it has as soon as they pause. Used by one
 * thread.
 */
public final class EnvelopeOutput implements Follower.Sink {
    private final OutputStream out;
    private final EnvelopeFormat format;
    private final Predicate<Envelope> wanted;
    private final long limit;
    private final Consumer<String> notices;
    private long written;
    private boolean saidUndecodable;

    /**
     * Prints the first {@code limit} envelopes that are {@code wanted}. {@code notices} hears once if there are messages
     * that are no envelopes.
     */
    public EnvelopeOutput(
            OutputStream out, EnvelopeFormat format, Predicate<Envelope> wanted, long limit, Consumer<String> notices) {
        this.out = new BufferedOutputStream(out, 1 << 16);
        this.format = format;
        this.wanted = wanted;
        this.limit = limit;
        this.notices = notices;
    }

    @Override
    public boolean envelope(byte[] bytes) throws OutputClosed {
        Envelope envelope;
        try {
            envelope = Envelope.parseFrom(bytes);
        } catch (InvalidProtocolBufferException notV1) {
            if (!saidUndecodable) {
                saidUndecodable = true;
                notices.accept("skipped a message that is no v1 envelope; further ones are skipped without a word");
            }
            return true;
        }
        return envelope(envelope);
    }

    /** As {@link #envelope(byte[])}, for one that is decoded already. */
    public boolean envelope(Envelope envelope) throws OutputClosed {
        if (wanted.test(envelope)) {
            try {
                format.write(envelope, out);
            } catch (IOException closed) {
                throw new OutputClosed(closed);
            }
            written++;
        }
        return written < limit;
    }

    @Override
    public void idle() throws OutputClosed {
        try {
            out.flush();
        } catch (IOException closed) {
            throw new OutputClosed(closed);
        }
    }
}
